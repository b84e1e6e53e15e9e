"""Reading statements and their lines."""

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from o2c.masters.models import BankAccount
from reconciliation.models import BankLine, BankStatement, Match, MatchShare, MatchState


def open_lines() -> QuerySet[BankLine]:
    """Lines of money in that nobody has explained yet, oldest first: the cash clerk's queue."""
    return BankLine.objects.filter(payment=None, ignored_reason="").select_related("statement")


def with_open_lines(statements: QuerySet[BankStatement]) -> QuerySet[BankStatement]:
    """Statements with `open_lines`: how many of their lines nobody has explained."""
    unexplained = (
        BankLine.objects.filter(statement=OuterRef("pk"), payment=None, ignored_reason="")
        .order_by()
        .values("statement")
        .annotate(count=Count("pk"))
    )
    return statements.annotate(open_lines=Coalesce(Subquery(unexplained.values("count")), 0))


def live_match(lines: QuerySet[BankLine]) -> QuerySet[BankLine]:
    """Lines with what we make of them: `tier` and `match_state` of the live match, if any."""
    live = Match.objects.filter(
        bank_line=OuterRef("pk"), state__in=[MatchState.PROPOSED, MatchState.APPLIED]
    )
    return lines.annotate(
        tier=Subquery(live.values("tier")[:1]), match_state=Subquery(live.values("state")[:1])
    )


def shares_shown() -> QuerySet[MatchShare]:
    """Shares with what a page says of them."""
    related = ("match", "open_item__customer", "credit_item", "payer")
    return MatchShare.objects.select_related(*related).order_by("pk")


def lines_of(statement: BankStatement) -> list[BankLine]:
    """The lines of a statement with their live matches, payers and shares. Three statements."""
    live = (
        Match.objects.filter(state__in=[MatchState.PROPOSED, MatchState.APPLIED])
        .select_related("payer")
        .prefetch_related(Prefetch("shares", shares_shown()))
    )
    return list(
        statement.lines.select_related("payment")
        .prefetch_related(Prefetch("matches", live, to_attr="live_matches"))
        .order_by("line_number")
    )


def statement_before(account: BankAccount, statement_id: int | None = None) -> BankStatement | None:
    """The last statement of the account that has a closing balance. One statement."""
    earlier = BankStatement.objects.filter(account=account, closing__isnull=False)
    if statement_id is not None:
        earlier = earlier.filter(pk__lt=statement_id)
    return earlier.order_by("-closing_date", "-pk").first()
