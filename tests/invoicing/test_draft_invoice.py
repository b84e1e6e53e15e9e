"""Drafting an invoice from a shipment."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from invoicing.commands import draft_invoice, post_invoice
from invoicing.models import Invoice, TaxLine
from invoicing.queries import TaxChange, tax_changes_of
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.models import Event
from o2c.masters.commands import install_reference_data
from o2c.masters.models import PriceList, TaxProfile
from o2c.web.formats import NO_BREAK_SPACE
from tests.factories.masters import (
    AddressFactory,
    CustomerFactory,
    PriceListFactory,
    german_rates,
)
from tests.given.invoicing import (
    delivered,
    dispatched,
    draft_of,
    drafted_invoice,
    lines_of,
    planned,
    posted_invoice,
    released,
    returned,
    shipped,
)

pytestmark = pytest.mark.django_db

D = Decimal


def on_delivery():
    return CustomerFactory(billing_policy="delivered")


def test_a_dispatched_shipment_is_drafted_at_the_order_s_prices_and_tax():
    shipment = shipped((2, "10.00"), (3, "10.00"))

    invoice = draft_invoice(shipment.pk, actor=SYSTEM)

    assert (invoice.net, invoice.tax, invoice.gross) == (D("50.00"), D("9.50"), D("59.50"))
    assert invoice.state == "draft"
    assert invoice.number is None
    assert [(line.quantity, line.net) for line in lines_of(invoice)] == [(2, 20), (3, 30)]
    tax = TaxLine.objects.get(invoice=invoice)
    assert (tax.category, tax.percent, tax.base, tax.tax) == ("S", 19, D(50), D("9.5"))
    event = Event.objects.get(name="invoice.drafted")
    assert event.facts["gross"] == "59.50"
    assert event.facts["shipment"] == shipment.number


def test_tax_is_computed_once_per_group_and_not_per_line():
    invoice = drafted_invoice((1, "0.35"), (1, "0.35"), (1, "0.35"))

    assert (invoice.net, invoice.tax) == (D("1.05"), D("0.20"))


def test_drafting_again_returns_the_draft_that_waits():
    shipment = shipped()
    first = draft_of(shipment)

    assert draft_invoice(shipment.pk, actor=SYSTEM).pk == first.pk
    assert Invoice.objects.count() == 1


def test_nothing_is_drafted_twice_after_posting():
    invoice = posted_invoice()

    assert draft_invoice(invoice.shipment_id, actor=SYSTEM) is None


def test_nothing_is_drafted_before_the_goods_leave():
    (shipment,) = planned(released())

    assert draft_invoice(shipment.pk, actor=SYSTEM) is None


def test_a_customer_billed_on_delivery_waits_for_it():
    shipment = shipped(customer=on_delivery())

    assert draft_invoice(shipment.pk, actor=SYSTEM) is None
    invoice = draft_of(delivered(shipment))

    assert invoice.gross == D("119.00")
    assert invoice.delivery_date == invoice.invoice_date


def test_goods_refused_at_the_door_are_not_billed_on_delivery():
    from shipping.commands import record_delivery

    shipment = shipped((10, "10.00"), customer=on_delivery())
    line = shipment.lines.get()
    record_delivery(
        shipment.pk,
        signed_by="Rita",
        accepted={line.pk: D(8)},
        reasons={line.pk: "wet"},
        actor=SYSTEM,
    )

    assert lines_of(draft_of(shipment))[0].quantity == 8


def test_v22_each_shipment_of_a_backorder_is_billed_by_itself():
    first, second = planned(released((2, "10.00")), [1], [1])

    dispatched(first)
    assert draft_invoice(second.pk, actor=SYSTEM) is None
    one = draft_of(first)
    dispatched(second)
    two = draft_of(second)

    assert [lines_of(invoice)[0].quantity for invoice in (one, two)] == [1, 1]
    assert one.pk != two.pk


def test_v26_two_shipments_carry_the_customer_s_number_and_their_own_amounts():
    parts = planned(released((5, "100.00"), customer_reference="12345"), [2], [3])

    invoices = [draft_of(dispatched(part)) for part in parts]

    assert [invoice.net for invoice in invoices] == [200, 300]
    assert {invoice.order.customer_reference for invoice in invoices} == {"12345"}


def test_the_parts_of_a_line_add_up_to_the_line():
    parts = planned(released((3, "0.335")), [1], [1], [1])

    nets = [draft_of(dispatched(part)).net for part in parts]

    assert sum(nets) == D("1.01")


def test_a_discount_on_the_order_is_shared_and_lowers_the_tax():
    invoice = drafted_invoice((1, "975.00"), discount_amount=D(75))

    (line,) = lines_of(invoice)
    assert (line.amount, line.document_discount, line.net) == (975, 75, 900)
    assert invoice.tax == D("171.00")


def test_prices_that_include_tax_keep_their_total():
    customer = CustomerFactory()
    PriceList.objects.filter(pk=customer.price_list_id).update(tax_included=True)
    customer.price_list.refresh_from_db()

    invoice = drafted_invoice((3, "10.01"), customer=customer)

    assert invoice.tax_included
    assert (invoice.net, invoice.tax, invoice.gross) == (D("25.24"), D("4.79"), D("30.03"))
    assert lines_of(invoice)[0].amount == D("30.03")


def test_goods_that_came_back_unbilled_are_not_billed():
    shipment = shipped((10, "10.00"))
    returned(shipment, 4)
    Invoice.objects.all()  # nothing was billed when they came back

    assert lines_of(draft_of(shipment))[0].quantity == 6


def test_the_invoice_says_when_the_goods_were_supplied():
    invoice = drafted_invoice()

    assert isinstance(invoice.delivery_date, date)
    assert invoice.delivery_date == timezone.localdate(invoice.shipment.dispatched_at)


def test_two_drafts_for_one_shipment_are_refused_by_the_database():
    invoice = drafted_invoice()
    invoice.pk = None
    invoice.state_was = None

    with pytest.raises(IntegrityError, match="one_draft_per_shipment"):
        Invoice.objects.bulk_create([invoice])


def test_drafting_needs_the_right(clerk):
    shipment = shipped()

    with pytest.raises(NotPermitted):
        draft_invoice(shipment.pk, actor=clerk)


@pytest.mark.parametrize("lines", [1, 12])
def test_drafting_takes_the_same_few_statements_for_any_number_of_lines(count_statements, lines):
    shipment = shipped(*[(2, "3.50")] * lines)

    with count_statements() as count:
        draft_invoice(shipment.pk, actor=SYSTEM)

    assert int(count) <= 9, str(count)


class TestTaxOfTheSupply:
    """Ordered on 20 June 2020 at 19 %, supplied on 5 July at 16 %."""

    def test_the_rate_is_that_of_the_day_of_supply(self):
        german_rates()
        with clock.at(date(2020, 6, 20)):
            order = released((1, "100.00"))
        with clock.at(date(2020, 7, 5)):
            invoice = draft_of(dispatched(planned(order)[0]))
            posted = post_invoice(invoice.pk, actor=SYSTEM)

        assert (order.tax, posted.tax, posted.gross) == (D("19.00"), D("16.00"), D("116.00"))
        assert lines_of(posted)[0].tax_percent == 16
        assert [str(t) for t in posted.tax_lines.all()] == ["S 16 %"]
        words = [f"{percent}{NO_BREAK_SPACE}% (Standard rate)" for percent in (19, 16)]
        assert tax_changes_of(posted.pk) == [TaxChange(*words, lines=1)]

    def test_each_part_has_the_rate_of_its_own_day_and_prices_with_tax_stay(self):
        german_rates()
        prices = PriceListFactory(code="GROSS", tax_included=True)
        with clock.at(date(2020, 6, 20)):
            order = released((2, "119.00"), customer=CustomerFactory(price_list=prices))
            first, second = planned(order, [1], [1])
            june = draft_of(dispatched(first))
        with clock.at(date(2020, 7, 5)):
            july = draft_of(dispatched(second))

        assert (june.net, june.tax, june.gross) == (100, 19, 119)
        assert (july.net, july.tax, july.gross) == (D("102.59"), D("16.41"), 119)

    def test_billed_on_delivery_the_day_of_delivery_counts(self):
        german_rates()
        with clock.at(date(2020, 6, 30)):
            order = released((1, "100.00"), customer=CustomerFactory(billing_policy="delivered"))
            shipment = dispatched(planned(order)[0])
        with clock.at(date(2020, 7, 2)):
            invoice = draft_of(delivered(shipment))

        assert (invoice.delivery_date, invoice.tax) == (date(2020, 7, 2), 16)

    def test_where_the_goods_went_decides(self):
        install_reference_data(actor=SYSTEM)
        customer = CustomerFactory(tax_profile=TaxProfile.objects.get(code="DOMESTIC"))
        abroad = AddressFactory(customer=customer, code="ZH", country="CH", is_default=False)

        here = drafted_invoice((1, "100.00"), customer=customer)
        there = drafted_invoice((1, "100.00"), customer=customer, ship_to_id=abroad.pk)

        assert (here.tax, there.tax) == (19, 0)
        assert there.tax_lines.get().reason_code == "VATEX-EU-G"
        assert not tax_changes_of(there.pk)
