"""How money meets open items: the arithmetic and the posting all settling commands share.

Callers hold the locks on the source and on every item; everything here changes the rows in
memory, writes them in bulk and posts, in a number of statements that grows neither with the
number of items nor with that of the documents.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _

from invoicing.commands import record_discounts
from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.bulk import add_to_counters, insert_rows
from o2c.core.commands import attempt
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import ZERO, minor_units, round_to
from o2c.ledger.commands import EntryDraft, PeriodClosed, Posting, post_entries
from o2c.ledger.models import Entry, Role
from o2c.ledger.queries import posting_date_for
from o2c.masters.queries import company
from o2c.web.formats import date_text, money_text
from receivables.models import Allocation, OpenItem
from receivables.rules.allocation import Share, base_of_part
from receivables.rules.discount import is_early, tax_of


@dataclass(frozen=True)
class Booking:
    """Allocations of one document, where their entries belong and what they debit.

    When somebody has chosen the day, a closed month refuses it; else the next open month takes it.
    """

    allocations: Sequence[Allocation]
    source: tuple[str, int]
    purpose: str
    debit: Role
    description: str
    day_is_chosen: bool = False


#: What becomes one entry: the allocations of a booking that count from one day.
BookingDay = tuple[Booking, date, Sequence[Allocation]]


def base_currency_of(items: Iterable[OpenItem], *also: tuple[Decimal, Decimal]) -> str:
    """The currency base values are rounded in.

    Without a statement while every amount is its own base value (then nothing is rounded);
    `also` are further pairs of amount and base value.
    """
    pairs = [(item.open_amount, item.base_open) for item in items]
    if all(amount == base for amount, base in [*pairs, *also]):
        return ""
    return company().base_currency


def clear(
    item: OpenItem, share: Share, base_currency: str, *, base_amount: Decimal | None = None
) -> Allocation:
    """Take a share off an item and return the allocation, not saved yet.

    `base_amount` (positive) is what the money is worth; by default what it clears, so that there
    is no exchange difference.
    """
    amount, discount = item.signed(share.amount), item.signed(share.discount)
    cleared = amount + discount
    base_cleared = base_of_part(cleared, item.open_amount, item.base_open, base_currency)
    base_discount = base_of_part(discount, cleared, base_cleared, base_currency)
    tax = tax_of(discount, item.early_discount, item.currency) if discount else ZERO
    item.open_amount -= cleared
    item.base_open -= base_cleared
    return Allocation(
        open_item=item,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=amount,
        discount=discount,
        discount_tax=tax,
        base_amount=(
            base_cleared - base_discount if base_amount is None else item.signed(base_amount)
        ),
        base_cleared=base_cleared,
        base_discount=base_discount,
        base_discount_tax=base_of_part(tax, discount, base_discount, base_currency),
    )


def mirror(allocation: Allocation, effective_date: date) -> Allocation:
    """The row that takes an allocation back; its item and source get back what they gave."""
    item = allocation.open_item
    item.open_amount += allocation.cleared
    item.base_open += allocation.base_cleared
    return Allocation(
        payment_id=allocation.payment_id,
        credit_application_id=allocation.credit_application_id,
        credit_item_id=allocation.credit_item_id,
        write_off_id=allocation.write_off_id,
        open_item=item,
        customer_id=allocation.customer_id,
        currency=allocation.currency,
        amount=-allocation.amount,
        discount=-allocation.discount,
        discount_tax=-allocation.discount_tax,
        base_amount=-allocation.base_amount,
        base_cleared=-allocation.base_cleared,
        base_discount=-allocation.base_discount,
        base_discount_tax=-allocation.base_discount_tax,
        effective_date=effective_date,
        reverses=allocation,
    )


def book(bookings: Sequence[Booking], *, also: Sequence[EntryDraft] = (), actor: Actor) -> None:
    """Post, save the allocations, and count them on their items; post `also` along with them.

    The items' CHECKs are the last referee.
    """
    days = list(_days(bookings))
    for (_booking, _day, group), entry in zip(days, _post(days, also, actor), strict=True):
        for allocation in group:
            allocation.entry = entry
            allocation.effective_date = entry.posting_date
            allocation.recorded_at = clock.now()
            allocation.recorded_by = actor.get_username()
    allocations = insert_rows(allocation for _booking, _day, group in days for allocation in group)
    add_to_counters(OpenItem, _changes(allocations))
    if discounts := _discounts(allocations):
        record_discounts(discounts, actor=actor)


def _days(bookings: Iterable[Booking]) -> Iterator[BookingDay]:
    """The allocations of each booking by their day, in order: an entry each."""
    for booking in bookings:
        ordered = sorted(booking.allocations, key=lambda allocation: allocation.effective_date)
        for day, group in groupby(ordered, key=lambda allocation: allocation.effective_date):
            yield booking, day, list(group)


def _discounts(allocations: Sequence[Allocation]) -> dict[int, tuple[Decimal, Decimal]]:
    """The early discounts of allocations by invoice: the whole, and the tax in it."""
    discounts: dict[int, tuple[Decimal, Decimal]] = {}
    for allocation in allocations:
        invoice_id = allocation.open_item.invoice_id
        if allocation.discount and invoice_id is not None:
            amount, tax = discounts.get(invoice_id, (ZERO, ZERO))
            discounts[invoice_id] = amount + allocation.discount, tax + allocation.discount_tax
    return discounts


def _changes(allocations: Sequence[Allocation]) -> dict[int, dict[str, Decimal]]:
    """What allocations change on the items they settle, and on the credits they use."""
    changes: dict[int, dict[str, Decimal]] = defaultdict(
        lambda: {"open_amount": ZERO, "base_open": ZERO}
    )
    for allocation in allocations:
        settled = changes[allocation.open_item_id]
        settled["open_amount"] -= allocation.cleared
        settled["base_open"] -= allocation.base_cleared
        if allocation.credit_item_id is not None:
            used = changes[allocation.credit_item_id]
            used["open_amount"] += allocation.amount
            used["base_open"] += allocation.base_amount
    return changes


def _post(days: Sequence[BookingDay], also: Sequence[EntryDraft], actor: Actor) -> list[Entry]:
    """One entry for each, in order, all together but those whose month may close now."""
    this_month = clock.today().replace(day=1)
    certain = [_draft(*each) for each in days if each[1] >= this_month]
    posted = iter(post_entries([*also, *certain], actor=actor)[len(also) :])
    entries = [
        next(posted) if each[1] >= this_month else _post_into_past(*each, actor) for each in days
    ]
    assert None not in entries, "allocations are not nothing"
    return [entry for entry in entries if entry is not None]


def _draft(booking: Booking, day: date, group: Sequence[Allocation]) -> EntryDraft:
    return EntryDraft(
        booking.source,
        f"{booking.purpose} {day:%Y-%m-%d}",
        day,
        postings(group, booking.debit),
        booking.description,
    )


def _post_into_past(
    booking: Booking, day: date, group: Sequence[Allocation], actor: Actor
) -> Entry | None:
    """An entry of a month that is over; it moves on when that month is closed.

    It may be closed while this waits for it, which fails the statement: a savepoint keeps the
    transaction.
    """
    draft = _draft(booking, day, group)
    try:
        with attempt():
            return post_entries([draft], actor=actor)[0]
    except PeriodClosed:
        if booking.day_is_chosen:
            raise
        moved = replace(draft, posting_date=posting_date_for(day))
        return post_entries([moved], actor=actor)[0]


def postings(allocations: Sequence[Allocation], debit: Role) -> list[Posting]:
    """The lines of an entry for allocations of one customer and currency.

    Money part and discount go to the debit, the item leaves AR; what is left in base currency is
    the realised exchange difference. Mirrored allocations give the mirrored entry.
    """
    first = allocations[0]

    def total(field: str) -> Decimal:
        return sum((getattr(allocation, field) for allocation in allocations), ZERO)

    def line(role: Role, amount: Decimal, base: Decimal) -> Posting:
        customer_id = first.customer_id if role in (Role.AR, Role.UNAPPLIED_CASH) else None
        return Posting(role.value, amount, first.currency, base, customer_id=customer_id)

    discount, tax = total("discount"), total("discount_tax")
    base_discount, base_tax = total("base_discount"), total("base_discount_tax")
    difference = total("base_cleared") - total("base_amount") - base_discount
    return [
        line(debit, total("amount"), total("base_amount")),
        line(Role.DISCOUNT, discount - tax, base_discount - base_tax),
        line(Role.TAX, tax, base_tax),
        line(Role.FX_DIFFERENCE, ZERO, difference),
        line(Role.AR, -total("cleared"), -total("base_cleared")),
    ]


def refuse_wrong_shares(
    shares: Sequence[Share],
    items: Mapping[int, OpenItem],
    *,
    customer_id: int | None,
    currency: str,
    left: Decimal,
    owed: int = 1,
    value_date: date | None = None,
) -> None:
    """Refuse shares that do not fit, each with its numbers and its row.

    `left` is what the source can give. `owed` is 1 when the items must be debts, -1 when they
    must be credits. Discounts need the `value_date` of the money. Raises RuleViolation.
    """
    if not shares:
        raise RuleViolation(_("Choose an open item, and say how much of it."))
    faults = []
    for row, share in enumerate(shares):
        item = items.get(share.open_item_id)
        fault = (
            _("There is no open item %(pk)s to be settled with this.") % {"pk": share.open_item_id}
            if item is None
            else _share_fault(share, item, customer_id, currency, owed)
            or _discount_fault(share, item, value_date)
        )
        if fault:
            field = f"amount_{share.open_item_id}"
            faults.append(RuleViolation(fault, field=field, row=row))
    if len({share.open_item_id for share in shares}) < len(shares):
        faults.append(RuleViolation(_("An open item is chosen twice. Give it one amount.")))
    total = sum((share.amount for share in shares), ZERO)
    if total > left:
        faults.append(
            RuleViolation(
                _("%(total)s are chosen, but only %(left)s are left.")
                % {"total": money_text(total, currency), "left": money_text(left, currency)}
            )
        )
    refuse_if(faults)


def refuse_wrong_part(item: OpenItem, amount: Decimal) -> None:
    """Refuse an amount that is no part of what a customer still owes. Raises RuleViolation."""
    share = Share(item.pk, amount)
    fault = _share_fault(share, item, item.customer_id, item.currency, owed=1)
    if fault:
        raise RuleViolation(fault, field="amount")


def _share_fault(
    share: Share, item: OpenItem, customer_id: int | None, currency: str, owed: int
) -> str:
    """What is wrong with a share of an item, or nothing."""
    values = {
        "item": item,
        "currency": item.currency,
        "given": money_text(share.cleared, currency),
        "open": money_text(abs(item.open_amount), item.currency),
        "ours": currency,
        "places": minor_units(currency),
    }
    if item.customer_id != customer_id:
        return _("%(item)s is another customer's.") % values
    if item.currency != currency:
        return _("%(item)s is in %(currency)s and cannot be settled in %(ours)s.") % values
    if not item.open_amount:
        return _("%(item)s is settled: nothing of it is open any more.") % values
    if item.open_amount * owed < 0:
        if owed > 0:
            return _("%(item)s is a credit: the customer owes nothing on it.") % values
        return _("%(item)s is a debt: money paid back settles credits only.") % values
    if not _is_amount(share, places=minor_units(currency)):
        return (
            _(
                "%(item)s: the amount must be above zero with at most %(places)s decimals; "
                "%(open)s are still open."
            )
            % values
        )
    if share.cleared > abs(item.open_amount):
        return _("%(item)s: %(given)s are more than the %(open)s still open.") % values
    return ""


def _is_amount(share: Share, *, places: int) -> bool:
    """Whether a share is some money in whole minor units."""
    parts = (share.amount, share.discount)
    return bool(share.cleared) and all(x >= 0 and round_to(x, places) == x for x in parts)


def _discount_fault(share: Share, item: OpenItem, value_date: date | None) -> str:
    """Why a discount is not the customer's to take, or nothing."""
    if not share.discount:
        return ""
    if value_date is None:
        return _("%(item)s: a discount is for payments only.") % {"item": item}
    available = item.discount_on(value_date)
    values = {
        "item": item,
        "taken": money_text(share.discount, item.currency),
        "available": money_text(available.amount, item.currency),
        "until": date_text(item.discount_date) if item.discount_date else "",
        "paid": date_text(value_date),
        "open": money_text(item.open_amount, item.currency),
    }
    if not is_early(value_date, item.discount_date):
        if item.discount_date is None:
            return _("%(item)s: no discount was agreed.") % values
        return _("%(item)s: the discount ended on %(until)s; this came on %(paid)s.") % values
    if share.discount > available.amount:
        return _("%(item)s: %(taken)s are more than the discount of %(available)s.") % values
    if share.cleared != item.open_amount:
        return _("%(item)s: the discount is for paying all of the %(open)s.") % values
    return ""
