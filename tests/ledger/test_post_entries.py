"""post_entries: many entries in one statement, each as post_entry posts it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.ledger.commands import (
    AccountMissing,
    EntryDoesNotBalance,
    EntryDraft,
    PeriodClosed,
    PostedOtherwise,
    Posting,
    post_entries,
    post_entry,
)
from o2c.ledger.models import Entry, Period
from tests.factories.masters import CustomerFactory
from tests.given.ledger import DAY, chart, closed_period

pytestmark = pytest.mark.django_db


def euros(account, amount, **more):
    return Posting(account, Decimal(amount), "EUR", Decimal(amount), **more)


def sale(nr, net="100", *, customer, on=DAY):
    lines = [euros("AR", net, customer_id=customer.pk), euros("REVENUE", -Decimal(net))]
    return EntryDraft(("invoicing.invoice", nr), "post", on, lines, f"Invoice {nr}")


def said(entry):
    """What was posted, without keys, time and purpose."""
    lines = entry.lines.order_by("number").values_list(
        "number", "account__role", "customer_id", "currency", "amount", "base_amount"
    )
    head = (entry.source_id, entry.posting_date, entry.period.code)
    return (*head, entry.description, entry.line_count, tuple(lines))


@settings(max_examples=15, deadline=None)
@any_of(st.lists(st.decimals("0.01", "99999", places=2), min_size=1, max_size=8))
def test_many_are_posted_as_each_alone(nets):
    chart()
    customer, first = CustomerFactory(), Entry.objects.count()
    drafts = [sale(first + nr, net, customer=customer) for nr, net in enumerate(nets)]

    together = post_entries(drafts, actor=SYSTEM)
    alone = [
        post_entry(
            draft.source, "alone", draft.posting_date, draft.lines, actor=SYSTEM,
            description=draft.description,
        )
        for draft in drafts
    ]  # fmt: skip

    assert [said(entry) for entry in together] == [said(entry) for entry in alone]
    assert [entry.number for entry in together] == [f"JE-{entry.pk:06d}" for entry in together]
    assert [entry.pk for entry in together] == sorted(entry.pk for entry in together)


def test_they_are_one_statement():
    chart()
    customer = CustomerFactory()
    post_entries([sale(0, customer=customer)], actor=SYSTEM)

    with CaptureQueriesContext(connection) as captured:
        post_entries([sale(nr, customer=customer) for nr in range(1, 20)], actor=SYSTEM)

    assert len([q for q in captured if "ledger_" in q["sql"]]) == 1


def test_the_first_of_a_month_opens_it_for_all():
    chart(of_year=None)
    customer, february = CustomerFactory(), date(2024, 2, 29)

    with clock.at(february):
        entries = post_entries(
            [sale(nr, customer=customer, on=february) for nr in range(3)], actor=SYSTEM
        )

    assert Period.objects.get().code == "2024-02"
    assert [entry.period_id for entry in entries] == [Period.objects.get().pk] * 3


def test_what_was_posted_before_is_given_back_beside_what_is_new():
    chart()
    customer = CustomerFactory()
    (there,) = post_entries([sale(2, customer=customer)], actor=SYSTEM)

    entries = post_entries([sale(nr, customer=customer) for nr in (1, 2, 3)], actor=SYSTEM)

    assert entries[1].pk == there.pk
    assert [entry.source_id for entry in entries] == [1, 2, 3]
    assert Entry.objects.count() == 3


def test_one_that_says_otherwise_refuses_all():
    chart()
    customer = CustomerFactory()
    post_entries([sale(2, customer=customer)], actor=SYSTEM)

    with pytest.raises(PostedOtherwise):
        post_entries([sale(1, customer=customer), sale(2, "7", customer=customer)], actor=SYSTEM)
    assert Entry.objects.filter(source_id=1).count() == 0


def test_a_closed_month_refuses_all():
    chart()
    customer = CustomerFactory()
    closed_period()

    with pytest.raises(PeriodClosed, match="2026-09 is closed"):
        post_entries(
            [sale(1, customer=customer, on=clock.today()), sale(2, customer=customer,
             on=date(2026, 9, 9))],
            actor=SYSTEM,
        )  # fmt: skip
    assert not Entry.objects.exists()


def test_a_missing_account_and_sums_that_are_off_refuse_all():
    chart()
    customer = CustomerFactory()
    source = ("invoicing.invoice", 9)
    nowhere = EntryDraft(source, "post", DAY, [euros("AR", 1, customer_id=customer.pk),
                                               euros("NOWHERE", -1)])  # fmt: skip
    off = EntryDraft(source, "post", DAY, [euros("AR", 1, customer_id=customer.pk)])

    with pytest.raises(AccountMissing, match="NOWHERE"):
        post_entries([sale(1, customer=customer), nowhere], actor=SYSTEM)
    with pytest.raises(EntryDoesNotBalance):
        post_entries([sale(1, customer=customer), off], actor=SYSTEM)
    assert not Entry.objects.exists()


def test_an_entry_of_nothing_is_none_in_its_place():
    chart()
    customer = CustomerFactory()
    empty = EntryDraft(("invoicing.invoice", 9), "post", DAY, [euros("AR", 0)])

    entries = post_entries([sale(1, customer=customer), empty], actor=SYSTEM)

    assert [entry and entry.source_id for entry in entries] == [1, None]
    assert post_entries([], actor=SYSTEM) == []
