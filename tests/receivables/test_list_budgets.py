"""Every list of receivables asks the same few questions for 10 rows as for 200."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from o2c.core.actors import SYSTEM
from receivables.commands import open_dispute, record_promise, request_write_off
from receivables.models import (
    CreditApplication,
    Dispute,
    DunningRun,
    OpenItem,
    Promise,
    WriteOff,
)
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given
from tests.web_budget import assert_list_budget

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

TODAY = date(2026, 6, 30)


def debts(count) -> list[OpenItem]:
    """So many items of as many customers, which is what tempts a list to ask row by row."""
    first = given.debt("10.00", customer=CustomerFactory())
    customers = CustomerFactory.create_batch(count - 1)
    copies = []
    for nr, customer in enumerate(customers):
        copy = OpenItem.objects.get(pk=first.pk)
        copy.pk, copy._state.adding = None, True
        copy.customer, copy.document_number = customer, f"{first.document_number}-{nr}"
        copies.append(copy)
    return [first, *OpenItem.objects.bulk_create(copies)]


def disputes(count):
    for item in debts(count):
        open_dispute(item.pk, amount=item.open_amount, reason="price", note="Why?", actor=SYSTEM)


def promises(count):
    for item in debts(count):
        record_promise(
            item.pk, amount=item.open_amount, promised_date=TODAY + timedelta(days=7), actor=SYSTEM
        )


def write_offs(count):
    for item in debts(count):
        request_write_off(item.pk, amount=item.open_amount, note="Gone.", actor=SYSTEM)


def credit_applications(count):
    CreditApplication.objects.bulk_create(
        CreditApplication(
            credit_item=item,
            customer=item.customer,
            currency="EUR",
            amount=item.open_amount,
            created_by="somebody",
        )
        for item in debts(count)
    )


def dunning_runs(count):
    known = DunningRun.objects.count()
    DunningRun.objects.bulk_create(
        DunningRun(run_date=TODAY - timedelta(days=nr), created_by="somebody")
        for nr in range(known, known + count)
    )


@pytest.mark.parametrize(
    ("name", "make_rows", "model"),
    [
        ("dispute_list", disputes, Dispute),
        ("promise_list", promises, Promise),
        ("write_off_list", write_offs, WriteOff),
        ("credit_application_list", credit_applications, CreditApplication),
        ("dunning_run_list", dunning_runs, DunningRun),
    ],
)
def test_the_list_keeps_its_budget(boss, name, make_rows, model):
    assert_list_budget(boss, reverse(f"receivables:{name}") + "?tab=all", make_rows)

    assert model.objects.count() == 200
