"""Orders are told how far they are paid, whatever paid them, and when it is taken back."""

from decimal import Decimal

import pytest

from invoicing.models import CreditKind
from o2c.core import clock, events
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.models import Event
from receivables.commands import (
    Share,
    allocate_credit,
    allocate_payment,
    approve_write_off,
    request_write_off,
    reverse_credit_application,
    reverse_payment,
    reverse_write_off,
)
from reconciliation.commands import (
    settle_order,
    settle_orders,
    settle_orders_of_credit,
    settle_orders_of_write_off,
)
from tests.given import receivables as given
from tests.given.invoicing import posted_credit
from tests.given.reconciliation import owed, paid
from tests.given.story import state_of

pytestmark = pytest.mark.django_db

OTHER = SystemActor("controller")


@pytest.fixture(autouse=True)
def _nobody_follows(monkeypatch):
    """Orders hear of their money from these commands alone."""
    monkeypatch.setattr(events, "_after", {})


def settled(*invoices, amount=None):
    """A payment that came without a bank statement, used for all of each invoice."""
    items = [invoice.open_items.get() for invoice in invoices]
    shares = [Share(item.pk, amount or item.open_amount) for item in items]
    total = sum(share.amount for share in shares)
    payment = given.payment(total, customer=invoices[0].payer, on=clock.today())
    return allocate_payment(payment.pk, shares=shares, actor=SYSTEM)


def credited(invoice):
    """The whole price given back, and that credit used for the debt."""
    note = posted_credit(invoice, invoice.net, kind=CreditKind.GOODWILL)
    item = invoice.open_items.get()
    shares = [Share(item.pk, item.open_amount)]
    return allocate_credit(note.open_items.get().pk, shares=shares, actor=SYSTEM)


def written_off(invoice):
    """All of the invoice given up."""
    item = invoice.open_items.get()
    asked = request_write_off(
        item.pk, amount=item.open_amount, reason="bad_debt", note="gone", actor=SYSTEM
    )
    return approve_write_off(asked.pk, actor=OTHER)


def names_of(order):
    """What the order was told, in order."""
    told = Event.objects.filter(document_type="orders.order", document_id=order.pk)
    names = ("order.paid", "order.reconciled", "order.unreconciled", "order.unsettled")
    return list(told.filter(name__in=names).order_by("pk").values_list("name", flat=True))


class TestSettleOrders:
    def test_what_is_paid_without_the_bank_is_paid_and_not_reconciled(self):
        invoice = owed()

        settle_orders([settled(invoice).pk], actor=SYSTEM)

        assert state_of(invoice.order) == "paid"
        assert names_of(invoice.order) == ["order.paid"]

    def test_what_the_bank_has_seen_is_reconciled(self):
        invoice = owed()
        match = paid(invoice)
        match.bank_line.refresh_from_db()

        settle_orders([match.bank_line.payment_id], actor=SYSTEM)

        assert state_of(invoice.order) == "reconciled"
        assert names_of(invoice.order) == ["order.paid", "order.reconciled"]

    def test_one_payment_settles_every_order_it_was_used_for(self):
        first = owed()
        second = owed(customer=first.customer)

        settle_orders([settled(first, second).pk], actor=SYSTEM)

        assert [state_of(first.order), state_of(second.order)] == ["paid", "paid"]

    def test_a_part_is_not_enough(self):
        invoice = owed()

        settle_orders([settled(invoice, amount=Decimal(100)).pk], actor=SYSTEM)

        assert state_of(invoice.order) == "invoiced"

    def test_money_taken_back_leaves_the_order_owed(self):
        invoice = owed()
        payment = settled(invoice)
        settle_orders([payment.pk], actor=SYSTEM)
        reverse_payment(payment.pk, reason="bounced", actor=SYSTEM)

        settle_orders([payment.pk], actor=SYSTEM)

        assert state_of(invoice.order) == "invoiced"
        assert names_of(invoice.order) == ["order.paid", "order.unsettled"]

    def test_money_that_was_used_for_nothing_moves_nothing(self):
        invoice = owed()

        settle_orders([given.payment(customer=invoice.payer, on=clock.today()).pk], actor=SYSTEM)

        assert names_of(invoice.order) == []

    def test_telling_twice_tells_once_and_in_the_name_of_the_house(self, cashier):
        invoice = owed()
        payment = settled(invoice)

        for _ in range(2):
            settle_orders([payment.pk], actor=cashier)

        assert Event.objects.get(name="order.paid").actor == "system"


class TestSettleOrdersOfCredit:
    def test_a_credit_that_pays_all_of_it_needs_no_bank(self):
        invoice = owed()

        settle_orders_of_credit([credited(invoice).pk], actor=SYSTEM)

        assert state_of(invoice.order) == "reconciled"

    def test_a_credit_given_back_leaves_the_order_owed(self):
        invoice = owed()
        application = credited(invoice)
        settle_orders_of_credit([application.pk], actor=SYSTEM)
        reverse_credit_application(application.pk, reason="wrong debt", actor=SYSTEM)

        for _ in range(2):
            settle_orders_of_credit([application.pk], actor=SYSTEM)

        assert state_of(invoice.order) == "invoiced"
        assert names_of(invoice.order)[-1] == "order.unsettled"
        assert names_of(invoice.order).count("order.unsettled") == 1

    def test_a_credit_nobody_has_used_leaves_the_order_paid(self):
        invoice = owed()
        match = paid(invoice)
        match.bank_line.refresh_from_db()
        settle_orders([match.bank_line.payment_id], actor=SYSTEM)
        posted_credit(invoice, 10, kind=CreditKind.PRICE)

        for _ in range(2):
            settle_order(invoice.order_id, actor=SYSTEM)

        assert state_of(invoice.order) == "paid"
        assert names_of(invoice.order)[-1] == "order.unreconciled"


class TestSettleOrdersOfWriteOff:
    def test_what_is_given_up_is_settled(self):
        invoice = owed()

        settle_orders_of_write_off([written_off(invoice).pk], actor=SYSTEM)

        assert state_of(invoice.order) == "reconciled"

    def test_what_is_owed_again_is_not(self):
        invoice = owed()
        write_off = written_off(invoice)
        settle_orders_of_write_off([write_off.pk], actor=SYSTEM)
        reverse_write_off(write_off.pk, reason="they pay", actor=SYSTEM)

        for _ in range(2):
            settle_orders_of_write_off([write_off.pk], actor=SYSTEM)

        assert state_of(invoice.order) == "invoiced"
        assert names_of(invoice.order).count("order.unsettled") == 1


class TestSettleOrder:
    def test_an_order_that_cost_nothing_is_settled_when_it_is_billed(self):
        order = owed((1, "0.00")).order

        for _ in range(2):
            settle_order(order.pk, actor=SYSTEM)

        assert state_of(order) == "reconciled"
        assert names_of(order) == ["order.paid", "order.reconciled"]

    def test_an_order_that_is_owed_stays_as_it_is(self):
        order = owed().order

        settle_order(order.pk, actor=SYSTEM)

        assert state_of(order) == "invoiced"
