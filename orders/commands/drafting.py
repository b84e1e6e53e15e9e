"""From a draft to priced lines: resolve items, decide prices and tax, add up. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import ONE, ZERO, line_net, minor_units, round_to
from o2c.core.number_keys import code_key
from o2c.masters.models import Item, Unit
from o2c.masters.queries import (
    OtherUnit,
    TaxCodeRate,
    Taxes,
    items_by_code,
    other_units,
    packed_in,
    prices_for,
    taxes_for,
)
from o2c.masters.rules.prices import PriceBreak
from o2c.masters.rules.units import InexactQuantity, fits, to_stock_quantity
from orders.models import Order, OrderLine
from orders.queries.entry import Buyer
from orders.rules.drafts import LineDraft
from orders.rules.pricing import (
    LARGEST_PRICE,
    LineForTotals,
    LinePrice,
    NoPrice,
    OtherTaxBasis,
    PriceQuestion,
    Sharing,
    closing_steps,
    price_line,
    price_order,
    share_agreed,
    share_discount,
    share_of_part,
)

LARGEST_QUANTITY = Decimal("9999999.999")
LARGEST_AMOUNT = Decimal(10) ** 12
MOST_LINES = 2000


@dataclass
class Buying:
    """Who buys, when and how prices are meant; what every line's price and tax depend on.

    `ship_to` is the country of delivery, empty where it is not known.
    """

    buyer: Buyer
    on_date: date
    tax_included: bool
    ship_to: str
    items: dict[str, Item] = field(default_factory=dict)
    prices: dict[int, list[PriceBreak]] = field(default_factory=dict)
    taxes: Taxes | None = None
    units: dict[tuple[int, str], OtherUnit] = field(default_factory=dict)

    def look_up(self, drafts: Sequence[LineDraft]) -> None:
        """Read what the lines need.

        Items that are unknown are missing.
        """
        customer = self.buyer.customer
        self.items = items_by_code({draft.item for draft in drafts}, customer)
        item_ids = {item.pk for item in self.items.values()}
        if self.buyer.currency == customer.currency:  # lists have no prices in another one
            self.prices = prices_for(customer, item_ids, self.on_date)
        self.taxes = taxes_for(customer.billed_party.pk, self.ship_to, self.on_date)
        if any(draft.item in self.items and self.unit_of(draft) for draft in drafts):
            self.units = other_units(item_ids)

    def unit_of(self, draft: LineDraft) -> str:
        """The key of the unit a line of a known item is ordered in, where it is not its stock unit.

        The barcode of a packaging unit orders that unit, if the line names no other.
        """
        item = self.items[draft.item]
        unit = code_key(draft.unit or packed_in(item, draft.item))
        return "" if unit == code_key(item.unit.code) else unit

    def price_per(self, draft: LineDraft) -> Decimal:
        """How many stock units are one of the unit that a built line is ordered in."""
        unit = self.unit_of(draft)
        return self.units[self.items[draft.item].pk, unit].factor if unit else ONE


def build_lines(drafts: Sequence[LineDraft], buying: Buying) -> list[OrderLine]:
    """Unsaved lines, numbered from 1, each priced and taxed; document totals are still to come.

    Raises RuleViolations naming every row and field that is wrong.
    """
    if len(drafts) > MOST_LINES:
        raise RuleViolation(
            _("An order has at most %(most)s lines; this one has %(count)s.")
            % {"most": MOST_LINES, "count": len(drafts)}
        )
    buying.look_up(drafts)
    lines: list[OrderLine] = []
    problems: list[RuleViolation] = []
    for row, draft in enumerate(drafts):
        try:
            lines.append(_build_line(row, draft, buying))
        except RuleViolation as problem:
            problems += problem.errors
    refuse_if(problems)
    return lines


def _build_line(row: int, draft: LineDraft, buying: Buying) -> OrderLine:
    try:
        item = _item(row, draft, buying)
        quantity, unit = _stock_quantity(row, draft, item, buying)
    except RuleViolation as unknown:
        others = figure_faults(row, draft, None, draft.quantity, draft.unit_price)
        refuse_if([unknown, *(other for other in others if other.field != unknown.field)])
        raise
    refuse_if(figure_faults(row, draft, item.unit, quantity, draft.unit_price))
    priced = decide_price(row, draft, quantity, buying, unit.factor if unit else ONE)
    line = OrderLine(
        line_number=row + 1,
        item=item,
        description=draft.description or item.name,
        unit=item.unit,
        is_service=not item.is_stocked,
        requested_date=draft.requested_date,
        over_delivery_percent=buying.buyer.over_delivery_percent if item.is_stocked else ZERO,
        under_delivery_percent=buying.buyer.under_delivery_percent if item.is_stocked else ZERO,
    )
    set_price(line, quantity, priced)
    if unit is not None and priced.price_per == unit.factor:
        line.price_unit_id = unit.unit_id
    assert buying.taxes is not None, "nothing is looked up"
    set_tax(line, buying.taxes.of(item))
    return line


def _item(row: int, draft: LineDraft, buying: Buying) -> Item:
    """The item a line means. Raises RuleViolation when there is none."""
    if draft.item not in buying.items:
        raise item_unknown(row, draft)
    return buying.items[draft.item]


def item_unknown(row: int, draft: LineDraft) -> RuleViolation:
    """The refusal of a line that names no item we sell."""
    return _fault(_("Item “%(code)s” is unknown or no longer sold."), "item", row, draft)


def _stock_quantity(
    row: int, draft: LineDraft, item: Item, buying: Buying
) -> tuple[Decimal, OtherUnit | None]:
    """The quantity in stock units, and the unit asked for where it is another one."""
    code = buying.unit_of(draft)
    if not code:
        return draft.quantity, None
    unit = buying.units.get((item.pk, code))
    if unit is None:
        raise _fault(_("“%(code)s” is not sold in this unit."), "unit", row, draft)
    try:
        return to_stock_quantity(draft.quantity, unit.factor, item.unit.decimals), unit
    except InexactQuantity:
        raise _fault(
            _("“%(code)s”: this quantity is not a whole number of stock units."),
            "quantity",
            row,
            draft,
        ) from None


def figure_faults(
    row: int, draft: LineDraft, unit: Unit | None, quantity: Decimal, price: Decimal | None
) -> list[RuleViolation]:
    """What is wrong with the figures of one line; without a unit, as far as that can be said."""
    found = []

    def refuse(sentence: str, field: str) -> None:
        found.append(_fault(sentence, field, row, draft))

    if not quantity > 0:
        refuse(_("“%(code)s”: enter a quantity greater than zero."), "quantity")
    elif quantity > LARGEST_QUANTITY:
        refuse(_("“%(code)s”: the quantity is at most 9,999,999.999."), "quantity")
    elif unit is not None and not fits(quantity, unit.decimals):
        refuse(_("“%(code)s” is not sold in such small parts of its unit."), "quantity")
    if price is not None and not ZERO <= price <= LARGEST_PRICE:
        refuse(_("“%(code)s”: a price lies between 0 and 999,999,999.999999."), "unit_price")
    if not ZERO <= draft.discount_percent <= 100:
        refuse(_("“%(code)s”: a discount lies between 0 and 100 percent."), "discount_percent")
    if price is not None and not draft.price_reason.strip():
        refuse(_("“%(code)s”: say why the price differs from the list."), "price_reason")
    return found


def decide_price(
    row: int, draft: LineDraft, quantity: Decimal, buying: Buying, price_per: Decimal
) -> LinePrice:
    """The price of a line with its steps. Raises RuleViolation when there is none.

    `quantity` is in stock units, `price_per` of which are one of the unit ordered.
    """
    item = buying.items[draft.item]
    question = PriceQuestion(
        quantity=quantity,
        breaks=buying.prices.get(item.pk, ()),
        manual_price=draft.unit_price,
        manual_reason=draft.price_reason.strip(),
        discount_percent=draft.discount_percent,
        tax_included=buying.tax_included,
        price_per=price_per,
    )
    try:
        priced = price_line(question, buying.buyer.currency)
    except NoPrice:
        raise _fault(
            _("“%(code)s” has no price for this customer and quantity."), "unit_price", row, draft
        ) from None
    except OtherTaxBasis:
        raise _fault(
            _("“%(code)s”: its price includes tax and the order's prices do not, or the reverse."),
            "unit_price",
            row,
            draft,
        ) from None
    if priced.amount >= LARGEST_AMOUNT:
        raise _fault(_("“%(code)s”: the amount is too large."), "quantity", row, draft)
    return priced


def set_price(line: OrderLine, quantity: Decimal, priced: LinePrice) -> None:
    """Write a price decision into a line."""
    line.quantity = quantity
    line.unit_price, line.price_per = priced.unit_price, priced.price_per
    line.discount_percent = priced.discount_percent
    line.amount = priced.amount
    line.price_steps = priced.steps


def set_tax(line: OrderLine, tax: TaxCodeRate) -> None:
    """Write a tax decision with its reason into a line."""
    line.tax_code_id = tax.tax_code_id
    line.tax_category = tax.category
    line.tax_percent = tax.percent
    line.tax_reason = {
        "profile": tax.profile,
        "tax_class": line.item.tax_class,
        "code": tax.code,
        "exemption_code": tax.exemption_code,
        "exemption_reason": tax.exemption_reason,
        "trade": tax.trade and tax.trade._asdict(),
    }


def discount_lines(lines: Sequence[OrderLine], discount: Decimal, currency: str) -> None:
    """Share a discount on the whole order among its lines.

    Raises RuleViolation when it is more than the lines or not in the currency's minor unit.
    """
    if discount < 0 or round_to(discount, minor_units(currency)) != discount:
        raise RuleViolation(
            _("The discount is an amount in %(currency)s, not negative.") % {"currency": currency},
            field="discount_amount",
        )
    try:
        shares = share_discount(discount, [line.amount for line in lines], currency)
    except ValueError:
        raise RuleViolation(
            _("The discount is more than the lines together."), field="discount_amount"
        ) from None
    for line, share in zip(lines, shares, strict=True):
        line.document_discount = share


def total_order(order: Order, lines: Sequence[OrderLine]) -> None:
    """Set the net amount of every line, and the totals of the order, in memory."""
    plain = [
        LineForTotals(line.amount, line.document_discount, line.tax_category, line.tax_percent)
        for line in lines
    ]
    nets, totals = price_order(
        plain,
        order.currency,
        tax_included=order.tax_included,
        untaxed_percent=order.untaxed_percent,
    )
    if totals.gross >= LARGEST_AMOUNT:
        raise RuleViolation(_("The order's total is too large."))
    for line, net in zip(lines, nets, strict=True):
        line.net = net
        kept = [step for step in line.price_steps if step["step"] not in _CLOSING]
        last = closing_steps(line.document_discount, net, tax_included=order.tax_included)
        line.price_steps = kept + last
    order.discount_amount = sum((line.document_discount for line in lines), ZERO)
    order.net, order.tax, order.gross = totals[:3]
    order.line_count = len(lines)
    order.has_goods = any(not line.is_service for line in lines)


def total_again(order: Order, lines: Sequence[OrderLine]) -> list[OrderLine]:
    """Share the agreed discount anew after lines have changed, and total the order, in memory.

    Lines that are billed to the end keep their share. Returns the lines whose share or net has
    moved.
    """
    before = [(line.document_discount, line.net) for line in lines]
    if order.agreed_discount:
        sharing = [_sharing(line, order.currency) for line in lines]
        shares = share_agreed(order.agreed_discount, sharing, order.currency)
        for line, share in zip(lines, shares, strict=True):
            line.document_discount = share
    total_order(order, lines)
    return [
        line
        for line, figures in zip(lines, before, strict=True)
        if (line.document_discount, line.net) != figures
    ]


def _sharing(line: OrderLine, currency: str) -> Sharing:
    numbers = line.numbers
    is_billed = numbers.invoiced > numbers.credited and not numbers.to_bill
    ordered = max(line.quantity, line.once_ordered)
    price, percent = line.unit_price, line.discount_percent
    return Sharing(
        ordered=ordered,
        wanted=line.wanted_quantity,
        whole=line_net(ordered, price, percent, currency, line.price_per),
        amount=line.amount,
        kept=line.document_discount if is_billed else None,
    )


def shrink_line(line: OrderLine, currency: str) -> None:
    """Bring a line's amount to what is wanted of it, at the price it has."""
    before = line.amount
    wanted = line.quantity - line.cancelled
    line.amount = line_net(wanted, line.unit_price, line.discount_percent, currency, line.price_per)
    line.document_discount = share_of_part(line.document_discount, before, line.amount, currency)


_CLOSING = ("document_discount", "net", "net_of_tax")


def _fault(sentence: str, field: str, row: int, draft: LineDraft) -> RuleViolation:
    """A refusal of one field of one row; the row is where the line came from."""
    return RuleViolation(
        sentence % {"code": draft.item[:40]},
        field=field,
        row=row if draft.row is None else draft.row,
    )
