"""The page of an open item: what may be said or asked about it, and what is made of it."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from receivables.commands import Share, allocate_payment, request_write_off
from receivables.models import CreditApplication, Dispute, Promise, WriteOff
from tests.given import receivables as given
from tests.reading import text, urls_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

url = urls_of("receivables")

TODAY = date(2026, 6, 30)


def test_an_items_page_offers_what_fits_it(boss, customer):
    debt, credit = given.debt("100.00", customer=customer), given.debt("-10.00", customer=customer)

    assert "Note a promise" in text(boss.get(url("open_item_detail", debt.pk)))
    assert "Use this credit" not in text(boss.get(url("open_item_detail", debt.pk)))
    assert "Use this credit" in text(boss.get(url("open_item_detail", credit.pk)))
    assert boss.get(url("open_item_act", debt.pk, "explode")).status_code == 404


def test_an_item_that_is_settled_is_asked_nothing_more(boss, customer):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("100.00", customer=customer)
    allocate_payment(payment.pk, shares=[Share(item.pk, D("100.00"))], actor=SYSTEM)

    late = boss.get(url("open_item_act", item.pk, "promise"))
    shown = boss.get(url("open_item_detail", item.pk))

    assert late.status_code == 409
    assert "It is a credit, or nothing of it is open." in text(late)
    assert late.context["form"] is None
    assert [offer.verb for offer in shown.context["offers"]] == []


def test_who_may_not_write_off_is_not_asked_how_much(clara, customer):
    item = given.debt("100.00", customer=customer)

    shown = clara.get(url("open_item_detail", item.pk))

    assert [offer.verb for offer in shown.context["offers"]] == ["promise", "dispute"]
    assert clara.get(url("open_item_act", item.pk, "write_off")).status_code == 403
    assert clara.post(url("open_item_act", item.pk, "write_off")).status_code == 403


def test_the_reader_is_told_what_was_made_of_an_item(boss, customer):
    item = given.debt("100.00", customer=customer)

    answer = boss.post(
        url("open_item_act", item.pk, "promise"),
        {"amount": "70.00", "promised_date": "2026-07-09", "op_id": "1"},
        follow=True,
    )

    assert f"{Promise.objects.get()}: noted. It is now" in text(answer)


def test_what_is_said_about_an_item_becomes_a_document(boss, customer):
    item = given.debt("100.00", customer=customer)
    credit = given.debt("-10.00", customer=customer)

    answers = [
        boss.post(
            url("open_item_act", item.pk, "dispute"),
            {"amount": "30.00", "reason": "price", "note": "too dear", "op_id": "1"},
        ),
        boss.post(
            url("open_item_act", item.pk, "promise"),
            {"amount": "70.00", "promised_date": "2026-07-09", "op_id": "2"},
        ),
        boss.post(
            url("open_item_act", item.pk, "write_off"),
            {"amount": "5.00", "reason": "other", "note": "small", "op_id": "3"},
        ),
        boss.post(
            url("open_item_act", credit.pk, "apply_credit"),
            {f"amount_{item.pk}": "10.00", "op_id": "4"},
        ),
    ]

    made = [
        model.objects.get().get_absolute_url()
        for model in (Dispute, Promise, WriteOff, CreditApplication)
    ]
    assert [answer.url for answer in answers] == made
    for page in made:
        assert boss.get(page).status_code == 200
    assert "too dear" in text(boss.get(made[0]))
    shown = text(boss.get(url("open_item_detail", item.pk)))
    assert "70.00 EUR promised by 9 Jul 2026" in shown
    assert str(CreditApplication.objects.get()) in shown


def test_more_than_is_open_is_refused_on_the_form(boss, customer):
    item = given.debt("100.00", customer=customer)

    answer = boss.post(
        url("open_item_act", item.pk, "dispute"),
        {"amount": "100.01", "reason": "price", "op_id": "1"},
    )

    assert answer.status_code == 422
    assert "100.01 EUR are more than the 100.00 EUR still open" in text(answer)


def test_a_write_off_is_decided_by_the_controller_alone(collector, cora, carlo, corinna, customer):
    item = given.debt("100.00", customer=customer)
    write_off = request_write_off(item.pk, amount=D("5.00"), note="small", actor=collector)

    for decider, status in ((cora, 403), (carlo, 403), (corinna, 303)):
        answer = decider.post(url("write_off_act", write_off.pk, "approve"), {"op_id": "1"})
        assert answer.status_code == status

    item.refresh_from_db()
    assert item.open_amount == D("95.00")
