"""A discount for paying early is worth its share of what is still open, wherever it is taken."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.ledger.queries import balance
from reconciliation.commands import apply_match, match_bank_line
from reconciliation.models import Match
from tests.factories.masters import CustomerFactory, PaymentTermsFactory
from tests.given.invoicing import posted_credit
from tests.given.reconciliation import entry, matched, owed, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def discounted():
    """10 x 10.00 + 19 % = 119.00, 2 % in 7 days."""
    terms = PaymentTermsFactory(code="2-7", discount_percent=D(2), discount_days=7)
    return owed(customer=CustomerFactory(terms=terms))


@pytest.fixture
def partly_credited(discounted):
    """4 of the 10 are credited: 47.60 of 119.00, 71.40 stay open."""
    posted_credit(discounted, 4)
    assert discounted.open_items.get().open_amount == D("71.40")
    return discounted


def share_of(match):
    return tuple(match.shares.values_list("amount", "discount").get())


def test_after_a_credit_the_discount_is_taken_of_the_rest(partly_credited, books_agree):
    (match,) = matched(entry("69.97", partly_credited.number))

    assert (match.tier, share_of(match)) == ("exact", (D("69.97"), D("1.43")))
    apply_match(match.pk, actor=SYSTEM)

    assert partly_credited.open_items.get().is_settled
    assert balance("AR", partly_credited.payer_id) == 0
    books_agree()


def test_a_payer_who_names_nothing_takes_it_as_well(partly_credited):
    name = partly_credited.payer.name
    (match,) = matched(entry("69.97", "thanks", counterparty_name=name))

    assert (match.tier, share_of(match)) == ("exact", (D("69.97"), D("1.43")))


def test_after_the_last_day_it_is_short(partly_credited):
    late = partly_credited.invoice_date + timedelta(days=8)
    with clock.at(late):
        (match,) = matched(entry("69.97", partly_credited.number, day=late))

    assert (match.tier, share_of(match)) == ("strong", (D("69.97"), D(0)))


def test_after_a_part_payment_it_is_of_the_rest_too(discounted):
    """50.00 came first; 2 % of the 69.00 that are left are 1.38."""
    paid(discounted, "50.00")

    (match,) = matched(entry("67.62", discounted.number))

    assert (match.tier, share_of(match)) == ("exact", (D("67.62"), D("1.38")))


def test_a_credit_that_comes_after_the_proposal_changes_it_when_looked_at_again(discounted):
    (before,) = matched(entry("69.97", discounted.number))
    posted_credit(discounted, 4)

    again = match_bank_line(before.bank_line_id, actor=SYSTEM)

    assert (before.tier, again.tier, share_of(again)) == (
        "strong",
        "exact",
        (D("69.97"), D("1.43")),
    )


def test_by_hand_the_amount_that_settles_early_takes_the_discount(carlo, partly_credited):
    (match,) = matched(entry("69.97", "?"))
    item = partly_credited.open_items.get()
    page = reverse("reconciliation:bank_line_choose", args=[match.bank_line_id])
    page += f"?payer={partly_credited.payer.code}"

    assert "paid early 69.97" in carlo.get(page).content.decode()
    assert carlo.post(page, {f"item_{item.pk}": "69.97"}).status_code == 303

    assert share_of(Match.objects.get(tier="manual")) == (D("69.97"), D("1.43"))
    item.refresh_from_db()
    assert item.is_settled
