from decimal import Decimal

import pytest
from django.urls import reverse

from o2c.core.actors import SYSTEM
from orders.commands import LineDraft, hold_order
from orders.models import Order, OrderState
from tests.conftest import person, signed_in
from tests.factories.masters import (
    CustomerFactory,
    ItemFactory,
    PriceListItemFactory,
)
from tests.factories.orders import OrderFactory, priced_item
from tests.given.orders import confirmed_order, lines_of, released_order, submitted_order
from tests.web_budget import assert_detail_budget, assert_list_budget

pytestmark = pytest.mark.django_db


def typed(*lines, then="draft", **head):
    """What a browser sends: the head and one row per line (item, quantity, more)."""
    data = {
        "customer": "acme",
        "then": then,
        "lines-TOTAL_FORMS": str(len(lines)),
        "lines-INITIAL_FORMS": head.pop("initial", "0"),
        **head,
    }
    for row, (item, quantity, *more) in enumerate(lines):
        data |= {f"lines-{row}-item": item, f"lines-{row}-quantity": quantity}
        data |= {f"lines-{row}-{name}": value for name, value in (more[0] if more else {}).items()}
    return data


NEW = "/orders/new/"


class TestEntry:
    def test_the_empty_form_has_five_rows_and_suggests_codes(self, clara, customer):
        page = " ".join(clara.get(NEW).content.decode().split())

        assert 'name="lines-4-item"' in page
        assert '<option value="BOLT">' in page
        assert 'list="item-codes"' in page

    def test_an_order_is_saved_as_a_draft(self, clara, customer):
        response = clara.post(NEW, typed(("bolt", "3"), ("", ""), ("NUT", "2")))

        order = Order.objects.get()
        assert (response.status_code, response.url) == (303, order.get_absolute_url())
        assert (order.state, order.net) == (OrderState.DRAFT, 41)

    def test_an_order_can_be_confirmed_at_once(self, clara, customer):
        clara.post(NEW, typed(("BOLT", "3"), then="confirm"))

        assert Order.objects.get().state == OrderState.CONFIRMED

    def test_an_order_with_something_to_review_stops_at_submitted(self, clara, customer):
        type(customer).objects.update(po_policy="warn")
        OrderFactory(customer=customer, customer_reference="PO-1")

        clara.post(NEW, typed(("BOLT", "3"), then="confirm", customer_reference="PO 1"))

        assert Order.objects.latest("pk").state == OrderState.SUBMITTED

    def test_every_error_is_beside_its_field_and_what_was_typed_stays(self, clara, customer):
        response = clara.post(
            NEW, typed(("BOLT", "3"), ("", ""), ("NO-SUCH", "7"), customer_reference="PO-9")
        )

        page = response.content.decode()
        assert response.status_code == 422
        assert not Order.objects.exists()
        assert "“NO-SUCH” is unknown" in page
        assert 'value="PO-9"' in page
        assert 'value="7"' in page
        formset = response.context["lines"]
        assert [bool(form.errors) for form in formset.forms] == [False, False, True]

    @pytest.mark.parametrize(
        "quantity",
        ["0", "-1", "1e5", "NaN", "Infinity", "１２", "1_000", "99999999999", "1.5", "", "  ", "x"],
    )
    def test_a_quantity_that_is_none_is_refused_at_its_row(self, clara, customer, quantity):
        response = clara.post(NEW, typed(("NUT", "1"), ("BOLT", quantity)))

        assert response.status_code == 422
        assert "quantity" in response.context["lines"].forms[1].errors
        assert not Order.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("customer", "nobody"),
            ("customer", ""),
            ("ship_to", "NOWHERE"),
            ("warehouse", "SOUTH"),
            ("requested_date", "31.02.2026"),
            ("requested_date", "0001-01-01"),
            ("discount_amount", "1000"),
            ("discount_amount", "0.001"),
            ("customer_reference", "x" * 65),
            ("note", "x" * 2001),
        ],
    )
    def test_a_bad_head_is_refused_at_its_field(self, clara, customer, field, value):
        response = clara.post(NEW, typed(("BOLT", "1"), **{field: value}))

        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert not Order.objects.exists()

    def test_a_nul_byte_is_no_server_error(self, clara, customer):
        response = clara.post(NEW, typed(("BOLT\x00", "1"), customer_reference="a\x00b"))

        assert response.status_code in (303, 400, 422)

    def test_a_second_reference_is_refused_at_its_field(self, clara, customer):
        OrderFactory(customer=customer, customer_reference="PO-1")

        response = clara.post(NEW, typed(("BOLT", "1"), customer_reference="po1"))

        assert response.status_code == 409
        assert "customer_reference" in response.context["form"].errors

    def test_another_price_needs_its_reason(self, clara, customer):
        without = clara.post(NEW, typed(("BOLT", "1", {"unit_price": "8"})))
        assert "price_reason" in without.context["lines"].forms[0].errors

        clara.post(NEW, typed(("BOLT", "1", {"unit_price": "8", "price_reason": "fair"})))
        assert lines_of(Order.objects.get())[0].unit_price == 8

    def test_the_same_form_sent_twice_is_one_order(self, clara, customer):
        for _twice in range(2):
            assert clara.post(NEW, typed(("BOLT", "1"), op_id="op-1")).status_code == 303

        assert Order.objects.count() == 1

    @pytest.mark.parametrize("count", ["TOTAL_FORMS", "INITIAL_FORMS"])
    def test_fewer_than_no_rows_are_refused(self, clara, customer, count):
        form = {**typed(("BOLT", "1")), f"lines-{count}": "-1"}

        response = clara.post(NEW, form)

        assert response.status_code == 422
        assert "The rows did not come as this page sends them" in response.content.decode()
        assert not Order.objects.exists()

    @pytest.mark.parametrize("count", ["2", "1000", "1000000000"])
    def test_more_rows_than_came_are_refused_and_not_drawn(self, clara, customer, count):
        """A count of a billion drew 1,999 rows, in more than a minute with the demo's items."""
        response = clara.post(NEW, {**typed(("BOLT", "1")), "lines-TOTAL_FORMS": count})

        assert response.status_code == 422
        assert "The rows did not come as this page sends them" in response.content.decode()
        assert len(response.context["lines"].forms) == 1
        assert not Order.objects.exists()

    def test_a_copy_starts_with_the_lines_of_the_other_order(self, clara, customer):
        order = OrderFactory(customer=customer, lines=[(4, "10")], customer_reference="PO-1")

        page = clara.get(f"{NEW}?copy={order.pk}").content.decode()

        assert f'value="{lines_of(order)[0].item.code}"' in page
        assert "PO-1" not in page

    @pytest.mark.parametrize("key", ["999999", "x", "-1", "9" * 30])
    def test_a_copy_of_nothing_is_an_empty_form(self, clara, customer, key):
        assert clara.get(f"{NEW}?copy={key}").status_code == 200


class TestEditing:
    def test_a_draft_comes_as_it_was_typed_and_is_changed(self, clara, customer):
        order = OrderFactory(customer=customer, lines=[(3, "10")])
        url = f"/orders/{order.pk}/edit/"
        code = lines_of(order)[0].item.code

        assert f'value="{code}"' in clara.get(url).content.decode()
        response = clara.post(url, typed((code, "5"), version="1", initial="1"))

        assert response.status_code == 303
        assert lines_of(order)[0].quantity == 5

    def test_a_row_taken_out_is_gone(self, clara, customer):
        order = OrderFactory(customer=customer, lines=[(3, "10"), (1, "20")])
        first, second = [line.item.code for line in lines_of(order)]

        rows = [(first, "3", {"DELETE": "on"}), (second, "1")]
        clara.post(f"/orders/{order.pk}/edit/", typed(*rows, version="1", initial="2"))

        assert [line.item.code for line in lines_of(order)] == [second]

    def test_an_edit_keeps_the_lines_own_discount_apart_from_the_lists(self, clara, customer):
        list_ten = PriceListItemFactory(
            price_list=customer.price_list,
            item=ItemFactory(code="CUP"),
            price=Decimal(100),
            discount_percent=10,
        )
        draft = LineDraft(list_ten.item.code, Decimal(1), discount_percent=Decimal(10))
        order = OrderFactory(customer=customer, lines=[draft])

        (row,) = clara.get(f"/orders/{order.pk}/edit/").context["lines"].initial_forms
        rows = typed(("CUP", "1", {"discount_percent": str(row.initial["discount_percent"])}))
        clara.post(
            f"/orders/{order.pk}/edit/", {**rows, "version": "1", "lines-INITIAL_FORMS": "1"}
        )

        order.refresh_from_db()
        assert order.net == Decimal("81.00")  # 10 % and 10 %, once each

    def test_an_older_form_is_refused_and_shows_both(self, clara, customer):
        order = OrderFactory(customer=customer)
        code = lines_of(order)[0].item.code

        response = clara.post(
            f"/orders/{order.pk}/edit/",
            typed((code, "5"), version="0", initial="1", note="mine"),
        )

        assert response.status_code == 409
        assert "mine" in response.content.decode()


class TestDetail:
    def test_it_explains_price_tax_and_promise_in_sentences(self, clara, customer):
        order = confirmed_order(customer=customer, lines=[(3, "10")])

        page = clara.get(order.get_absolute_url()).content.decode()

        assert "List price 10.00" in page
        assert "Items taxed “Standard”, buyers “DOMESTIC”." in page
        assert "3 without a date." in page
        assert "<progress" in page

    def test_it_names_what_is_to_review(self, clara, customer):
        order = OrderFactory(
            customer=customer,
            lines=[(3, "10")],
            expected_total=1,
        )

        assert (
            "The customer&#x27;s total is 1.00"
            in clara.get(order.get_absolute_url()).content.decode()
        )

    def test_a_hold_is_shown_with_its_reason(self, clara):
        order = confirmed_order()
        hold_order(order.pk, reason="Waiting for documents.", actor=SYSTEM)

        assert "Waiting for documents." in clara.get(order.get_absolute_url()).content.decode()

    def test_the_page_keeps_its_budget(self, clara):
        order = confirmed_order(lines=[(1, "1")] * 30)

        assert_detail_budget(clara, order.get_absolute_url())

    def test_an_unknown_order_is_not_found(self, clara):
        assert clara.get("/orders/999999/").status_code == 404


class TestVerbs:
    def test_a_button_submits_and_another_confirms(self, clara):
        order = OrderFactory()

        for verb, state in (("submit", "submitted"), ("confirm", "confirmed")):
            assert clara.post(f"/orders/{order.pk}/{verb}/").status_code == 303
            order.refresh_from_db()
            assert order.state == state

    def test_a_hold_asks_why(self, clara):
        order = confirmed_order()

        assert clara.get(f"/orders/{order.pk}/hold/").status_code == 200
        assert clara.post(f"/orders/{order.pk}/hold/", {"reason": " "}).status_code == 422
        clara.post(f"/orders/{order.pk}/hold/", {"reason": "Stop."})

        order.refresh_from_db()
        assert order.state == OrderState.ON_HOLD

    def test_v25_looking_at_the_cancel_page_changes_nothing(self, clara):
        order = confirmed_order()

        assert clara.get(f"/orders/{order.pk}/cancel/").status_code == 200

        order.refresh_from_db()
        assert order.state == OrderState.CONFIRMED

    def test_a_verb_that_is_not_possible_now_is_refused(self, clara):
        assert clara.post(f"/orders/{OrderFactory().pk}/confirm/").status_code == 409

    def test_an_unknown_verb_is_not_found(self, clara):
        assert clara.post(f"/orders/{OrderFactory().pk}/explode/").status_code == 404

    @pytest.mark.parametrize("verb", ["ship", "invoice", "pay", "reconcile", "release"])
    def test_what_the_numbers_move_no_button_moves(self, clara, verb):
        assert clara.post(f"/orders/{released_order().pk}/{verb}/").status_code == 404


def test_the_list_has_tabs_for_the_work(clara, customer):
    OrderFactory(customer=customer, lines=[(1, "10")], expected_total=1)
    submitted_order()

    url = reverse("orders:order_list")
    assert "1 point to review" in clara.get(f"{url}?tab=review").content.decode()
    for tab in ("open", "review", "confirm", "held", "all"):
        assert clara.get(url, {"tab": tab}).status_code == 200


def test_the_list_keeps_its_budget(clara):
    customer = CustomerFactory()
    item = priced_item(customer, "1")

    assert_list_budget(
        clara,
        "/orders/",
        lambda count: [OrderFactory(customer=customer, lines=[(item, 1)]) for _ in range(count)],
    )


@pytest.mark.parametrize("role", ["auditor", "controller"])
def test_readers_look_and_do_not_touch(role):
    order, browser = OrderFactory(), signed_in(person(role))

    assert browser.get(order.get_absolute_url()).status_code == 200
    assert browser.get(NEW).status_code == 403
    assert browser.post(f"/orders/{order.pk}/submit/").status_code == 403
    order.refresh_from_db()
    assert order.state == OrderState.DRAFT


def test_whoever_has_no_right_sees_nothing():
    order, browser = OrderFactory(), signed_in(person("portal user"))

    for url in ("/orders/", order.get_absolute_url(), NEW, "/orders/import/"):
        assert browser.get(url).status_code == 403


def test_the_admin_only_looks(boss):
    order = OrderFactory()

    assert boss.get(f"/admin/orders/order/{order.pk}/change/").status_code == 200
    assert boss.get("/admin/orders/order/add/").status_code == 403
    assert boss.post(f"/admin/orders/order/{order.pk}/delete/").status_code == 403
