"""Reading statements and their lines."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from o2c.core import clock
from o2c.core.money import ZERO
from o2c.ledger.queries import posting_date_for
from o2c.masters.models import BankAccount
from reconciliation.models import (
    LIVE,
    BankLine,
    BankStatement,
    Match,
    MatchShare,
    MatchState,
    StatementState,
)
from reconciliation.rules import Chain, ChainEntry, Held, Piece


def open_lines() -> QuerySet[BankLine]:
    """Lines that nobody has explained yet."""
    return BankLine.objects.filter(payment=None, ignored_reason="").select_related("statement")


def lines_to_work() -> QuerySet[BankLine]:
    """The cash clerk's queue: open lines of money in, and of money out that we can say something
    about: it pays a credit back, takes a payment back, or was entered by hand."""
    return open_lines().filter(Q(amount__gt=0) | Q(has_live_match=True))


def open_line_after(line: BankLine) -> BankLine | None:
    """The next line of the statement that waits for the clerk."""
    following = lines_to_work().filter(statement=line.statement, line_number__gt=line.line_number)
    return following.order_by("line_number").first()


def statements() -> QuerySet[BankStatement]:
    """Statements with account and neighbours at hand, and `open_lines`: how many lines nobody
    has explained."""
    unexplained = (
        BankLine.objects.filter(statement=OuterRef("pk"), payment=None, ignored_reason="")
        .order_by()
        .values("statement")
        .annotate(count=Count("pk"))
    )
    return BankStatement.objects.select_related("account", "follows", "replaced_by").annotate(
        open_lines=Coalesce(Subquery(unexplained.values("count")), 0)
    )


def replaced_by(statement: BankStatement) -> QuerySet[BankStatement]:
    """The earlier copies a statement stands for now, oldest first."""
    return statement.replaces.order_by("pk")


def lines_with_match() -> QuerySet[BankLine]:
    """Lines with what we make of them: `tier` and `match_state` of the live match, if any."""
    live = Match.objects.filter(bank_line=OuterRef("pk"), state__in=LIVE)
    return BankLine.objects.select_related("statement", "account").annotate(
        tier=Subquery(live.values("tier")[:1]), match_state=Subquery(live.values("state")[:1])
    )


def lines_with_payment() -> QuerySet[BankLine]:
    """Lines with statement, account and the payment they became at hand."""
    return BankLine.objects.select_related("statement", "account", "payment")


def matches() -> QuerySet[Match]:
    """Matches with payer, line and statement at hand."""
    return Match.objects.select_related("bank_line__statement", "payer", "payment")


def shown_match(line: BankLine) -> Match | None:
    """What is proposed for a line, or applied, with its payer and payment."""
    shown = line.matches.filter(state__in=LIVE).select_related("payer", "payment")
    return shown.order_by("-pk").first()


def matches_beside(line: BankLine, live: Match | None) -> QuerySet[Match]:
    """The other matches of a line, newest first."""
    others = line.matches.exclude(pk=live.pk) if live else line.matches.all()
    return others.order_by("-pk")


def shares_of(match: Match) -> QuerySet[MatchShare]:
    """What a match is split into, in order."""
    return shares_shown().filter(match=match)


def shares_shown() -> QuerySet[MatchShare]:
    """Shares with what a page says of them."""
    related = ("match", "open_item__customer", "credit_item", "payer")
    return MatchShare.objects.select_related(*related).order_by("pk")


def matches_to_apply(tiers: Iterable[str], statement_id: int | None = None) -> QuerySet[Match]:
    """Proposed matches of these tiers, oldest first; of one statement, or of all that fit."""
    proposed = Match.objects.filter(state=MatchState.PROPOSED, tier__in=list(tiers))
    if statement_id is not None:
        proposed = proposed.filter(bank_line__statement=statement_id)
    else:
        fits = Q(bank_line__statement__problem="") | ~Q(bank_line__statement__accepted_reason="")
        proposed = proposed.filter(fits)
    return proposed.select_related("bank_line__statement", "payer").order_by("pk")


def sums_by_currency(matches: QuerySet[Match]) -> QuerySet[Any]:
    """How many matches there are in each currency, and their money in and out (negative)."""
    amount = "bank_line__amount"
    return (
        matches.order_by()
        .values(currency=F("bank_line__currency"))
        .annotate(
            count=Count("pk"),
            money_in=Coalesce(Sum(amount, filter=Q(bank_line__amount__gt=0)), ZERO),
            money_out=Coalesce(Sum(amount, filter=Q(bank_line__amount__lt=0)), ZERO),
        )
        .order_by("currency")
    )


def lines_of(statement: BankStatement) -> QuerySet[BankLine]:
    """The lines of a statement with their live matches, payers and shares."""
    live = (
        Match.objects.filter(state__in=LIVE)
        .select_related("payer")
        .prefetch_related(Prefetch("shares", shares_shown()))
    )
    return (
        statement.lines.select_related("payment")
        .prefetch_related(Prefetch("matches", live, to_attr="live_matches"))
        .order_by("line_number")
    )


def statement_before(account: BankAccount, statement_id: int | None = None) -> BankStatement | None:
    """The last statement of the account that has a closing balance."""
    earlier = BankStatement.objects.filter(account=account, closing__isnull=False).exclude(
        state=StatementState.REPLACED
    )
    if statement_id is not None:
        earlier = earlier.filter(pk__lt=statement_id)
    return earlier.order_by("-closing_date", "-pk").first()


def chain_of_account(account_id: int, keys: Collection[str]) -> Chain:
    """The statements of an account, with the lines of those that hold a line with one of `keys`."""
    rows = BankStatement.objects.filter(account=account_id).values_list(
        "pk", "statement_id", "sequence", "opening", "closing", "closing_date", "content_digest",
        "follows", "problem", "replaced_by",
    )  # fmt: skip
    held = {
        pk: Held(
            pk,
            Piece(name, sequence, opening, closing, closed_on or date.max, digest),
            follows=follows,
            fits=not problem,
            replaced_by=newer,
        )
        for pk, name, sequence, opening, closing, closed_on, digest, follows, problem, newer in rows
    }
    sharing = BankLine.objects.filter(account=account_id, dedup_key__in=keys).values("statement")
    lines = (
        BankLine.objects.filter(statement__in=sharing)
        .exclude(statement__state=StatementState.REPLACED)
        .order_by("statement", "line_number")
        .values_list("statement_id", "dedup_key", "amount")
    )
    entries: dict[int, list[ChainEntry]] = {}
    for statement_id, key, amount in lines:
        entries.setdefault(statement_id, []).append(ChainEntry(key, amount))
    return Chain(held, entries)


def booking_day(line: BankLine) -> date:
    """The day on which a line is posted: its own, else the first open one after its closed month.

    Nothing is asked for a line of this month, which cannot be closed yet.
    """
    if line.entry_date >= clock.today().replace(day=1):
        return line.entry_date
    return posting_date_for(line.entry_date)
