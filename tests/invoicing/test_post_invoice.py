"""Posting: number, entry, snapshot; once, in order, for good."""

from datetime import date, timedelta
from decimal import Decimal
from unittest import mock

import pytest
from django.db import connection

from invoicing.commands import BilledTwice, DateRanBack, cancel_invoice, post_invoice
from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event, NumberSeries
from o2c.ledger.commands import PeriodClosed
from o2c.ledger.queries import balance
from o2c.ledger.queries import lines_of as entry_lines
from o2c.masters.models import Customer
from orders.commands import hold_order
from shipping.models import ShipmentLine
from tests.factories.masters import (
    BankAccountFactory,
    CurrencyFactory,
    CustomerFactory,
    ExchangeRateFactory,
    german_rates,
)
from tests.given.invoicing import (
    dispatched,
    draft_of,
    drafted_invoice,
    planned,
    posted_invoice,
    released,
    returned,
)
from tests.given.ledger import closed_period

pytestmark = pytest.mark.django_db

D = Decimal


def booked(invoice) -> dict[str, tuple[Decimal, Decimal]]:
    """Amount and base amount by role."""
    return {
        line.account.role: (line.amount, line.base_amount) for line in entry_lines(invoice.entry)
    }


def test_a_posted_invoice_is_numbered_booked_and_frozen():
    invoice = posted_invoice((10, "10.00"))

    assert invoice.number == f"INV-{clock.today().year}-000001"
    assert invoice.posted_at is not None
    assert booked(invoice) == {
        "AR": (119, 119),
        "REVENUE": (-100, -100),
        "TAX": (-19, -19),
        "COGS": (D("12.50"), D("12.50")),
        "SHIPPED_NOT_INVOICED": (D("-12.50"), D("-12.50")),
    }
    assert balance("SHIPPED_NOT_INVOICED") == 0
    assert invoice.snapshot["number"] == invoice.number
    event = Event.objects.get(name="invoice.posted")
    assert event.facts["number"] == invoice.number
    assert event.facts["gross"] == "119.00"
    assert "credits" not in event.facts
    assert "nothing_owed" not in event.facts


def test_the_order_and_the_shipment_count_what_is_billed():
    invoice = posted_invoice((10, "10.00"))

    invoice.order.refresh_from_db()
    assert invoice.order.state == "invoiced"
    assert invoice.order.lines.get().invoiced == 10
    assert invoice.shipment.lines.get().invoiced == 10


def test_an_order_is_invoiced_when_its_last_shipment_is():
    first, second = planned(released((2, "10.00")), [1], [1])
    post_invoice(draft_of(dispatched(first)).pk, actor=SYSTEM)
    order = first.order
    order.refresh_from_db()
    assert order.state == "in_fulfillment"

    post_invoice(draft_of(dispatched(second)).pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == "invoiced"


def test_the_snapshot_holds_parties_terms_and_figures():
    BankAccountFactory()
    customer = CustomerFactory(vat_id="DE811569869")
    invoice = posted_invoice((10, "10.00"), customer=customer, customer_reference="PO 7")

    document = invoice.snapshot
    assert document["seller"]["legal_name"] == "Nordwind Supply GmbH"
    assert document["bill_to"]["vat_id"] == "DE811569869"
    assert document["order"]["reference"] == "PO 7"
    assert document["bank"]["iban"] == "DE89370400440532013000"
    assert (document["net"], document["tax"], document["gross"]) == ("100", "19", "119")
    assert document["taxes"] == [
        {"category": "S", "percent": "19", "base": "100", "tax": "19", "reason": "",
         "reason_code": ""}
    ]  # fmt: skip
    due = invoice.invoice_date + timedelta(days=30)
    assert [(p["due_date"], p["amount"]) for p in document["instalments"]] == [
        (due.isoformat(), "119")
    ]


def test_a_later_change_of_a_master_changes_no_snapshot():
    invoice = posted_invoice()
    before = invoice.snapshot

    Customer.objects.filter(pk=invoice.customer_id).update(legal_name="Renamed Ltd")

    assert Invoice.objects.get(pk=invoice.pk).snapshot == before


def test_in_a_foreign_currency_the_base_amounts_balance_with_a_rounding_line():
    CurrencyFactory(code="USD")
    ExchangeRateFactory(currency="USD", rate=D("0.915"))
    customer = CustomerFactory(currency="USD")

    invoice = posted_invoice((1, "0.55"), customer=customer)

    lines = booked(invoice)
    assert lines["AR"] == (D("0.65"), D("0.59"))
    assert lines["REVENUE"] == (D("-0.55"), D("-0.50"))
    assert lines["TAX"] == (D("-0.10"), D("-0.09"))
    assert sum(base for _amount, base in lines.values()) == 0
    assert invoice.exchange_rate == D("0.915")
    assert invoice.snapshot["base"] == {"currency": "EUR", "rate": "0.915", "tax": "0.09"}


def test_the_rate_is_that_of_the_invoice_date():
    CurrencyFactory(code="USD")
    ExchangeRateFactory(currency="USD", rate=D("0.90"))
    draft = drafted_invoice((1, "100.00"), customer=CustomerFactory(currency="USD"))
    ExchangeRateFactory(currency="USD", date=clock.today(), rate=D("0.95"))

    invoice = post_invoice(draft.pk, actor=SYSTEM)

    assert booked(invoice)["AR"] == (119, D("113.05"))


def test_numbers_run_without_gap_through_cancelled_drafts():
    first, second, third = drafted_invoice(), drafted_invoice(), drafted_invoice()
    cancel_invoice(second.pk, reason="wrong", actor=SYSTEM)

    numbers = [post_invoice(i.pk, actor=SYSTEM).number[-6:] for i in (third, first)]

    assert numbers == ["000001", "000002"]
    assert Invoice.objects.get(pk=second.pk).number is None


def test_a_failure_after_the_number_gives_it_back():
    draft = drafted_invoice()
    with (
        mock.patch("invoicing.commands.posting.transition", side_effect=RuleViolation("no")),
        pytest.raises(RuleViolation),
    ):
        post_invoice(draft.pk, actor=SYSTEM)

    assert not NumberSeries.objects.filter(code__startswith="invoice").exists()
    assert post_invoice(draft.pk, actor=SYSTEM).number.endswith("000001")


def test_posting_twice_is_refused_and_counts_nothing():
    invoice = posted_invoice()

    with pytest.raises(TransitionRefused, match="It is Posted"):
        post_invoice(invoice.pk, actor=SYSTEM)

    assert invoice.shipment.lines.get().invoiced == 10
    assert Event.objects.filter(name="invoice.posted").count() == 1


def test_v25_a_doubled_quantity_is_refused():
    draft = drafted_invoice((5, "100.00"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE invoicing_invoiceline SET quantity = 10")

    with pytest.raises(RuleViolation, match="only 5 are to be billed"):
        post_invoice(draft.pk, actor=SYSTEM)

    assert ShipmentLine.objects.get().invoiced == 0


def test_v25_a_price_that_is_not_the_order_s_is_refused():
    draft = drafted_invoice((5, "100.00"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE invoicing_invoiceline SET unit_price = 200")

    with pytest.raises(RuleViolation, match="no longer has the order's price"):
        post_invoice(draft.pk, actor=SYSTEM)


def test_the_database_refuses_to_bill_a_unit_twice_and_says_so():
    draft = drafted_invoice((5, "100.00"))
    refused = (
        "invoicing.commands.posting.refuse_outdated",
        "orders.commands.progress._refuse_faults",
    )
    ShipmentLine.objects.update(invoiced=1)

    with (
        mock.patch(refused[0]),
        mock.patch(refused[1]),
        pytest.raises(BilledTwice, match="than was shipped"),
    ):
        post_invoice(draft.pk, actor=SYSTEM)


def test_goods_that_came_back_meanwhile_stop_the_draft():
    draft = drafted_invoice((10, "10.00"))
    returned(draft.shipment, 4)
    if Invoice.objects.get(pk=draft.pk).state == "cancelled":
        return  # the flow has drafted it anew

    with pytest.raises(RuleViolation, match="only 6 are to be billed"):
        post_invoice(draft.pk, actor=SYSTEM)


def test_v10_an_order_held_by_hand_is_not_billed():
    first, _second = planned(released((2, "10.00")), [1], [1])
    draft = draft_of(dispatched(first))
    hold_order(draft.order_id, reason="ask them", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="ask them"):
        post_invoice(draft.pk, actor=SYSTEM)


def test_a_rate_that_was_entered_after_the_draft_is_not_overlooked():
    with clock.at(date(2020, 7, 5)):
        draft = drafted_invoice((1, "100.00"))
        german_rates()

        with pytest.raises(RuleViolation, match=r"19.% .* tax, but it is 16.%.*bill the shipment"):
            post_invoice(draft.pk, actor=SYSTEM)

        cancel_invoice(draft.pk, reason="old rate", actor=SYSTEM)
        again = post_invoice(draft_of(draft.shipment).pk, actor=SYSTEM)
    assert (again.tax, again.gross) == (16, 116)


class TestDates:
    def test_a_date_before_the_last_one_of_the_series_is_refused(self):
        tomorrow = clock.today() + timedelta(days=1)
        late = drafted_invoice()
        early = drafted_invoice()
        with clock.at(tomorrow):
            post_invoice(late.pk, actor=SYSTEM)

        with pytest.raises(DateRanBack, match="too early"):
            post_invoice(early.pk, actor=SYSTEM)

        with clock.at(tomorrow):
            assert post_invoice(early.pk, actor=SYSTEM).number.endswith("000002")

    def test_a_date_before_the_supply_or_in_the_future_is_refused(self):
        draft = drafted_invoice()
        today = clock.today()

        with pytest.raises(RuleViolation, match="supplied on"):
            post_invoice(draft.pk, invoice_date=today - timedelta(days=1), actor=SYSTEM)
        with pytest.raises(RuleViolation, match="does not lie between"):
            post_invoice(draft.pk, invoice_date=today + timedelta(days=1), actor=SYSTEM)

    def test_a_closed_month_is_refused_and_the_number_given_back(self):
        with clock.at(date(2026, 8, 31)):
            draft = drafted_invoice()
        closed_period(date(2026, 8, 31))

        with pytest.raises(PeriodClosed):
            post_invoice(draft.pk, invoice_date=date(2026, 8, 31), actor=SYSTEM)

        assert not NumberSeries.objects.filter(code="invoice:2026").exists()

    def test_each_year_counts_from_one(self):
        with clock.at(date(2025, 12, 31)):
            old = posted_invoice()
        with clock.at(date(2026, 1, 2)):
            new = posted_invoice()

        assert (old.number, new.number) == ("INV-2025-000001", "INV-2026-000001")


def test_goods_without_price_and_cost_are_billed_without_entry():
    from tests.factories.orders import priced_item
    from tests.given.stock import stock

    customer = CustomerFactory()
    item = priced_item(customer, "0")
    stock(item, 3, unit_cost=D(0))
    from tests.given.orders import released_order

    order = released_order(customer=customer, lines=[(item, 3)])

    invoice = post_invoice(draft_of(dispatched(planned(order)[0])).pk, actor=SYSTEM)

    assert (invoice.gross, invoice.entry) == (0, None)
    assert invoice.number
    assert Event.objects.get(name="invoice.posted").facts["nothing_owed"]


def test_posting_needs_the_right(clerk):
    draft = drafted_invoice()

    with pytest.raises(NotPermitted):
        post_invoice(draft.pk, actor=clerk)


def test_an_unknown_invoice_is_not_found():
    with pytest.raises(RuleViolation) as refusal:
        post_invoice(999_999, actor=SYSTEM)

    assert refusal.value.status == 404


@pytest.mark.parametrize("lines", [1, 12])
def test_posting_takes_the_same_few_statements_for_any_number_of_lines(count_statements, lines):
    draft = drafted_invoice(*[(2, "3.50")] * lines)

    with count_statements() as count:
        post_invoice(draft.pk, actor=SYSTEM)

    own = [sql for sql in count.statements if "receivables_" not in sql]
    assert len(own) <= 14, str(count)
