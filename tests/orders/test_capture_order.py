from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, RuleViolations
from o2c.core.models import Event
from o2c.masters.commands import install_reference_data
from o2c.masters.models import Customer, TaxProfile
from orders.commands import DuplicateReference, LineDraft, OrderDraft, capture_order
from orders.models import Order, OrderState
from orders.queries.sentences import tax_sentence
from tests.factories.masters import (
    AddressFactory,
    CustomerFactory,
    CustomerItemFactory,
    ExchangeRateFactory,
    ItemFactory,
    ItemUnitFactory,
    PriceListItemFactory,
    ServiceFactory,
    TaxProfileFactory,
)
from tests.factories.orders import OrderFactory, priced_item
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


def drafted(customer, *lines, **draft) -> Order:
    return OrderFactory(customer=customer, lines=lines, **draft)


def refusal(customer, *lines, **draft) -> RuleViolation:
    with pytest.raises(RuleViolation) as refused:
        drafted(customer, *lines, **draft)
    assert not Order.objects.exists()
    return refused.value


def test_a_captured_order_is_a_priced_draft():
    order = OrderFactory(lines=[(3, "10.00"), (2, "5.50")])

    assert order.state == OrderState.DRAFT
    assert order.number == f"SO-{order.pk:06d}"
    assert (order.net, order.tax, order.gross) == (Decimal(41), Decimal("7.79"), Decimal("48.79"))
    assert [line.net for line in lines_of(order)] == [Decimal(30), Decimal(11)]


def test_its_birth_is_on_record(clerk):
    customer = CustomerFactory()
    item = priced_item(customer, "10")

    order = drafted(customer, (item, 1), actor=clerk)

    event = Event.objects.get(document_type="orders.order", document_id=order.pk)
    assert (event.name, event.actor, event.new_state) == ("order.captured", "clara", "draft")
    assert order.created_by == "clara"
    assert order.history.get().history_user_id == "clara"
    assert lines_of(order)[0].history.get().history_user_id == "clara"


def test_what_is_left_out_comes_from_the_customer():
    payer = CustomerFactory()
    customer = CustomerFactory(payer=payer, billing_policy="delivered", delivery_policy="complete")

    order = drafted(customer, (1, "1"))

    assert (order.payer, order.bill_to) == (payer, customer)
    assert (order.terms, order.currency) == (customer.terms, "EUR")
    assert (order.billing_policy, order.delivery_policy) == ("delivered", "complete")
    assert order.ship_to == customer.addresses.get()


def test_capturing_needs_ten_statements_whatever_the_number_of_lines(count_statements):
    customer = CustomerFactory()
    OrderFactory(customer=customer)
    counts = []
    for number in (1, 40):
        items = [priced_item(customer, "1.00") for _ in range(number)]
        lines = [LineDraft(item.code, Decimal(1)) for item in items]
        with count_statements() as count:
            capture_order(OrderDraft(customer.pk, lines), actor=SYSTEM)
        counts.append(int(count))
        assert int(count) <= 10, str(count)

    assert counts[0] == counts[1]


def test_items_are_known_by_our_code_the_customers_code_and_the_barcode():
    customer = CustomerFactory()
    item = priced_item(customer, "10", barcode="4006381333931")
    CustomerItemFactory(customer=customer, item=item, code="THEIRS")

    order = drafted(
        customer,
        LineDraft(item.code.lower(), Decimal(1)),
        LineDraft("THEIRS", Decimal(2)),
        LineDraft("4006381333931", Decimal(3)),
    )

    assert {line.item for line in lines_of(order)} == {item}


def test_another_unit_is_converted_with_its_price():
    customer = CustomerFactory()
    item = priced_item(customer, "10")
    ItemUnitFactory(item=item)
    ItemFactory()

    order = drafted(
        customer,
        LineDraft(item.code, Decimal(2), unit="XBX"),
        LineDraft(item.code, Decimal(1), unit="XBX", unit_price=Decimal(90), price_reason="offer"),
    )

    first, second = lines_of(order)
    assert (first.quantity, first.unit_price, first.price_per, first.net) == (24, 120, 12, 240)
    assert (second.quantity, second.unit_price, second.price_per, second.net) == (12, 90, 12, 90)
    assert first.price_unit.code == second.price_unit.code == "XBX"


def test_the_exchange_rate_is_frozen():
    order = drafted(CustomerFactory(currency="USD"), (1, "10"))

    assert (order.currency, order.exchange_rate) == ("USD", Decimal("0.90"))


def test_tax_is_decided_by_profile_and_item_class_and_says_why():
    customer = CustomerFactory()
    book = priced_item(customer, "10", tax_class="reduced")
    exempt = priced_item(customer, "10", tax_class="exempt")

    order = drafted(customer, (book, 1), (exempt, 1))

    reduced, free = lines_of(order)
    assert (reduced.tax_category, reduced.tax_percent) == ("S", 7)
    assert (free.tax_category, free.tax_percent) == ("E", 0)
    assert free.tax_reason["exemption_reason"] == "Exempt from VAT"
    assert order.tax == Decimal("0.70")


def test_the_country_of_delivery_decides_and_says_so():
    install_reference_data(actor=SYSTEM)
    customer = CustomerFactory(tax_profile=TaxProfile.objects.get(code="DOMESTIC"))
    there = AddressFactory(customer=customer, code="ZH", country="CH", is_default=False)

    order = drafted(customer, (1, "100.00"), ship_to_id=there.pk)

    (line,) = lines_of(order)
    assert (line.tax_category, order.tax) == ("G", 0)
    assert (
        "buyers “EXPORT”. Sold from Germany, sent to Switzerland, billed to Germany, VAT id: none."
    ) in tax_sentence(line)


def test_a_class_without_a_tax_rule_is_refused_by_name():
    profile = TaxProfileFactory(code="NONE", rules={})
    customer = CustomerFactory(tax_profile=profile)
    item = priced_item(customer, "1")

    assert item.code in str(refusal(customer, (item, 1)))


def test_every_bad_line_is_named_at_once():
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    unpriced = ItemFactory()

    refused = refusal(
        customer,
        LineDraft(item.code, Decimal(0)),
        LineDraft(item.code, Decimal("1.5")),
        LineDraft(unpriced.code, Decimal(1)),
        LineDraft(item.code, Decimal(1), unit_price=Decimal(5)),
        LineDraft(item.code, Decimal(1), discount_percent=Decimal("100.01")),
        LineDraft(item.code, Decimal("99999999")),
    )

    assert isinstance(refused, RuleViolations)
    assert [(error.row, error.field) for error in refused.errors] == [
        (0, "quantity"),
        (1, "quantity"),
        (2, "unit_price"),
        (3, "price_reason"),
        (4, "discount_percent"),
        (5, "quantity"),
    ]


def test_unknown_items_are_all_named():
    refused = refusal(
        CustomerFactory(), LineDraft("NO-SUCH", Decimal(1)), LineDraft("NOR-THIS", Decimal(1))
    )

    assert [error.row for error in refused.errors] == [0, 1]
    assert "NO-SUCH" in str(refused)


def test_an_item_no_longer_sold_is_unknown():
    customer = CustomerFactory()
    item = priced_item(customer, "1", active=False)

    assert refusal(customer, (item, 1)).field == "item"


def test_somebody_elses_address_is_refused():
    other = AddressFactory()

    assert refusal(CustomerFactory(), (1, "1"), ship_to_id=other.pk).field == "ship_to"


def test_a_customer_who_no_longer_buys_is_refused():
    customer = CustomerFactory()
    Customer.objects.filter(pk=customer.pk).update(active=False)

    assert refusal(customer, (1, "1")).field == "customer"


def test_a_year_nobody_means_is_refused():
    assert refusal(CustomerFactory(), (1, "1"), requested_date=date(1926, 1, 1)).field


def test_a_currency_without_a_rate_is_refused():
    assert "CHF" in str(refusal(CustomerFactory(), (1, "1"), currency="CHF"))


def test_list_prices_are_not_taken_for_another_currency():
    customer = CustomerFactory()
    ExchangeRateFactory()

    assert refusal(customer, (1, "10"), currency="USD").field == "unit_price"


def test_an_amount_beyond_reason_is_refused():
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    line = LineDraft(
        item.code, Decimal("9999999"), unit_price=Decimal("999999999"), price_reason="test"
    )

    assert "too large" in str(refusal(customer, line))


def test_a_service_has_no_delivery_tolerance():
    customer = CustomerFactory()
    service = ServiceFactory()
    PriceListItemFactory(price_list=customer.price_list, item=service, price=Decimal(80))

    order = drafted(customer, (service, "1.25"))

    assert not order.has_goods
    assert lines_of(order)[0].is_service
    assert order.net == 100


class TestSecondReference:
    def test_the_same_number_in_another_spelling_is_refused_with_the_order_named(self):
        customer = CustomerFactory(po_policy="refuse")
        first = drafted(customer, (1, "1"), customer_reference="PO-4711")

        with pytest.raises(DuplicateReference) as refused:
            drafted(customer, (1, "1"), customer_reference="po 4711")

        assert first.number in str(refused.value)
        assert refused.value.field == "customer_reference"

    @pytest.mark.parametrize(("one", "other"), [("2024/11-1", "2024/1-11"), ("1-23", "12-3")])
    def test_numbers_of_the_same_digits_in_other_groups_are_two(self, one, other):
        customer = CustomerFactory(po_policy="refuse")

        for reference in (one, other):
            assert drafted(customer, (1, "1"), customer_reference=reference).review_notes == []

    def test_the_database_refuses_it_too(self):
        customer = CustomerFactory(po_policy="refuse")
        drafted(customer, (1, "1"), customer_reference="PO-1")
        second = drafted(customer, (1, "1"), customer_reference="PO-2")

        refused = pytest.raises(IntegrityError, match="orders_order_reference_once")
        with refused, transaction.atomic():
            Order.objects.filter(pk=second.pk).update(reference_key="po1")

    def test_under_warn_it_is_noted_for_review(self):
        customer = CustomerFactory(po_policy="warn")
        first = drafted(customer, (1, "1"), customer_reference="PO-4711")

        second = drafted(customer, (1, "1"), customer_reference="PO-4711")

        assert second.review_notes == [
            {"code": "duplicate", "reference": "PO-4711", "order": first.number}
        ]

    def test_under_allow_nobody_is_bothered(self):
        customer = CustomerFactory(po_policy="allow")
        drafted(customer, (1, "1"), customer_reference="PO-4711")

        assert drafted(customer, (1, "1"), customer_reference="PO-4711").review_notes == []

    def test_two_customers_may_use_the_same_number(self):
        for customer in (CustomerFactory(), CustomerFactory()):
            drafted(customer, (1, "1"), customer_reference="1")

        assert Order.objects.count() == 2


def test_differences_from_the_customers_document_are_noted():
    customer = CustomerFactory()
    item = priced_item(customer, "10")

    order = drafted(
        customer,
        LineDraft(item.code, Decimal(1), expected_price=Decimal("9.50")),
        LineDraft(item.code, Decimal(1), expected_price=Decimal("10.00")),
        expected_total=Decimal("20.00"),
    )

    assert [note["code"] for note in order.review_notes] == ["price"]
    order = drafted(customer, (item, 1), expected_total=Decimal("11.00"))
    assert [note["code"] for note in order.review_notes] == ["total"]


def test_a_picker_may_not_capture(picker):
    with pytest.raises(NotPermitted):
        OrderFactory(actor=picker)


def test_one_operation_makes_one_order():
    customer = CustomerFactory()
    OrderFactory(customer=customer)
    item = priced_item(customer, "1")
    draft = OrderDraft(customer.pk, [LineDraft(item.code, Decimal(1))])
    before = Order.objects.count()

    first = capture_order(draft, actor=SYSTEM, op_id="one")
    again = capture_order(draft, actor=SYSTEM, op_id="one")

    assert first.pk == again.pk
    assert Order.objects.count() == before + 1
