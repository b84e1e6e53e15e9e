"""Debts from the books before ours: all or nothing, in the ledger, never twice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.ledger.models import Entry
from o2c.ledger.queries import balance
from receivables.commands import OpeningItem, items, take_over_items
from receivables.models import OpenItem
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


@pytest.fixture
def opening():
    return OpeningItem(
        customer_id=CustomerFactory().pk,
        document_number="OLD-1",
        currency="EUR",
        amount=D("119.00"),
        document_date=date(2026, 1, 1),
        due_date=date(2026, 1, 31),
        posting_date=date(2026, 1, 2),
        row=3,
    )


def take_over(*items, actor=SYSTEM):
    return take_over_items(list(items), account_id=given.opening_account().pk, actor=actor)


def test_debts_and_credits_stand_against_the_chosen_account(opening, check_deferred):
    credit = replace(opening, document_number="OLD-2", amount=D("-19.00"))
    later = replace(opening, document_number="OLD-3", posting_date=date(2026, 2, 1))

    items = take_over(opening, credit, later)

    assert [item.open_amount for item in items] == [D("119.00"), D("-19.00"), D("119.00")]
    assert balance("AR", opening.customer_id, on=date(2026, 1, 31)) == D("100.00")
    assert balance("AR", opening.customer_id) == D("219.00")
    assert Entry.objects.filter(purpose="opening").count() == 2
    check_deferred()


def test_more_items_than_an_entry_has_lines_for_are_several_entries(
    opening, monkeypatch, check_deferred
):
    """20,000 items of one day needed 40,000 lines: "smallint out of range", a 500."""
    most = connection.ops.integer_field_range("PositiveSmallIntegerField")[1]
    assert most >= 2 * items.ITEMS_PER_ENTRY
    monkeypatch.setattr(items, "ITEMS_PER_ENTRY", 2)

    take_over(*(replace(opening, document_number=f"OLD-{n}") for n in range(5)))

    entries = Entry.objects.filter(purpose="opening").order_by("pk")
    assert list(entries.values_list("line_count", flat=True)) == [4, 4, 2]
    assert balance("AR", opening.customer_id) == D("595.00")
    check_deferred()


def test_the_rate_of_the_posting_day_is_theirs(opening):
    ExchangeRateFactory(known__code="USD", date=date(2026, 1, 2), rate=D("0.5"))

    (item,) = take_over(replace(opening, currency="USD"))

    assert item.base_original == D("59.50")
    assert balance("AR", opening.customer_id) == D("59.50")


def test_a_second_time_is_refused_by_row(opening):
    take_over(opening)

    with pytest.raises(RuleViolation, match="OLD-1 is there already") as refusal:
        take_over(replace(opening, document_number="OLD-9"), opening)

    assert refusal.value.row == 3
    assert OpenItem.objects.count() == 1


def test_one_wrong_row_leaves_none(opening):
    with pytest.raises(RuleViolation, match="not an amount"):
        take_over(opening, replace(opening, document_number="OLD-2", amount=D("0.001")))

    assert not OpenItem.objects.exists()


def test_a_currency_there_is_none_of_is_refused_by_row(opening):
    with pytest.raises(RuleViolation, match="not an amount in XYZ") as refusal:
        take_over(replace(opening, currency="XYZ"))

    assert (refusal.value.field, refusal.value.row) == ("amount", 3)


def test_an_account_there_is_none_of_is_refused(opening):
    with pytest.raises(NotFound, match="404 does not exist"):
        take_over_items([opening], account_id=404, actor=SYSTEM)


def test_a_sales_clerk_may_not(opening, clerk):
    with pytest.raises(NotPermitted):
        take_over(opening, actor=clerk)
