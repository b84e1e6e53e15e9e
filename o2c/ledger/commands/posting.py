"""Posting entries and reversing them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.commands import command
from o2c.core.days import PastDay
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.work import assert_in_command
from o2c.ledger.commands.periods import begin_period
from o2c.ledger.commands.refusals import PeriodClosed, PeriodMissing, PostedOtherwise
from o2c.ledger.commands.writing import Drafted, write_entries
from o2c.ledger.models import Account, Entry, Line, Period, PeriodState, Role
from o2c.ledger.rules import Posting, checked, opens_by_itself
from o2c.masters.models import Company

#: The document that posts: its type ("invoicing.invoice") and primary key.
Source = tuple[str, int]


@dataclass(frozen=True)
class EntryDraft:
    """An entry to be: what `post_entry` takes."""

    source: Source
    purpose: str
    posting_date: PastDay
    lines: Sequence[Posting]
    description: str = ""


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
    draft = EntryDraft(source, purpose, posting_date, lines, description)
    return post_entries([draft], actor=actor)[0]


@command
def post_entries(drafts: Sequence[EntryDraft], *, actor: Actor) -> list[Entry | None]:
    """Post entries of different sources or purposes together, each as `post_entry` does.

    Raises as it does, and then none is posted.
    """
    unposted = [(_entry(draft, actor), checked(draft.lines)) for draft in drafts]
    posted = iter(_post([(entry, lines) for entry, lines in unposted if lines], actor))
    return [next(posted) if lines else None for _entry_, lines in unposted]


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
    draft = EntryDraft(source, purpose, posting_date, mirror, description)
    try:
        (entry,) = _post([(_entry(draft, actor, reverses_id=entry_id), mirror)], actor)
    except IntegrityError as error:  # somebody else's reversal came between
        raise _reversed_already() from error
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


def _entry(draft: EntryDraft, actor: Actor, *, reverses_id: int | None = None) -> Entry:
    return Entry(
        source_type=draft.source[0],
        source_id=draft.source[1],
        purpose=draft.purpose,
        posting_date=draft.posting_date,
        description=draft.description[:200],
        line_count=sum(not line.is_zero for line in draft.lines),
        reverses_id=reverses_id,
        recorded_at=clock.now(),
        recorded_by=actor.get_username(),
    )


def _post(drafts: Sequence[Drafted], actor: Actor) -> list[Entry]:
    """The entries, written or those there are. Opens months on the way."""
    assert_in_command()
    entries = [entry for entry, _lines in drafts]
    missing = write_entries(drafts)
    while missing:
        entry, lines = drafts[missing[0]]
        there = Entry.objects.filter(
            source_type=entry.source_type, source_id=entry.source_id, purpose=entry.purpose
        ).first()
        if there:
            _refuse_other_lines(there, lines)
            entries[missing.pop(0)] = there
            continue
        if refusal := why_not_open(entry.posting_date):
            raise refusal
        begin_period(entry.posting_date, actor=actor)
        left = write_entries([drafts[nr] for nr in missing])
        assert 0 not in left, "the month is open and the entry is new"
        missing = [missing[nr] for nr in left]
    return entries


def why_not_open(day: date) -> PeriodClosed | None:
    """Why nothing is posted on a day whose month is not open; None when posting would open it.

    A month that nobody ever opened is as closed as those after it.
    """
    if Period.objects.filter(end_date__gte=day, state=PeriodState.CLOSED).exists():
        return PeriodClosed(day)
    return None if opens_by_itself(day, clock.today()) else PeriodMissing(day)


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
    return post_entry(source, "stock", posting_date, lines, actor=actor, description=description)
