"""One form sent eight times at once: it acts once, and all eight are led to the same page."""

from contextlib import contextmanager
from functools import partial
from unittest import mock

import pytest
from django.urls import reverse

from o2c.core import idempotency
from o2c.core.models import Event, User
from o2c.masters.models import Customer
from orders.models import Order, OrderLine, OrderState
from tests.concurrency.race import constraint_off, in_step, locks_off, race
from tests.conftest import signed_in
from tests.factories.masters import CustomerFactory
from tests.factories.orders import OrderFactory
from tests.given.logistics import planned_list
from tests.web.test_once import answer, typed_in

pytestmark = pytest.mark.django_db(transaction=True)
SENT_SO_OFTEN = 8


@contextmanager
def keys_off():
    """Let every sending of a form believe that it is the first."""
    with mock.patch.object(idempotency, "_take", return_value=0), in_step():
        yield


def answers_to(url, form):
    """Send one form from eight windows of one person at once; what each is answered."""
    rita = User.objects.create_superuser("rita")
    sent = {**form, "op_id": "k1"}
    return [
        answer(each) for each in race(*[partial(signed_in(rita).post, url, sent)] * SENT_SO_OFTEN)
    ]


class TestAConfirmedPick:
    @pytest.fixture
    def pick_list(self):
        return planned_list((10, 10))

    def send(self, pick_list):
        (stop,) = pick_list.lines.all()
        url = reverse("fulfillment:pick_list_act", args=[pick_list.pk, "confirm"])
        return answers_to(url, {f"picked_{stop.pk}": "10"})

    def test_counts_the_goods_once_and_all_are_led_to_the_list(self, pick_list):
        answers = self.send(pick_list)

        assert answers == [(303, pick_list.get_absolute_url())] * SENT_SO_OFTEN
        assert OrderLine.objects.get().picked == 10
        assert Event.objects.filter(document_id=pick_list.pk, new_state="picked").count() == 1

    def test_counts_them_again_without_key_and_locks(self, pick_list):
        off = partial(constraint_off, "orders_orderline")
        with (
            keys_off(),
            locks_off(),
            off("orders_orderline_picked_within_ordered"),
            off("orders_orderline_reserved_within_open"),
        ):
            self.send(pick_list)
            picked = OrderLine.objects.get().picked

        assert picked > 10


class TestANewCustomer:
    def send(self):
        known = CustomerFactory(code="C-1")
        page = signed_in(User.objects.create_superuser("paul"))
        form = page.get(reverse("masters:customer_edit", args=[known.pk])).context["form"]
        return answers_to(reverse("masters:customer_new"), {**typed_in(form), "code": "C-2"})

    def test_is_made_once_and_all_are_led_to_it(self):
        answers = self.send()

        made = Customer.objects.get(code="C-2")
        page = reverse("masters:customer_detail", args=[made.pk])
        assert answers == [(303, page)] * SENT_SO_OFTEN

    def test_is_refused_to_seven_without_the_key(self):
        with keys_off():
            answers = self.send()

        assert sorted(status for status, _url in answers) == [303] + [422] * 7


class TestAnOrderThatIsConfirmedAtOnce:
    def send(self):
        like = OrderFactory(customer=CustomerFactory(po_policy="allow"))
        (line,) = like.lines.all()
        return answers_to(
            reverse("orders:order_new"),
            {
                "customer": like.customer.code,
                "then": "confirm",
                "customer_reference": "PO-1",
                "lines-TOTAL_FORMS": "1",
                "lines-INITIAL_FORMS": "0",
                "lines-0-item": line.item.code,
                "lines-0-quantity": "3",
            },
        )

    def sent(self):
        return Order.objects.filter(customer_reference="PO-1")

    def test_is_made_once_and_all_are_led_to_it(self):
        answers = self.send()

        order = self.sent().get()
        assert order.state != OrderState.DRAFT
        assert answers == [(303, order.get_absolute_url())] * SENT_SO_OFTEN

    def test_is_made_eight_times_without_the_key(self):
        with keys_off():
            self.send()

        assert self.sent().count() == SENT_SO_OFTEN
