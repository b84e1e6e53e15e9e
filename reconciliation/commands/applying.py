"""Applying a match: the payment is recorded and settles what it names, all in one transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from o2c.core.actors import SYSTEM, Actor, require
from o2c.core.bulk import update_rows
from o2c.core.commands import command, hold, lock, lock_all, lock_now, lock_where
from o2c.core.compiled import compiled
from o2c.core.errors import RuleViolation
from o2c.core.money import ZERO
from o2c.core.transitions import transition, transition_many
from receivables.commands import (
    Receipt,
    allocate_credit,
    part_bank_line,
    reverse_credit_application,
    reverse_payment,
    settle,
)
from receivables.commands.repayments import lock_with_partners
from receivables.models import (
    Allocation,
    CreditApplication,
    CreditApplicationState,
    Direction,
    OpenItem,
    Payment,
)
from receivables.rules.allocation import Share as Allocated
from reconciliation.commands.known import carry_out
from reconciliation.commands.learning import learn, unlearn
from reconciliation.commands.matching import (
    choose_match,
    refuse_explained,
    refuse_untrusted,
    take_line,
)
from reconciliation.models import (
    BankLine,
    BankStatement,
    Match,
    MatchKind,
    MatchShare,
    MatchState,
    StatementState,
)
from reconciliation.queries import booking_day
from reconciliation.rules import Share


@command
def apply_match(match_id: int, *, actor: Actor) -> Match:
    """Record the payment of a bank line and allocate it as its match says; the rest on account.

    A line that several customers paid gives a payment of each. Credits are used first, then the
    money. What leaves the bank beyond what the customer has with us waits for approval, not
    applied. Locks match, line, then open items. Raises RuleViolation when the statement's
    balances do not fit, the line is settled, or an item is no longer open that much.
    """
    require(actor, Match.permission("apply"))
    match = lock(Match, match_id)
    (line,) = _lock_lines([match])
    if match.kind != MatchKind.SETTLES:
        return carry_out(match, line, actor=actor)
    _settle([(match, line)], actor)
    return match


@command
def apply_together(match_ids: Collection[int], *, actor: Actor) -> list[Match]:
    """Apply matches of money in as `apply_match` does, all or none, as one set.

    The number of statements is that of one match. Raises RuleViolation as `apply_match` does.
    """
    require(actor, Match.permission("apply"))
    lock_all(Match, match_ids)
    matches = [lock(Match, match_id) for match_id in sorted(match_ids)]
    _settle(list(zip(matches, _lock_lines(matches), strict=True)), actor)
    return matches


def _lock_lines(matches: Sequence[Match]) -> list[BankLine]:
    """Lock the lines of matches, in their order. Raises RuleViolation where one is explained."""
    held = lock_all(BankLine, [match.bank_line_id for match in matches], related=("statement",))
    lines = [held[match.bank_line_id] for match in matches]
    for line in lines:
        refuse_untrusted(line.statement)
        refuse_explained(line)
    return lines


def _settle(pairs: Sequence[tuple[Match, BankLine]], actor: Actor) -> None:
    """Move the matches, use their credits, record their payments, and learn who pays from where."""
    matches = [match for match, _line in pairs]
    shares = _shares_by_match(matches)
    facts = [{"line": str(line), "tier": match.tier} for match, line in pairs]
    transition_many(matches, "apply", actor=actor, facts=facts)
    _use_credits([share for some in shares.values() for share in some], actor)
    receipts = [list(_receipts(match, line, shares[match.pk])) for match, line in pairs]
    lines: dict[int | None, BankLine] = {line.pk: line for _match, line in pairs}
    for payment in settle(list(chain.from_iterable(receipts)), actor=actor):
        if payment.bank_line_part == 1:
            lines[payment.bank_line_id].payment = payment
    _write(list(lines.values()))
    # Who pays for others, too, is none of them.
    learn([pair for pair, some in zip(pairs, receipts, strict=True) if len(some) == 1])


def _shares_by_match(matches: Sequence[Match]) -> dict[int, list[MatchShare]]:
    shares: dict[int, list[MatchShare]] = {match.pk: [] for match in matches}
    for share in _shares_of(list(shares)):
        shares[share.match_id].append(share)
    return shares


@compiled
def _shares_of(match_ids: list[int]) -> "QuerySet[MatchShare]":
    return MatchShare.objects.filter(match__in=match_ids).select_related("open_item").order_by("pk")


def _use_credits(shares: Iterable[MatchShare], actor: Actor) -> None:
    """Use the credits of a match for the debts it says, and note how."""
    used = [share for share in shares if share.credit_item_id is not None]
    if not used:
        return
    items = [pk for share in shares for pk in (share.open_item_id, share.credit_item_id)]
    lock_all(OpenItem, [pk for pk in items if pk is not None])
    for share in used:
        assert share.credit_item_id is not None, share
        assert share.open_item_id is not None, share
        debt = Allocated(share.open_item_id, share.amount)
        share.credit_application = allocate_credit(share.credit_item_id, shares=[debt], actor=actor)
    update_rows(used, ["credit_application"])


def _receipts(
    match: Match,
    line: BankLine,
    shares: Iterable[MatchShare],
) -> Iterator[Receipt]:
    """What each payer has paid with the line, the main one first; together they make the line."""
    amounts: dict[int | None, Decimal] = {match.payer_id: match.on_account}
    allocated: dict[int | None, list[Allocated]] = defaultdict(list)
    for share in shares:
        payer_id = share.payer_id
        if share.credit_item_id is not None:
            continue
        if share.open_item is not None:
            payer_id = share.open_item.customer_id
            allocated[payer_id].append(Allocated(share.open_item.pk, share.amount, share.discount))
        amounts[payer_id] = amounts.get(payer_id, ZERO) + share.amount
    paid = [(payer_id, amount) for payer_id, amount in amounts.items() if amount]
    day = booking_day(line)
    for part, (payer_id, amount) in enumerate(paid, 1):
        yield Receipt(
            bank_account_id=line.account_id,
            amount=amount,
            direction=Direction.IN if line.amount > 0 else Direction.OUT,
            currency=line.currency,
            value_date=line.value_date,
            posting_date=day,
            customer_id=payer_id,
            reference=(line.text or line.end_to_end_id)[:500],
            payer_name=line.counterparty_name,
            bank_line_id=line.pk,
            bank_line_part=part,
            shares=allocated[payer_id],
        )


@command
def apply_choice(
    line_id: int, *, payer_id: int, shares: Sequence[Share] = (), actor: Actor
) -> Match:
    """Say by hand who paid and what, and apply it: both or neither.

    What cannot be applied leaves the proposal as it was. Locks and raises as `choose_match` and
    `apply_match` do.
    """
    match = hold(choose_match(line_id, payer_id=payer_id, shares=shares, actor=actor))
    return apply_match(match.pk, actor=actor)


@command
def undo_match(match_id: int, *, reason: str, actor: Actor) -> Match:
    """Take an applied match back: its payments are reversed with all allocations, as a mirror.

    A payment that was entered by hand stays, and only leaves the line. Credits it used are given
    back. The line is open again, and what only this match taught about the payer is forgotten.
    Locks match, line, payments, used credits, then open items. Raises RuleViolation without a
    reason, and when its statement is reconciled.
    """
    if not reason.strip():
        raise RuleViolation(_("Say why the match is undone."), field="reason")
    match = lock(Match, match_id)
    line = lock(BankLine, match.bank_line_id)
    _refuse_reconciled(line)
    match.undone_reason = reason.strip()[:200]
    transition(match, "undo", actor=actor, reason=reason.strip())
    payments = lock_where(Payment, bank_line_id=line.pk, reversed_date=None)
    assert payments, f"{match} was applied without a payment"
    if len(payments) > 1:  # before the items of all of them
        for payment in payments:
            lock_with_partners(payment.pk)
    uses = match.shares.filter(credit_application__state=CreditApplicationState.APPLIED)
    credits = lock_all(CreditApplication, uses.values_list("credit_application_id", flat=True))
    _hold_items(payments, credits)
    for payment in payments:
        if match.kind == MatchKind.JOINS:
            part_bank_line(payment.pk, reason=reason, actor=actor)
        else:
            reverse_payment(payment.pk, reason=reason, actor=actor)
    for application_id in credits:
        reverse_credit_application(application_id, reason=reason, actor=actor)
    line.payment = None
    _write([line])
    if len(payments) == 1:
        unlearn(match, line)
    return match


def _hold_items(payments: Sequence[Payment], credits: Collection[int]) -> None:
    """Lock what several payments and credits have settled in one go, in the order of the rows."""
    if len(payments) + len(credits) < 2:
        return
    used = Allocation.objects.filter(
        Q(payment__in=payments) | Q(credit_application__in=list(credits))
    )
    found = used.values_list("open_item_id", "credit_item_id")
    lock_all(OpenItem, {pk for pks in found for pk in pks if pk is not None})


@command
def free_bank_line(payment_id: int, *, actor: Actor) -> None:
    """A payment was reversed by itself: its bank line is open again, its match undone. Converges.

    Runs in the reversing transaction, which holds later rows already. Line and match come out of
    turn, so they are taken without waiting. Raises RuleViolation when the statement is reconciled,
    and when the line paid more than this payment.
    """
    payment = lock(Payment, payment_id)
    if payment.bank_line_id is None:
        return
    line = lock_now(BankLine.objects.filter(pk=payment.bank_line_id, payment__isnull=False))
    if line is None:
        return
    _refuse_reconciled(line)
    matches = Match.objects.filter(bank_line=line, state=MatchState.APPLIED)
    match = lock_now(matches)
    assert match is not None, f"{line} was paid without a match"
    _refuse_part(match, line, payment)
    match.undone_reason = _("Its payment was reversed.")
    transition(match, "undo", actor=SYSTEM, reason=match.undone_reason)
    line.payment = None
    _write([line])
    unlearn(match, line)


def _refuse_part(match: Match, line: BankLine, payment: Payment) -> None:
    """Refuse to take back a part of what a line did: the match takes all of it back."""
    others = Payment.objects.filter(bank_line_id=line.pk, reversed_date=None)
    credits = match.shares.filter(credit_application__state=CreditApplicationState.APPLIED)
    if others.exclude(pk=payment.pk).exists() or credits.exists():
        raise RuleViolation(
            _(
                "%(payment)s is only a part of what %(line)s settled. Undo %(match)s instead: that "
                "takes all of it back."
            )
            % {"payment": payment, "line": line, "match": match}
        )


@command
def ignore_bank_line(line_id: int, *, reason: str, actor: Actor) -> BankLine:
    """Say why a line is none of receivables' business: a charge, a transfer, a supplier's refund.

    A live proposal for it is dropped. Raises RuleViolation.
    """
    require(actor, "reconciliation.ignore_bank_line")
    if not reason.strip():
        raise RuleViolation(_("Say why the line is ignored."), field="reason")
    line = take_line(line_id, reason=reason.strip(), actor=actor)
    refuse_explained(line)
    line.ignored_reason, line.ignored_by = reason.strip()[:200], actor.get_username()
    _write([line])
    return line


@command
def reopen_bank_line(line_id: int, *, actor: Actor) -> BankLine:
    """Take an ignored line back into the queue."""
    require(actor, "reconciliation.ignore_bank_line")
    line = lock(BankLine, line_id, related=("statement",))
    _refuse_reconciled(line)
    if not line.ignored_reason:
        raise RuleViolation(
            _("%(line)s is not ignored; there is nothing to take back.") % {"line": line}
        )
    line.ignored_reason = line.ignored_by = ""
    _write([line])
    return line


@command
def reconcile_bank_statement(statement_id: int, *, actor: Actor) -> BankStatement:
    """Sign a statement off when every line of it is explained.

    Locks all its lines, so that none is opened again meanwhile.
    """
    statement = lock(BankStatement, statement_id)
    lock_where(BankLine, statement_id=statement_id)
    return transition(statement, "reconcile", actor=actor)


def _refuse_reconciled(line: BankLine) -> None:
    """Refuse to open a line of a statement that is signed off.

    Read when the line is held already: whoever signs off holds every line.
    """
    statement = BankStatement.objects.get(pk=line.statement_id)
    if statement.state == StatementState.REPLACED:
        raise RuleViolation(
            _("%(statement)s is replaced: its lines stay as they are.") % {"statement": statement}
        )
    if statement.state == StatementState.RECONCILED:
        raise RuleViolation(
            _(
                "%(statement)s is reconciled: its lines and their payments stay. What a payment "
                "was applied to can still be taken back, and a payment that bounced came back as "
                "an event of its own: record its return."
            )
            % {"statement": statement}
        )


def _write(lines: Sequence[BankLine]) -> None:
    update_rows(lines, ["payment", "ignored_reason", "ignored_by"])
