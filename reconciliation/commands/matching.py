"""Proposing what bank lines pay, and letting people choose otherwise."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.commands import command, lock, lock_where
from o2c.core.errors import Busy, RuleViolation
from o2c.core.money import ZERO, minor_units, round_to
from o2c.core.transitions import begin, begin_many, transition
from o2c.masters.models import Customer
from o2c.web.formats import amount_text
from receivables.models import OpenItem
from reconciliation.models import (
    LIVE,
    BankLine,
    BankStatement,
    Match,
    MatchShare,
    MatchState,
    MatchTier,
)
from reconciliation.queries import (
    Surroundings,
    as_json,
    credits_named_by,
    known_answers,
    surroundings,
)
from reconciliation.rules import Proposal, Share, Tier, propose_paying_back, taken_by


@command
def match_statement(statement_id: int, *, actor: Actor) -> list[Match]:
    """Propose a match for every open line of money in that has none, and for lines of money out
    that name a credit, are a payment entered by hand, or take one back. Converges.

    The number of SQL statements does not depend on the number of lines.
    """
    require(actor, "reconciliation.match_bank_statement")
    return _propose(_wanting(statement_id=statement_id), actor)


@command
def match_bank_line(line_id: int, *, actor: Actor) -> Match | None:
    """Look again at one line, dropping the proposal it has. Returns the new one, if any."""
    require(actor, "reconciliation.match_bank_statement")
    for match in lock_where(Match, bank_line_id=line_id, state=MatchState.PROPOSED):
        transition(match, "dismiss", actor=actor, reason="looked at again")
    matches = _propose(_wanting(pk=line_id), actor)
    return matches[0] if matches else None


def _wanting(**which: Any) -> list[BankLine]:
    """Lock the lines that nobody has explained and that have no live match.

    Whoever waited for the locks may have waited for somebody who proposed, so that is asked again.
    """
    lines = lock_where(BankLine, payment=None, ignored_reason="", has_live_match=False, **which)
    live = Match.objects.filter(bank_line__in=lines, state__in=LIVE)
    matched = set(live.values_list("bank_line_id", flat=True)) if lines else set()
    return [line for line in lines if line.pk not in matched]


def _propose(lines: Sequence[BankLine], actor: Actor) -> list[Match]:
    proposals = _proposals(lines)
    if not proposals:
        return []
    matches = begin_many(
        [_match(line, proposal) for line, proposal in proposals], actor=actor, event="proposed"
    )
    insert_rows(
        _share(match, share)
        for match, (_line, proposal) in zip(matches, proposals, strict=True)
        for share in proposal.shares
    )
    return matches


def _proposals(lines: Sequence[BankLine]) -> list[tuple[BankLine, Proposal]]:
    """One proposal per line of money in, in their order, then those of money out.

    A line that is a payment in the books, or takes one back, settles nothing.
    """
    taken: dict[int, Decimal] = {}
    received = [line for line in lines if line.amount > 0]
    around = surroundings(received)
    known = known_answers(lines, {line.pk for line in received if around.names_debts(line)})
    received = [line for line in received if line.pk not in known]
    paid = [line for line in lines if line.amount < 0 and line.pk not in known]
    return [
        *zip(received, _for_money_in(around, received, taken), strict=True),
        *_for_money_out(paid, taken),
        *((line, known[line.pk]) for line in lines if line.pk in known),
    ]


def _for_money_in(
    around: Surroundings, lines: Sequence[BankLine], taken: dict[int, Decimal]
) -> list[Proposal]:
    """Proposals that can all be applied together; what they take is added to `taken`.

    No two take the same of an open item: the surest line comes first, and another that wants it
    is looked at again without it.
    """
    answers = [around.answer(line) for line in lines]
    for n in sorted(range(len(lines)), key=lambda n: list(Tier).index(answers[n].tier)):
        if taken.keys() & taken_by([answers[n]]).keys():
            answers[n] = around.answer(lines[n], taken)
        _take(answers[n], taken)
    return answers


def _for_money_out(
    lines: Sequence[BankLine], taken: dict[int, Decimal]
) -> Iterator[tuple[BankLine, Proposal]]:
    """Only what names a credit is proposed; the rest of money out is no customer's business."""
    paid = [line for line in lines if not line.comes_back]
    if not paid:
        return
    named = credits_named_by(paid)
    for line in paid:
        left = {
            pk: credit.without(abs(taken.get(pk, ZERO))) for pk, credit in named.credits.items()
        }
        proposal = propose_paying_back(named.facts[line.pk], left)
        if proposal is not None:
            _take(proposal, taken)
            yield line, proposal


def _take(proposal: Proposal, taken: dict[int, Decimal]) -> None:
    for item_id, amount in taken_by([proposal]).items():
        taken[item_id] = taken.get(item_id, ZERO) + amount


def _share(match: Match, share: Share) -> MatchShare:
    return MatchShare(
        match=match,
        open_item_id=share.item_id,
        credit_item_id=share.credit_id,
        payer_id=share.payer_id,
        amount=share.amount,
        discount=share.discount,
    )


def _match(line: BankLine, proposal: Proposal) -> Match:
    return Match(
        bank_line=line,
        kind=str(proposal.purpose),
        payment_id=proposal.payment_id,
        tier=str(proposal.tier),
        payer_id=proposal.payer_id,
        evidence=as_json(proposal.evidence),
        on_account=proposal.on_account,
    )


@command
def choose_match(
    line_id: int, *, payer_id: int, shares: Sequence[Share] = (), actor: Actor
) -> Match:
    """Say by hand who paid, or was paid back, and what; replaces the proposal.

    What is left goes on account.

    Raises RuleViolation when a share is no amount above zero, an item is named twice or is not
    the payer's, or the shares exceed the line.
    """
    require(actor, "reconciliation.choose_match")
    if any(share.amount <= 0 or share.discount < 0 for share in shares):
        raise RuleViolation(
            _("Each share must be more than nothing. Leave out the others."), field="shares"
        )
    if len({share.item_id for share in shares}) < len(shares):
        raise RuleViolation(_("An item is named twice. Give it one amount."), field="shares")
    line = take_line(line_id, reason="chosen by hand", actor=actor)
    refuse_explained(line)
    _refuse_foreign(line, payer_id, shares)
    used = sum((share.amount for share in shares), Decimal(0))
    if used > line.size:
        raise RuleViolation(
            _("%(used)s is more than the line's %(amount)s.")
            % {
                "used": amount_text(used, line.currency),
                "amount": amount_text(line.size, line.currency),
            },
            field="shares",
        )
    match = begin(
        Match(
            bank_line=line,
            tier=MatchTier.MANUAL,
            payer_id=payer_id,
            evidence=[{"kind": "chosen", "value": actor.get_username(), "other": ""}],
            on_account=line.size - used,
        ),
        actor=actor,
        event="chosen",
    )
    insert_rows(_share(match, share) for share in shares)
    return match


@command
def dismiss_match(match_id: int, *, reason: str = "", actor: Actor) -> Match:
    """Drop a proposal; the line waits for a person."""
    return transition(lock(Match, match_id), "dismiss", actor=actor, reason=reason)


def _refuse_foreign(line: BankLine, payer_id: int, shares: Sequence[Share]) -> None:
    """Refuse a payer there is none of, items that are not the payer's, and fractions of a cent."""
    if not Customer.objects.filter(pk=payer_id).exists():
        raise RuleViolation(_("There is no such payer. Choose a customer."), field="payer")
    places = minor_units(line.currency)
    if any(round_to(x, places) != x for share in shares for x in (share.amount, share.discount)):
        raise RuleViolation(
            _("Amounts in %(currency)s have at most %(places)s decimals.")
            % {"currency": line.currency, "places": places},
            field="shares",
        )
    wanted = [share.item_id for share in shares if share.item_id is not None]
    theirs = OpenItem.objects.filter(pk__in=wanted, customer=payer_id, currency=line.currency)
    if wanted and theirs.count() < len(wanted):
        raise RuleViolation(
            _("Not all of these items are the payer's and in %(currency)s. Choose again.")
            % {"currency": line.currency},
            field="shares",
        )
    if line.amount < 0 and theirs.filter(original__gt=0).exists():
        raise RuleViolation(
            _("%(line)s is money out: it pays back credits. Leave the debts out.") % {"line": line},
            field="shares",
        )


def take_line(line_id: int, *, reason: str, actor: Actor) -> BankLine:
    """Lock a line about which a person has the word; the proposal it has is dropped for `reason`.

    Raises Busy when another proposal comes at the same moment.
    """
    for match in lock_where(Match, bank_line_id=line_id, state=MatchState.PROPOSED):
        transition(match, "dismiss", actor=actor, reason=reason)
    line = lock(BankLine, line_id, related=("statement",))
    if Match.objects.filter(bank_line=line, state=MatchState.PROPOSED).exists():
        raise Busy
    return line


def refuse_explained(line: BankLine) -> None:
    """Raise RuleViolation when the line is applied or ignored, saying how that is taken back."""
    if line.payment_id is not None:
        raise RuleViolation(
            _("%(line)s is settled already: it is applied. Undo its match first.") % {"line": line}
        )
    if line.ignored_reason:
        raise RuleViolation(
            _("%(line)s is settled already: it is ignored. Take it back into the queue first.")
            % {"line": line}
        )


def refuse_untrusted(statement: BankStatement) -> None:
    """Raise RuleViolation when the balances of a statement do not fit and nobody accepted that."""
    if statement.problem and not statement.accepted_reason:
        raise RuleViolation(
            _("%(statement)s cannot be posted from: %(problem)s Accept its balances first.")
            % {"statement": statement, "problem": statement.problem}
        )
