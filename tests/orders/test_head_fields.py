"""One table of head fields serves form, edit, copy, import and command."""

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from orders.commands import LineDraft, OrderDraft, capture_order
from orders.forms import OrderForm, copied_head, copied_line
from orders.models import Order
from orders.rules.drafts import HEAD_FIELDS, head_of
from tests.edit_forms import forms_on
from tests.factories.masters import (
    AddressFactory,
    CurrencyFactory,
    CustomerFactory,
    ExchangeRateFactory,
    WarehouseFactory,
)
from tests.factories.orders import priced_item
from tests.given.orders import lines_of

D = Decimal
#: How an order came in; nobody types it.
FROM_INTAKE = {"channel", "source_reference", "expected_total", "review_notes", "lines"}


def test_the_table_names_every_field_that_somebody_gives():
    attributes = [field.attribute for field in HEAD_FIELDS]

    assert {f.name for f in fields(OrderDraft)} - FROM_INTAKE == set(attributes)
    assert set(OrderForm.base_fields) == {field.name for field in HEAD_FIELDS} | {"then"}
    assert all(hasattr(Order, name) for name in attributes)


def test_what_is_empty_is_left_to_the_draft():
    assert head_of({"customer": 5, "note": "", "currency": None, "else": 1}) == {"customer_id": 5}


@pytest.fixture
def march(db):
    """A draft of 2 March with every field of its head set, in dollars."""
    WarehouseFactory()
    customer = CustomerFactory()
    CurrencyFactory(code="USD")
    ExchangeRateFactory(currency="USD", date=date(2026, 1, 1), rate=D("0.91"))
    ExchangeRateFactory(currency="USD", date=date(2026, 3, 3), rate=D("0.95"))
    item = priced_item(customer, "1.00")
    wanted = clock.today() + timedelta(days=9)
    draft = OrderDraft(
        customer.pk,
        [LineDraft(item.code, D(3), D("7.50"), "agreed", description="Bolts, blue")],
        ship_to_id=AddressFactory(customer=customer, code="DOCK", is_default=False).pk,
        warehouse_id=WarehouseFactory(code="NORTH").pk,
        currency="USD",
        order_date=date(2026, 3, 2),
        requested_date=wanted,
        customer_reference="PO-1",
        discount_amount=D("0.50"),
        note="Ring twice.",
    )
    return capture_order(draft, actor=SYSTEM)


def values_of(order: Order) -> dict:
    """All an order and its lines say, but for keys, versions and moments."""
    left_out = {"id", "version", "created_at"}
    order = Order.objects.get(pk=order.pk)
    rows = [order, *lines_of(order)]
    return {
        (nr, f.attname): getattr(row, f.attname)
        for nr, row in enumerate(rows)
        for f in row._meta.concrete_fields
        if f.name not in left_out
    }


def test_editing_without_a_change_changes_nothing(march, clara):
    before = values_of(march)
    [form] = forms_on(clara, f"/orders/{march.pk}/edit/")

    assert clara.post(form.action, form.values).status_code == 303

    assert values_of(march) == before
    assert (before[0, "order_date"], before[0, "exchange_rate"]) == (date(2026, 3, 2), D("0.91"))
    assert (before[0, "currency"], before[1, "description"]) == ("USD", "Bolts, blue")


def test_a_copy_asks_for_no_day_that_has_passed(march):
    line, today = lines_of(march)[0], clock.today()

    def asked_in_the_copy(day):
        line.requested_date = day
        return copied_line(line, today)["requested_date"]

    assert asked_in_the_copy(today - timedelta(days=1)) is None
    assert asked_in_the_copy(today) == today
    assert asked_in_the_copy(None) is None
    assert copied_line(line, today)["description"] == "Bolts, blue"


def test_a_copy_keeps_the_currency_and_gives_dates_and_numbers_anew(march):
    copy = copied_head(march)

    assert copy["currency"] == "USD"
    assert not {"order_date", "requested_date", "customer_reference"} & set(copy)
