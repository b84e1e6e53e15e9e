"""Orders from a file: clean ones flow through, the rest wait in review; a bad row stops all."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.codes import with_codes
from o2c.core.commands import attempt, command
from o2c.core.errors import RuleViolation
from o2c.core.number_keys import code_key
from o2c.masters.models import Address, Customer, CustomerItem, Warehouse
from o2c.masters.queries import items_by_code
from o2c.tabular import FileRefused, RowError
from o2c.tabular.imports import ImportResult
from orders.adapters import ParsedOrder, parse_orders
from orders.commands.capture import capture_order
from orders.commands.confirm import confirm_order, review_supply, submit_order
from orders.commands.drafting import figure_faults, item_unknown
from orders.models import Channel, Order
from orders.rules.drafts import OrderDraft, head_of

_SHOWN_KEYS = 20

#: A row of the file and a column.
Place = tuple[int, str]
#: What a command calls otherwise than the file does.
_COLUMNS = {"unit_price": "agreed_price"}
#: What cannot be judged where another column could not be read.
_RESTS_ON = {"quantity": {"unit"}, "agreed_price": {"quantity", "unit"}}


@command(timeout_s=300)
def import_orders(
    file_name: str, data: bytes, *, dry_run: bool = False, actor: Actor
) -> ImportResult:
    """Capture the orders of a CSV or XLSX file (columns: `orders.adapters.COLUMNS`).

    Any bad row refuses the whole file with every error named. Orders whose key was imported
    before are skipped, so the file may come again. An order without mismatches is submitted and
    confirmed when the actor may do that; one with `review_notes` (another price or total, a used
    number, a day that has passed, goods that cannot be there in time) stays submitted. The result
    counts orders; its sums are net amounts by currency. A dry run does everything and takes it
    back. Needs the right to import orders.
    """
    require(actor, "orders.import_orders")
    result = ImportResult("orders", file_name, dry_run)
    with attempt() as whole:
        try:
            _run(file_name, data, result, actor)
        except FileRefused as refusal:
            result.refuse(refusal)
        if result.refused or dry_run:
            whole.take_back()
    return result


def _run(file_name: str, data: bytes, result: ImportResult, actor: Actor) -> None:
    parsed = parse_orders(file_name, data)
    result.errors += parsed.errors
    result.notes += parsed.notes
    result.rows = parsed.rows
    places = _Places(parsed.orders)
    fresh = []
    strange = []
    for order in parsed.orders:
        result.errors += places.problems(order)
        if places.is_known(order):
            result.skipped += 1
        elif places.customer(order):
            fresh.append(order)
        else:
            strange.append(order)
    _note_skipped([order for order in parsed.orders if places.is_known(order)], result)
    named = {(error.row, error.field) for error in result.errors}
    for order, refusal in _faults_of_lines(strange):
        _note(refusal, order, named, result)
    captured = _capture_all(fresh, places, named, result, actor)
    if not result.refused:
        _let_through(captured, result, actor)


class _Places:
    """What the codes in the file stand for."""

    def __init__(self, orders: Sequence[ParsedOrder]) -> None:
        codes = {order.customer for order in orders}
        customers = with_codes(Customer._default_manager.filter(active=True), codes)
        self.customers = _by_key(customers.values_list("code", "pk"))
        addresses = Address.objects.filter(customer__in=self.customers.values(), active=True)
        self.addresses: dict[tuple[int | None, str], int] = {
            (customer, code_key(code)): pk
            for customer, code, pk in addresses.values_list("customer", "code", "pk")
        }
        warehouses = Warehouse._default_manager.filter(active=True)
        self.warehouses = _by_key(warehouses.values_list("code", "pk"))
        known = Order.objects.filter(
            customer__in=self.customers.values(),
            channel=Channel.IMPORT,
            source_reference__in={order.key for order in orders},
        )
        self.known = set(known.values_list("customer", "source_reference"))

    def is_known(self, order: ParsedOrder) -> bool:
        """Whether the order was imported before."""
        return (self.customer(order), order.key) in self.known

    def customer(self, order: ParsedOrder) -> int | None:
        """The key of the customer that an order names."""
        return self.customers.get(code_key(order.customer))

    def ship_to(self, order: ParsedOrder) -> int | None:
        """The key of the delivery address that an order names."""
        return self.addresses.get((self.customer(order), code_key(order.get("ship_to", ""))))

    def warehouse(self, order: ParsedOrder) -> int | None:
        """The key of the warehouse that an order names."""
        return self.warehouses.get(code_key(order.get("warehouse", "")))

    def problems(self, order: ParsedOrder) -> list[RowError]:
        """Codes that stand for nothing."""
        found = []
        if not order.customer:
            pass  # the row says so itself
        elif self.customer(order) is None:
            message = _("There is no such customer.")
            found.append(RowError(order.row, "customer", order.customer, message))
        elif (code := order.get("ship_to")) and self.ship_to(order) is None:
            message = _("The customer has no such delivery address.")
            found.append(RowError(order.row, "ship_to", code, message))
        if (code := order.get("warehouse")) and self.warehouse(order) is None:
            message = _("There is no such warehouse.")
            found.append(RowError(order.row, "warehouse", code, message))
        return found

    def draft(self, order: ParsedOrder) -> OrderDraft:
        """The order as it is captured."""
        today = clock.today()
        requested = [line.requested_date for line in order.lines if line.requested_date]
        late = [day for day in requested if day < today]
        rows = {
            "customer": self.customer(order),
            "ship_to": self.ship_to(order),
            "warehouse": self.warehouse(order),
            "requested_date": max(requested, default=None),
        }
        return OrderDraft(
            **head_of({**order.head, **rows}),
            lines=order.lines,
            channel=Channel.IMPORT,
            source_reference=order.key,
            expected_total=order.get("total"),
            review_notes=[
                {"code": "requested_date", "day": day.isoformat()} for day in sorted(set(late))
            ],
        )


def _by_key(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Primary keys by what the spellings of a code share."""
    return {code_key(code): pk for code, pk in rows}


def _faults_of_lines(
    orders: Sequence[ParsedOrder],
) -> Iterator[tuple[ParsedOrder, RuleViolation]]:
    """What is wrong with lines whoever the customer is."""
    codes = {line.item for order in orders for line in order.lines}
    if not codes:
        return
    items = items_by_code(codes)
    theirs = _by_key(with_codes(CustomerItem.objects.all(), codes).values_list("code", "pk"))
    for order in orders:
        for row, line in enumerate(order.lines):
            if line.item not in items and code_key(line.item) not in theirs:
                yield order, item_unknown(row, line)
            for refusal in figure_faults(row, line, None, line.quantity, line.unit_price):
                yield order, refusal


def _capture_all(
    orders: Sequence[ParsedOrder],
    places: _Places,
    named: set[Place],
    result: ImportResult,
    actor: Actor,
) -> list[Order]:
    """Capture the orders in one attempt; when one is refused, each in its own, to name all.

    An attempt remembers every row in hand, so that one for each order costs their square.
    """
    if not result.refused:
        with suppress(RuleViolation), attempt():
            return [capture_order(places.draft(order), actor=actor) for order in orders]
    return [made for order in orders if (made := _capture(order, places, named, result, actor))]


def _capture(
    order: ParsedOrder, places: _Places, named: set[Place], result: ImportResult, actor: Actor
) -> Order | None:
    """Capture one order, or note why not, beside the row of the file."""
    try:
        with attempt():
            return capture_order(places.draft(order), actor=actor)
    except RuleViolation as refusal:
        for error in refusal.errors:
            _note(error, order, named, result)
        return None


def _note(
    refusal: RuleViolation, order: ParsedOrder, named: set[Place], result: ImportResult
) -> None:
    """Name one more thing wrong with an order, unless the cell, or one it rests on, is named."""
    row = order.row if refusal.row is None else refusal.row
    column = _COLUMNS.get(refusal.field or "", refusal.field or "")
    rests_on = _RESTS_ON.get(column, set()) & order.unread.get(row, set())
    if (row, column) not in named and not rests_on:
        result.errors.append(RowError(row, column, "", str(refusal)))


def _note_skipped(skipped: Sequence[ParsedOrder], result: ImportResult) -> None:
    if skipped:
        keys = ", ".join(order.key for order in skipped[:_SHOWN_KEYS])
        more = ", …" if len(skipped) > _SHOWN_KEYS else ""
        result.notes.append(_("Imported before, left alone: %(keys)s.") % {"keys": keys + more})


def _let_through(captured: Sequence[Order], result: ImportResult, actor: Actor) -> None:
    """Hand every order in; confirm those nobody needs to look at."""
    waiting = 0
    may_confirm = actor.has_perm(Order.permission("confirm"))
    for order in captured:
        result.created += 1
        result.add_sums([(order.currency, order.net)])
        submit_order(order.pk, actor=actor)
        order = review_supply(order.pk, actor=actor)
        if order.review_notes:
            waiting += 1
        elif may_confirm:
            confirm_order(order.pk, actor=actor)
    if waiting:
        text = ngettext(
            "%(count)s order waits for review.", "%(count)s orders wait for review.", waiting
        )
        result.notes.append(text % {"count": waiting})
