"""The books prove themselves on a page, too, for those who have to answer for them."""

import pytest
from django.urls import reverse

from o2c.core.verify import registered
from tests.conftest import person, signed_in
from tests.given.stock import stock
from tests.invariants.planted import sql
from tests.reading import text

pytestmark = pytest.mark.django_db

PAGE = reverse("desk:verification")


@pytest.mark.parametrize("role", ["controller", "auditor"])
def test_every_sentence_is_asked_and_shown(role):
    page = text(signed_in(person(role)).post(PAGE))

    assert f"{len(registered())} sentences, 0 broken" in page
    for _app, invariant in registered().values():
        assert " ".join(str(invariant.title).split()) in page.replace("&#x27;", "'")


def test_opening_the_page_asks_nothing_yet(corinna, count_statements):
    with count_statements() as count:
        assert corinna.get(PAGE).status_code == 200

    assert "core_event" not in str(count)


def test_a_break_is_named_with_its_row(corinna):
    balance = stock(quantity=5)
    sql("SET LOCAL session_replication_role = replica")
    sql("UPDATE stock_balance SET value = value + 1 WHERE id = %s", balance.pk)
    sql("SET LOCAL session_replication_role = origin")

    page = text(corinna.post(PAGE))

    assert "1 broken" in page
    assert f"balance={balance.pk}" in page


@pytest.mark.parametrize("role", ["sales clerk", "cash clerk", "administrator"])
def test_others_do_not_see_it(role):
    browser = signed_in(person(role))

    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE).status_code == 403
