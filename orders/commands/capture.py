"""An order is captured, and corrected while it is a draft."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _
from psycopg import Error as PgError

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, hold, lock
from o2c.core.errors import RuleViolation, noted, refuse_if
from o2c.core.locks import lock_fresh
from o2c.core.money import HUNDRED, round_to
from o2c.core.transitions import begin, check_version, save_document
from o2c.masters.models import Address, AddressKind, Customer, PoPolicy
from orders.commands.confirm import SUPPLY_NOTE, supply_notes
from orders.commands.drafting import Buying, build_lines, discount_lines, total_order
from orders.commands.lines import content_of, delete_draft_lines, insert_lines
from orders.models import Order, OrderLine, OrderState
from orders.queries.entry import Buyer, load_buyer
from orders.rules.drafts import LineDraft, OrderDraft, reference_key, still_claimed
from orders.rules.pricing import same_price

EDITABLE = [OrderState.DRAFT, OrderState.SUBMITTED]


class DuplicateReference(RuleViolation):
    """The customer's order number is already in use, and the customer's policy refuses that."""

    status = 409


@command
def capture_order(draft: OrderDraft, *, actor: Actor) -> Order:
    """Make a draft order: priced, taxed, totalled, its exchange rate frozen.

    Mismatches that a person should see (a duplicate under *warn*, another price or total than
    the customer's document says) end in `review_notes`. Raises DuplicateReference and
    RuleViolations naming row and field.
    """
    require(actor, "orders.capture_order")
    order, lines = _compose(Order(), draft, actor)
    with _second_refused(draft):
        begin(
            order, actor=actor, event="captured", gross=order.total.amount, lines=order.line_count
        )
    insert_lines(order, lines)
    hold(order)
    return order


@command
def edit_draft(order_id: int, draft: OrderDraft, *, version: int, actor: Actor) -> Order:
    """Replace what a draft or submitted order asks for; everything is decided anew.

    What was noted for review is looked at again, and stays while it is so. Nothing is written
    when nothing comes out differently. Raises StaleVersion, and whatever `capture_order` raises.
    """
    require(actor, "orders.edit_order")
    order = lock(Order, order_id)
    check_version(order, version)
    refuse_state(order, EDITABLE)
    old = lock_fresh(OrderLine.objects.filter(order=order))
    before, notes = content_of(order, old), order.review_notes
    order, lines = _compose(order, still_claimed(draft, notes), actor)
    if any(note["code"] == SUPPLY_NOTE for note in notes):
        order.review_notes += supply_notes(order, lines)
    if content_of(order, lines) == before:
        return order
    delete_draft_lines(old)
    insert_lines(order, lines)
    with _second_refused(draft):
        save_document(
            order, actor=actor, event="edited", gross=order.total.amount, lines=order.line_count
        )
    return order


@contextmanager
def _second_refused(draft: OrderDraft) -> Iterator[None]:
    """Say in words what the database refuses when two come with one reference at once."""
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        name = cause.diag.constraint_name if isinstance(cause, PgError) else None
        if name == "orders_order_reference_once":
            raise DuplicateReference(
                _("Number %(reference)s is already used by another order of the customer.")
                % {"reference": draft.customer_reference},
                field="customer_reference",
            ) from error
        if name == "orders_order_source_once":
            raise DuplicateReference(
                _("%(key)s came in before.") % {"key": draft.source_reference}
            ) from error
        raise


def refuse_state(order: Order, states: Sequence[OrderState]) -> None:
    """Refuse a change that is no step of its own. Raises RuleViolation naming the state."""
    if order.state not in states:
        refusal = RuleViolation(
            _("%(order)s is “%(state)s” and cannot be changed like this.")
            % {"order": order, "state": order.get_state_display()}
        )
        refusal.status = 409
        raise refusal


def _compose(order: Order, draft: OrderDraft, actor: Actor) -> tuple[Order, list[OrderLine]]:
    """Fill order from draft and build its lines, all in memory."""
    day = draft.order_date or clock.today()
    key = reference_key(draft.customer_reference)
    # Whose number came first is not asked again while the number stays.
    older_only = order.pk is not None and key == order.reference_key
    buyer = load_buyer(
        draft.customer_id, day, draft.currency, key, but_not=order.pk, older_only=older_only
    )
    if any(line.unit_price is not None or line.discount_percent for line in draft.lines):
        require(actor, "orders.override_price")
    if draft.discount_amount:
        require(actor, "orders.override_price")
    notes, lines = list(draft.review_notes), []
    problems: list[RuleViolation] = []
    with noted(problems):
        notes += _duplicate_notes(buyer, draft)
    with noted(problems):
        _fill_head(order, draft, buyer, day, key)
    country = order.ship_to.country if order.ship_to_id else ""
    buying = Buying(buyer, day, order.tax_included, country)
    with noted(problems):
        lines = build_lines(draft.lines, buying)
    refuse_if(problems)
    order.agreed_discount = draft.discount_amount
    discount_lines(lines, draft.discount_amount, order.currency)
    total_order(order, lines)
    order.review_notes = notes + _price_notes(draft.lines, lines, buying)
    order.review_notes += _total_notes(draft, order)
    return order, lines


def _fill_head(order: Order, draft: OrderDraft, buyer: Buyer, day: date, key: str) -> None:
    customer = buyer.customer
    order.tax_included = bool(customer.price_list and customer.price_list.tax_included)
    order.customer = customer
    order.ship_to = _ship_to(customer, draft.ship_to_id)
    for name, value in _head(draft, order.ship_to, buyer, day).items():
        setattr(order, name, value)
    order.bill_to = customer.billed_party
    order.payer = customer.paying_party
    order.exchange_rate = buyer.exchange_rate
    order.terms = customer.terms
    order.untaxed_percent = order.terms.untaxed_percent
    order.billing_policy = customer.billing_policy
    order.delivery_policy = customer.delivery_policy
    order.reference_key = key
    order.reference_once = customer.po_policy == PoPolicy.REFUSE
    if not order.pk:
        order.channel = draft.channel
        order.source_reference = draft.source_reference


def _head(draft: OrderDraft, ship_to: Address, buyer: Buyer, day: date) -> dict[str, Any]:
    """Every head field by its attribute; what is left empty comes from customer and company."""
    warehouse_id = draft.warehouse_id or buyer.default_warehouse_id
    if warehouse_id is None:
        raise RuleViolation(_("There is no warehouse to deliver from."), field="warehouse")
    return {
        **draft.head(),
        "ship_to_id": ship_to.pk,
        "warehouse_id": warehouse_id,
        "currency": buyer.currency,
        "order_date": day,
        "customer_reference": draft.customer_reference.strip(),
    }


def _ship_to(customer: Customer, address_id: int | None) -> Address:
    """The asked or default delivery address. Raises RuleViolation when it is not the customer's."""
    if address_id is None:
        address = customer.ship_to_address
    else:
        address = next(
            (
                address
                for address in customer.addresses.all()
                if address.pk == address_id and address.kind != AddressKind.BILL_TO
            ),
            None,
        )
    if address is None:
        raise RuleViolation(
            _("%(customer)s has no such delivery address.") % {"customer": customer},
            field="ship_to",
        )
    return address


def _duplicate_notes(buyer: Buyer, draft: OrderDraft) -> list[dict[str, str]]:
    """What to say about a reference that came before. Raises DuplicateReference by policy."""
    customer = buyer.customer
    if not buyer.twin or customer.po_policy == PoPolicy.ALLOW:
        return []
    if customer.po_policy == PoPolicy.REFUSE:
        raise DuplicateReference(
            _("%(customer)s: number %(reference)s is already order %(order)s.")
            % {
                "customer": customer,
                "reference": draft.customer_reference,
                "order": buyer.twin,
            },
            field="customer_reference",
        )
    return [{"code": "duplicate", "reference": draft.customer_reference, "order": buyer.twin}]


def _price_notes(
    drafts: Sequence[LineDraft], lines: Sequence[OrderLine], buying: Buying
) -> list[dict[str, str]]:
    """Prices on the customer's document that are not ours, both per unit ordered."""
    notes = []
    for draft, line in zip(drafts, lines, strict=True):
        if draft.expected_price is None:
            continue
        ours = line.unit_price * buying.price_per(draft) / line.price_per
        percent, currency = line.discount_percent, buying.buyer.currency
        if not same_price(draft.expected_price, ours, percent, currency):
            note = {"code": "price", "line": str(line.line_number), "item": line.item.code}
            each = round_to(ours * (HUNDRED - percent) / HUNDRED, 6)
            notes.append({**note, "theirs": str(draft.expected_price), "ours": str(each)})
    return notes


def _total_notes(draft: OrderDraft, order: Order) -> list[dict[str, str]]:
    """A total on the customer's document that is not ours."""
    if draft.expected_total is None or draft.expected_total in (order.gross, order.net):
        return []
    return [
        {
            "code": "total",
            "theirs": str(draft.expected_total),
            "ours": str(order.gross),
            "currency": order.currency,
        }
    ]
