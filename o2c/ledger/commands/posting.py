"""Posting entries and reversing them."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, IntegrityError, connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from o2c.core import clock, prepared
from o2c.core.actors import Actor
from o2c.core.commands import command
from o2c.core.days import PastDay
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.work import assert_in_command
from o2c.ledger.commands.periods import begin_period
from o2c.ledger.models import Account, Entry, Line, Period, PeriodState, Role
from o2c.ledger.models.entries import PERIOD_CLOSED
from o2c.ledger.rules import Posting, checked, opens_by_itself
from o2c.masters.models import Company

#: The document that posts: its type ("invoicing.invoice") and primary key.
Source = tuple[str, int]


class PeriodClosed(RuleViolation):
    """The posting date lies in a month that is not open."""

    status = 409
    sentence = gettext_lazy("%(month)s is closed. Choose a later date, or have the month reopened.")

    def __init__(self, posting_date: date) -> None:
        super().__init__(self.sentence % {"month": f"{posting_date:%Y-%m}"}, field="posting_date")


class PeriodMissing(PeriodClosed):
    """The posting date lies in a month that nobody has opened."""

    sentence = gettext_lazy(
        "No month %(month)s is open; a controller can open it. Only this month and the next one "
        "open by themselves."
    )


class AccountMissing(RuleViolation):
    """No account plays a role that the posting needs."""


class PostedOtherwise(RuleViolation):
    """The source has posted for this purpose before, and not the same."""

    status = 409


_INSERT_ENTRY = f"""
WITH v AS (
    SELECT * FROM unnest(%(roles)s::text[], %(accounts)s::bigint[], %(banks)s::bigint[],
        %(customers)s::bigint[], %(currencies)s::text[], %(amounts)s::numeric[],
        %(bases)s::numeric[]) WITH ORDINALITY
    AS v(role, account_id, bank_id, customer_id, currency, amount, base_amount, number)
), entry AS (
    INSERT INTO ledger_entry (source_type, source_id, purpose, posting_date, period_id,
        description, line_count, reverses_id, recorded_at, recorded_by)
    SELECT %(source_type)s, %(source_id)s, %(purpose)s, %(posting_date)s, p.id,
        %(description)s, %(line_count)s, %(reverses_id)s, %(recorded_at)s, %(recorded_by)s
    FROM ledger_period AS p
    WHERE %(posting_date)s::date BETWEEN p.start_date AND p.end_date
        AND p.state = '{PeriodState.OPEN}'
    ON CONFLICT (source_type, source_id, purpose) DO NOTHING
    RETURNING id, number, period_id
), lines AS (
    INSERT INTO ledger_line (entry_id, number, account_id, customer_id, currency, amount,
        base_amount, posting_date)
    SELECT entry.id, v.number, a.id, v.customer_id, v.currency, v.amount, v.base_amount,
        %(posting_date)s
    FROM entry CROSS JOIN v CROSS JOIN LATERAL (
        SELECT id FROM ledger_account AS a
        WHERE a.id = v.account_id OR (a.role = v.role
            AND (a.bank_account_id IS NULL OR a.bank_account_id = v.bank_id))
        ORDER BY a.bank_account_id NULLS LAST LIMIT 1
    ) AS a
    ORDER BY v.number
    RETURNING number
)
SELECT entry.id, entry.number, entry.period_id, (SELECT count(*) FROM lines) FROM entry
"""


@command
def post_entry(
    source: Source,
    purpose: str,
    posting_date: PastDay,
    lines: Sequence[Posting],
    *,
    actor: Actor,
    description: str = "",
) -> Entry | None:
    """Post one entry for good: it is never edited, only reversed.

    The present month and the next are opened by their first posting, any other by a person.

    Zero lines are dropped; None when nothing is left. Posting the same again gives the entry
    there is. Raises EntryDoesNotBalance (a bug), PeriodClosed, AccountMissing, PostedOtherwise.
    """
    return _post(source, purpose, posting_date, checked(lines), actor, description)


@command
def reverse_entry(
    entry_id: int,
    posting_date: PastDay,
    *,
    source: Source,
    purpose: str,
    actor: Actor,
    description: str = "",
) -> Entry:
    """Post the exact mirror of an entry, under its own source and date.

    Raises RuleViolation when the entry is reversed already or is itself a reversal.
    """
    mirror, reverses_reversal, reversed_by = _mirror_of(entry_id)
    if reverses_reversal:
        raise RuleViolation(_("A reversal is not reversed; post again what is right."))
    if reversed_by is not None and reversed_by != (*source, purpose):
        raise _reversed_already()
    try:
        entry = _post(
            source, purpose, posting_date, mirror, actor, description, reverses_id=entry_id
        )
    except IntegrityError as error:  # somebody else's reversal came between
        raise _reversed_already() from error
    assert entry is not None, "an entry has lines"
    return entry


def _reversed_already() -> RuleViolation:
    return RuleViolation(_("This entry is reversed already. Look at its reversal."))


def _mirror_of(entry_id: int) -> tuple[list[Posting], bool, tuple[str, int, str] | None]:
    """The mirrored lines of an entry, whether it is a reversal, and what reversed it."""
    rows = list(
        Line.objects.filter(entry=entry_id).select_related("entry__reversal").order_by("number")
    )
    if not rows:
        raise NotFound(_("Entry %(pk)s does not exist.") % {"pk": entry_id})
    entry = rows[0].entry
    reversal = getattr(entry, "reversal", None)
    by = (reversal.source_type, reversal.source_id, reversal.purpose) if reversal else None
    mirror = [
        Posting(row.account_id, -row.amount, row.currency, -row.base_amount, row.customer_id)
        for row in rows
    ]
    return mirror, entry.reverses_id is not None, by


def _post(
    source: Source,
    purpose: str,
    posting_date: date,
    lines: Sequence[Posting],
    actor: Actor,
    description: str,
    reverses_id: int | None = None,
) -> Entry | None:
    assert_in_command()
    if not lines:
        return None
    entry = Entry(
        source_type=source[0],
        source_id=source[1],
        purpose=purpose,
        posting_date=posting_date,
        description=description[:200],
        line_count=len(lines),
        reverses_id=reverses_id,
        recorded_at=clock.now(),
        recorded_by=actor.get_username(),
    )
    if _insert(entry, lines):
        return entry
    posted = Entry.objects.filter(source_type=source[0], source_id=source[1], purpose=purpose)
    if there := posted.first():
        _refuse_other_lines(there, lines)
        return there
    if refusal := why_not_open(posting_date):
        raise refusal
    begin_period(posting_date, actor=actor)
    assert _insert(entry, lines), "the month is open and the entry is new"
    return entry


def why_not_open(day: date) -> PeriodClosed | None:
    """Why nothing is posted on a day whose month is not open; None when posting would open it.

    A month that nobody ever opened is as closed as those after it.
    """
    if Period.objects.filter(end_date__gte=day, state=PeriodState.CLOSED).exists():
        return PeriodClosed(day)
    return None if opens_by_itself(day, clock.today()) else PeriodMissing(day)


def _insert(entry: Entry, lines: Sequence[Posting]) -> bool:
    """Write entry and lines; False when the month has no open period or the source has posted."""
    try:
        rows = prepared.fetch(_INSERT_ENTRY, _parameters(entry, lines))
    except DatabaseError as error:
        # The month was closed between this statement's reading and its writing.
        if getattr(error.__cause__, "sqlstate", "") == PERIOD_CLOSED:
            raise PeriodClosed(entry.posting_date) from error
        raise
    if not rows:
        return False
    ((entry.pk, entry.number, entry.period_id, written),) = rows
    entry._state.adding, entry._state.db = False, connection.alias
    if written != len(lines):
        _refuse_missing_account(lines)
    return True


def _parameters(entry: Entry, lines: Sequence[Posting]) -> dict[str, Any]:
    return {
        "roles": [line.account if isinstance(line.account, str) else None for line in lines],
        "accounts": [line.account if isinstance(line.account, int) else None for line in lines],
        "banks": [line.bank_account_id for line in lines],
        "customers": [line.customer_id for line in lines],
        "currencies": [line.currency for line in lines],
        "amounts": [line.amount for line in lines],
        "bases": [line.base_amount for line in lines],
        "source_type": entry.source_type,
        "source_id": entry.source_id,
        "purpose": entry.purpose,
        "posting_date": entry.posting_date,
        "description": entry.description,
        "line_count": entry.line_count,
        "reverses_id": entry.reverses_id,
        "recorded_at": entry.recorded_at,
        "recorded_by": entry.recorded_by,
    }


def _refuse_missing_account(lines: Sequence[Posting]) -> None:
    known = set(Account.objects.values_list("role", flat=True)) - {None}
    missing = sorted({str(line.account) for line in lines} - known)
    raise AccountMissing(
        _("No account plays the role %(roles)s. Add it to the chart of accounts.")
        % {"roles": ", ".join(missing)}
    )


def _refuse_other_lines(entry: Entry, lines: Sequence[Posting]) -> None:
    """A second posting must say the same; what differs has to be looked at."""
    roles: dict[Any, str | None] = dict(Account.objects.values_list("pk", "role"))

    def role_of(account: Any) -> Any:
        return roles.get(account) or account

    there = Counter(
        (role_of(row.account_id), row.customer_id, row.currency, row.amount, row.base_amount)
        for row in entry.lines.all()
    )
    wanted = Counter(
        (role_of(line.account), line.customer_id, line.currency, line.amount, line.base_amount)
        for line in lines
    )
    if there != wanted:
        raise PostedOtherwise(
            _("%(source)s has posted “%(purpose)s” before, and not the same.")
            % {"source": f"{entry.source_type} {entry.source_id}", "purpose": entry.purpose}
        )


@command
def post_stock_value(
    source: Source,
    value: Decimal,
    against: Role,
    posting_date: PastDay,
    *,
    actor: Actor,
    description: str = "",
) -> Entry | None:
    """Follow a stock document: inventory gains value (loses it when negative), `against` the rest.

    `against` is GOODS_RECEIVED for receipts and STOCK_ADJUSTMENT for the others. Base currency.
    None when the value is zero.
    """
    if not value:
        return None
    currency = Company.objects.values_list("base_currency", flat=True).get()
    lines = [
        Posting(Role.INVENTORY.value, value, currency, value),
        Posting(against.value, -value, currency, -value),
    ]
    return _post(source, "stock", posting_date, checked(lines), actor, description)
