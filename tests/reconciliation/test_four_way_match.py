"""Ordered, shipped, invoiced and paid of real orders: the breaks are found, named and listed."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from fulfillment.models import ShortReason
from invoicing.commands import approve_credit_note
from invoicing.models import Invoice
from orders.commands import cancel_order
from orders.models import OrderLine
from reconciliation.queries import figures_of, lines_of_order, match_of, matched_lines, with_break
from reconciliation.rules import BreakKind, breaks_of
from reconciliation.tables import OrderMatchTable
from shipping.commands import announce_return, receive_return
from tests.conftest import counted_statements
from tests.given.invoicing import drafted_invoice, posted_credit, posted_invoice, returned
from tests.given.reconciliation import paid
from tests.given.story import House, state_of
from tests.reading import text
from tests.story.conftest import people  # noqa: F401  # a fixture
from tests.web_budget import assert_detail_budget, assert_list_budget

pytestmark = pytest.mark.django_db

LIST = reverse("reconciliation:order_match_list")


def named(order):
    """The breaks of all lines of an order by kind, as the rule gives them."""
    lines = matched_lines().filter(order=order).order_by("line_number")
    return [dict(breaks_of(figures_of(line))) for line in lines]


def page_of(order):
    return reverse("reconciliation:order_match_detail", args=[order.pk])


# -- one order from its first break to none ----------------------------------------------------


def test_an_order_shows_what_is_missing_until_nothing_is(people, books_agree):  # noqa: F811
    house = House(people)
    order = house.order(10)
    assert named(order) == [{"not_shipped": 10}]

    house.pick(order, found=7, because=ShortReason.FEWER)
    shipment = house.dispatch(order)
    assert named(order) == [{"not_shipped": 3, "not_invoiced": 7}]

    invoice = house.post(order)
    assert named(order) == [{"not_shipped": 3, "unpaid": D("83.30")}]

    house.receive_money("50.00", f"Invoice {invoice.number}")
    assert named(order) == [{"not_shipped": 3, "unpaid": D("33.30")}]

    line = shipment.lines.get()
    back = announce_return(shipment.pk, lines={line.pk: D(2)}, reason="x", actor=people["clara"])
    receive_return(back.pk, actor=people["shirin"])
    assert named(order) == [
        {"not_shipped": 3, "return_not_credited": 2, "unpaid": D("33.30")},
    ]

    note = approve_credit_note(Invoice.objects.get(corrects=invoice).pk, actor=people["corinna"])
    assert named(order) == [{"not_shipped": 3, "unpaid": D("9.50")}]
    assert match_of(lines_of_order(order.pk))[0].breaks == [
        "3 pc ordered, not shipped",
        "9.50\xa0EUR of its invoices not paid",
    ]
    assert match_of(lines_of_order(order.pk))[0].paid_percent == D("84.03")  # of 83.30 less 23.80

    cancel_order(order.pk, reason="Not wanted any more", actor=people["clara"])
    house.receive_money("9.50", f"Rest of {invoice.number} less {note.number}")
    assert named(order) == [{}]
    assert state_of(order) == "reconciled"
    books_agree()


def test_a_reconciled_order_has_no_break(people, books_agree, boss):  # noqa: F811
    house = House(people)
    order = house.order(10)
    invoice = house.ship_and_bill(order)
    house.receive_money(invoice.gross, f"Invoice {invoice.number}")

    assert state_of(order) == "reconciled"
    assert named(order) == [{}]
    assert "agree on every line" in text(boss.get(page_of(order)))
    assert order.number not in text(boss.get(LIST))
    assert order.number in text(boss.get(LIST, {"tab": "all"}))
    books_agree()


# -- credits and prices ------------------------------------------------------------------------


def test_what_is_billed_below_the_ordered_price_is_named():
    invoice = posted_invoice()
    posted_credit(invoice, "7.50", kind="price")

    (breaks,) = named(invoice.order)

    assert breaks["price_below"] == D("7.50")


def test_goodwill_is_no_other_price():
    invoice = posted_invoice()
    posted_credit(invoice, "7.50", kind="goodwill")

    (breaks,) = named(invoice.order)

    assert "price_below" not in breaks


def test_what_was_billed_wrongly_is_to_be_billed_again_and_given_back():
    invoice = posted_invoice()
    paid(invoice)
    posted_credit(invoice, 4, kind="correction")

    (breaks,) = named(invoice.order)

    assert breaks == {"not_invoiced": 4, "owed_back": D("47.60")}


def test_a_draft_bills_nothing_yet():
    (breaks,) = named(drafted_invoice().order)

    assert breaks == {"not_invoiced": 10}


def test_a_discount_and_its_partial_credit_are_no_other_price():
    invoice = posted_invoice((7, "0.35"), discount_amount=D("0.10"))
    for _ in range(3):
        posted_credit(invoice, 1, kind="correction")

    (breaks,) = named(invoice.order)

    assert set(breaks) == {"not_invoiced", "unpaid"}


# -- the list ----------------------------------------------------------------------------------


def orders_in_every_trouble():
    """Orders whose lines have, between them, nearly every kind of break."""
    drafted_invoice()
    posted_invoice((10, "10.00"), (3, "4.00"))
    paid(posted_invoice())
    for kind, figure in (("price", "3.00"), ("goodwill", "3.00"), ("correction", 4)):
        posted_credit(posted_invoice(), figure, kind=kind)
    credited = posted_invoice()
    paid(credited)
    posted_credit(credited, 2, kind="correction")
    back = posted_invoice()
    returned(back.shipment, 3)
    changed = posted_invoice((8, "10.00"), (2, "1.00"))
    OrderLine.objects.filter(order=changed.order, line_number=1).update(unit_price="9.00")


def test_the_tabs_find_what_the_rule_names():
    orders_in_every_trouble()
    by_rule = {kind: set() for kind in BreakKind}
    for line in matched_lines():
        for kind, _value in breaks_of(figures_of(line)):
            by_rule[kind].add(line.pk)

    for kind in BreakKind:
        found = set(with_break(matched_lines(), kind).values_list("pk", flat=True))
        assert found == by_rule[kind], kind
    assert by_rule[BreakKind.PRICE_ABOVE]
    assert by_rule[BreakKind.PRICE_BELOW]
    assert by_rule[BreakKind.RETURN_NOT_CREDITED]
    assert by_rule[BreakKind.OWED_BACK]
    anything = set(with_break(matched_lines()).values_list("pk", flat=True))
    assert anything == set.union(*by_rule.values())


def test_each_tab_answers_and_the_file_says_what_the_screen_says(boss):
    orders_in_every_trouble()

    for tab in OrderMatchTable.tabs:
        assert boss.get(LIST, {"tab": tab.key}).status_code == 200
    shown = text(boss.get(LIST, {"tab": "price"}))
    file = b"".join(boss.get(LIST, {"tab": "price", "export": "csv"}).streaming_content).decode()

    assert "above the ordered price" in shown
    assert "above the ordered price" in file
    assert boss.get(LIST, {"tab": "price", "export": "xlsx"}).status_code == 200


def test_the_list_is_narrowed_by_order_and_customer(boss):
    one, other = posted_invoice().order, posted_invoice().order

    by_number = text(boss.get(LIST, {"q": one.number}))
    by_customer = text(boss.get(LIST, {"order__customer": other.customer_id}))

    assert one.number in by_number
    assert other.number not in by_number
    assert other.number in by_customer
    assert one.number not in by_customer


def test_the_list_keeps_its_budget(boss):
    pattern = posted_invoice().order.lines.get()

    def more(count):
        first = OrderLine.objects.filter(order=pattern.order).count() + 1
        copies = []
        for number in range(first, first + count):
            copy = OrderLine.objects.get(pk=pattern.pk)
            copy.pk, copy.line_number = None, number
            copies.append(copy)
        OrderLine.objects.bulk_create(copies)

    assert_list_budget(boss, LIST, more)


def test_one_order_is_one_statement_however_many_lines():
    def cost(order):
        with counted_statements() as count:
            match_of(lines_of_order(order.pk))
        return int(count)

    assert cost(posted_invoice().order) == 1
    assert cost(posted_invoice(*[(1, "2.00")] * 8).order) == 1


# -- the page ----------------------------------------------------------------------------------


def test_the_page_names_every_break_beside_its_line(boss):
    invoice = posted_invoice((10, "10.00"), (3, "4.00"))
    returned(invoice.shipment, 3)

    shown = text(boss.get(page_of(invoice.order)))

    assert "2 of 2 lines do not agree yet" in shown
    assert "3 pc returned, not credited" in shown
    assert "of its invoices not paid" in shown
    assert_detail_budget(boss, page_of(invoice.order))


def test_the_orders_page_leads_to_its_match_for_those_who_may_see_it(clara, boss):
    order = posted_invoice().order
    link = page_of(order)

    assert link in boss.get(order.get_absolute_url()).content.decode()
    assert link not in clara.get(order.get_absolute_url()).content.decode()
    assert clara.get(link).status_code == 403


def test_the_match_of_no_order_is_not_found(boss):
    assert boss.get(reverse("reconciliation:order_match_detail", args=[10**9])).status_code == 404
