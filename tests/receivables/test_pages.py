"""The pages of receivables: who sees what, where figures lead, and files equal to the screen."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from receivables.commands import (
    Share,
    allocate_credit,
    allocate_payment,
    open_dispute,
    pause_dunning,
    propose_dunning,
    record_promise,
    request_write_off,
)
from receivables.models import (
    Allocation,
    DunningLetter,
    DunningRun,
    OpenItem,
    Payment,
)
from tests.factories.masters import CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given
from tests.reading import html, text, urls_of
from tests.web_budget import assert_detail_budget, assert_list_budget

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

url = urls_of("receivables")

TODAY = date(2026, 6, 30)


# -- lists ------------------------------------------------------------------------------------


LISTS = [
    *("open_item_list", "payment_list", "credit_application_list", "write_off_list"),
    *("dispute_list", "promise_list", "dunning_run_list", "aging", "aging_items"),
]


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_is_a_page(boss, name):
    CustomerFactory()  # the company exists

    assert boss.get(url(name)).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_who_may_not_see_receivables_sees_none(pablo, name):
    assert pablo.get(url(name)).status_code == 403


def test_open_items_are_found_by_tab(boss, customer):
    given.debt("100.00", customer=customer, number="LATE", due=TODAY - timedelta(days=1))
    given.debt("100.00", customer=customer, number="NOTYET", due=TODAY)
    given.debt("-10.00", customer=customer, number="CREDIT")

    shown = {
        tab: text(boss.get(url("open_item_list"), {"tab": tab}))
        for tab in ("overdue", "open", "credits", "settled")
    }

    assert "LATE" in shown["overdue"]
    assert "NOTYET" not in shown["overdue"]
    assert "NOTYET" in shown["open"]
    assert "CREDIT" in shown["credits"]
    assert "CREDIT" not in shown["open"]
    assert "LATE" not in shown["settled"]


def test_lists_keep_their_budget(boss, customer):
    def debts(count):
        rows = [given.debt("1.00", customer=CustomerFactory()) for _ in range(1)]
        OpenItem.objects.bulk_create(copies(rows[0], count - 1))

    def payments(count):
        given.payment("1.00", customer=customer)
        Payment.objects.bulk_create(
            [as_new(Payment.objects.latest("pk")) for _ in range(count - 1)]
        )

    assert_list_budget(boss, url("open_item_list") + "?tab=all", debts)
    assert_list_budget(boss, url("payment_list") + "?tab=all", payments)
    assert_list_budget(boss, url("aging_items"), debts)


def as_new(row):
    row.pk, row._state.adding = None, True
    return row


def copies(item, count):
    made = []
    for n in range(count):
        copy = OpenItem.objects.get(pk=item.pk)
        copy.document_number = f"{item.document_number}-{n}-{item.pk}"
        made.append(as_new(copy))
    return made


# -- payments ---------------------------------------------------------------------------------


def test_a_payment_is_recorded_and_applied_by_plain_forms(boss, customer):
    items = [given.debt("100.00", customer=customer, number=f"INV-{n}") for n in (1, 2)]
    given.bank_account()

    answer = boss.post(
        url("payment_new"),
        {
            "customer": customer.code,
            "direction": "in",
            "amount": "150.00",
            "currency": "eur",
            "value_date": "2026-06-29",
            "bank_account": "BANK",
            "method": "cheque",
            "reference": "cheque 7",
            "op_id": "1",
        },
    )
    payment = Payment.objects.get()
    assert answer.status_code == 303
    assert answer.url == url("payment_detail", payment.pk)
    page = text(boss.get(url("payment_act", payment.pk, "allocate")))
    assert "INV-1" in page
    assert "150.00 EUR can be applied" in page
    boss.post(
        url("payment_act", payment.pk, "allocate"),
        {f"amount_{items[0].pk}": "100.00", f"amount_{items[1].pk}": "20.00", "op_id": "2"},
    )

    payment.refresh_from_db()
    assert payment.unapplied == D("30.00")
    shown = text(boss.get(url("payment_detail", payment.pk)))
    assert "30.00 EUR of it is not applied" in shown
    assert "INV-2" in shown


def test_too_much_is_refused_beside_its_row_and_keeps_what_was_typed(boss, customer):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("500.00", customer=customer)

    answer = boss.post(
        url("payment_act", payment.pk, "allocate"), {f"amount_{item.pk}": "100.01", "op_id": "1"}
    )

    assert answer.status_code == 422
    assert "more than the 100.00 EUR still open" in text(answer)
    assert 'value="100.01"' in html(answer)
    assert not Allocation.objects.exists()


@pytest.mark.parametrize("typed", ["NaN", "1e5", "-5", "abc", "٥"])
def test_what_is_no_amount_is_named(boss, customer, typed):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("500.00", customer=customer)

    answer = boss.post(
        url("payment_act", payment.pk, "allocate"), {f"amount_{item.pk}": typed, "op_id": "1"}
    )

    assert answer.status_code == 422
    assert not Allocation.objects.exists()


def test_the_discount_still_earned_is_offered(boss, customer):
    item = given.debt("100.00", customer=customer)
    OpenItem.objects.filter(pk=item.pk).update(
        discount=D("2.00"), discount_date=TODAY, discount_percent=2
    )
    early, late = (
        given.payment("98.00", customer=customer, on=TODAY + timedelta(days=d)) for d in (0, 1)
    )

    assert f"discount_{item.pk}" in html(boss.get(url("payment_act", early.pk, "allocate")))
    assert f"discount_{item.pk}" not in html(boss.get(url("payment_act", late.pk, "allocate")))


def test_oldest_first_take_back_and_reverse_are_buttons(boss, customer):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("60.00", customer=customer)

    boss.post(url("payment_act", payment.pk, "allocate_oldest_first"), {"op_id": "1"})
    assert Allocation.objects.count() == 1
    allocation = Allocation.objects.get()
    boss.post(
        url("payment_act", payment.pk, "take_back"),
        {"allocations": [allocation.pk], "reason": "wrong", "op_id": "2"},
    )
    boss.post(url("payment_act", payment.pk, "reverse"), {"reason": "bounced", "op_id": "3"})

    payment.refresh_from_db()
    item.refresh_from_db()
    assert payment.state == "reversed"
    assert item.open_amount == D("100.00")


def test_an_unknown_payer_is_set_by_code(boss, customer):
    payment = given.payment("10.00")

    boss.post(
        url("payment_act", payment.pk, "assign"), {"customer": customer.code.lower(), "op_id": "1"}
    )

    payment.refresh_from_db()
    assert payment.customer == customer


def test_a_collector_sees_payments_but_has_no_buttons(cora, customer):
    payment = given.payment("10.00", customer=customer)

    assert cora.get(url("payment_detail", payment.pk)).status_code == 200
    assert cora.get(url("payment_act", payment.pk, "allocate")).status_code == 403
    assert cora.get(url("payment_new")).status_code == 403
    assert cora.post(url("payment_act", payment.pk, "reverse")).status_code in (403, 422)
    assert cora.get(url("payment_act", payment.pk, "explode")).status_code == 404


def test_detail_pages_keep_their_budget(boss, customer):
    item, credit = given.debt("100.00", customer=customer), given.debt("-9.00", customer=customer)
    payment = given.payment("60.00", customer=customer)
    allocate_payment(payment.pk, shares=[Share(item.pk, D("10.00"))], actor=SYSTEM)
    pages = [
        payment,
        allocate_credit(credit.pk, shares=[Share(item.pk, D("1.00"))], actor=SYSTEM),
        request_write_off(item.pk, amount=D("5.00"), note="small", actor=SYSTEM),
        open_dispute(item.pk, amount=D("5.00"), reason="price", actor=SYSTEM),
        record_promise(item.pk, amount=D("5.00"), promised_date=TODAY, actor=SYSTEM),
        item,
    ]

    for page in pages:
        assert_detail_budget(boss, page.get_absolute_url())
    assert_detail_budget(boss, url("customer_account", customer.pk))


# -- dunning ----------------------------------------------------------------------------------


def test_a_run_is_proposed_looked_through_and_approved(cora, corinna, customer):
    DunningPolicyFactory(pre_due=False)
    given.debt("100.00", customer=customer, number="INV-9", due=TODAY - timedelta(days=9))
    paused = given.debt("50.00", number="INV-8", due=TODAY - timedelta(days=9))
    pause_dunning(paused.customer_id, until=TODAY, reason="on holiday", actor=SYSTEM)

    answer = cora.post(url("dunning_run_new"), {"run_date": "2026-06-30", "op_id": "1"})
    run = DunningRun.objects.get()
    assert answer.url == run.get_absolute_url()
    page = text(cora.get(answer.url))
    assert "INV-9" in page
    assert "Customer paused" in page
    assert cora.post(url("dunning_run_act", run.pk, "approve"), {"op_id": "2"}).status_code == 403
    again = cora.post(url("dunning_run_new"), {"run_date": "2026-06-30", "op_id": "3"})
    assert again.status_code == 422
    corinna.post(url("dunning_run_act", run.pk, "approve"), {"op_id": "4"})

    run.refresh_from_db()
    assert run.state == "approved"


def test_a_letter_is_taken_out_by_a_form(boss, customer):
    DunningPolicyFactory(pre_due=False)
    given.debt("100.00", customer=customer, due=TODAY - timedelta(days=9))
    run = propose_dunning(actor=SYSTEM)
    letter = DunningLetter.objects.get()

    boss.post(
        url("dunning_run_act", run.pk, "drop_letter"),
        {"letter_id": letter.pk, "reason": "we call", "op_id": "1"},
    )

    letter.refresh_from_db()
    assert letter.dropped_at
    assert "not sent" in text(boss.get(letter.get_absolute_url()))
