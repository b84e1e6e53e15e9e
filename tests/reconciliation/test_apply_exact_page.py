"""What leaves nothing to decide is applied by one click, counted, and once."""

import pytest
from django.urls import reverse

from o2c.core.actors import SYSTEM
from receivables.models import Payment
from reconciliation.commands import accept_bank_statement
from reconciliation.models import BankStatement, Match
from tests.given import receivables as given
from tests.given.reconciliation import entry, matched, owed
from tests.reconciliation.test_pages import text
from tests.web_budget import assert_detail_budget

pytestmark = pytest.mark.django_db
PAGE = reverse("reconciliation:apply_exact")


def exact_twice():
    """Two exact proposals and one that is none."""
    one, two = owed(), owed()
    return matched(
        entry(one.gross, one.number), entry(two.gross, two.number), entry("77.77", "who?")
    )


def test_it_says_how_many_and_how_much(carlo):
    exact_twice()

    shown = text(carlo.get(PAGE))

    assert "EUR 2 238.00 0.00" in shown
    assert "77.77" not in shown
    assert_detail_budget(carlo, PAGE)


def test_one_click_applies_them_all_and_says_so(carlo, books_agree):
    exact_twice()

    response = carlo.post(PAGE, {"op_id": "one"}, follow=True)

    assert "2 matches are applied." in text(response)
    assert "No exact match waits" in text(response)
    assert list(Match.objects.order_by("pk").values_list("state", flat=True)) == [
        *("applied", "applied", "proposed")
    ]
    books_agree()


def test_the_same_form_again_applies_nothing_more(carlo):
    """Two more came meanwhile: they wait for a form of their own."""
    exact_twice()
    carlo.post(PAGE, {"op_id": "one"})
    exact_twice()

    again = carlo.post(PAGE, {"op_id": "one"}, follow=True)

    assert Payment.objects.count() == 2
    assert "EUR 2 238.00 0.00" in text(again)


def test_what_cannot_be_applied_is_named_and_the_others_are(carlo, books_agree):
    one, two = owed(), owed()
    matched(entry(one.gross, one.number), entry(two.gross, two.number))
    given.paid(two.open_items.get(), "119.00")

    shown = text(carlo.post(PAGE, {"op_id": "one"}, follow=True))

    assert "1 match is applied." in shown
    assert f"{two.number} is settled" in shown
    books_agree()


def test_a_form_without_its_key_applies_nothing(carlo):
    exact_twice()

    response = carlo.post(PAGE, {"op_id": ""})

    assert (response.status_code, "without its operation key" in text(response)) == (422, True)
    assert not Payment.objects.exists()


def test_a_statement_that_does_not_fit_waits_until_it_is_accepted(carlo):
    invoice = owed()
    matched(entry(invoice.gross, invoice.number), closing=1)

    assert "No exact match waits" in text(carlo.get(PAGE))
    accept_bank_statement(BankStatement.objects.get().pk, reason="seen", actor=SYSTEM)
    assert "EUR 1 119.00 0.00" in text(carlo.get(PAGE))


def test_the_list_of_lines_leads_there_for_who_may_apply(carlo, corinna):
    lines = reverse("reconciliation:bank_line_list")
    assert PAGE in carlo.get(lines).content.decode()

    assert PAGE not in corinna.get(lines).content.decode()
    assert corinna.get(PAGE).status_code == 403
    assert corinna.post(PAGE, {"op_id": "one"}).status_code == 403
