"""The books prove themselves on a page, too, for those who have to answer for them."""

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from o2c.core.verify import registered
from tests.conftest import person
from tests.given.stock import stock
from tests.invariants.planted import sql

pytestmark = pytest.mark.django_db

PAGE = reverse("desk:verification")


def text(response) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.mark.parametrize("role", ["controller", "auditor"])
def test_every_sentence_is_asked_and_shown(client, role):
    client.force_login(person(role))

    page = text(client.post(PAGE))

    assert f"{len(registered())} sentences, 0 broken" in page
    for _app, invariant in registered().values():
        assert " ".join(str(invariant.title).split()) in page.replace("&#x27;", "'")


def test_opening_the_page_asks_nothing_yet(client, count_statements):
    client.force_login(person("controller"))

    with count_statements() as count:
        assert client.get(PAGE).status_code == 200

    assert "core_event" not in str(count)


def test_a_break_is_named_with_its_row(client):
    balance = stock(quantity=5)
    sql("SET LOCAL session_replication_role = replica")
    sql("UPDATE stock_balance SET value = value + 1 WHERE id = %s", balance.pk)
    sql("SET LOCAL session_replication_role = origin")
    client.force_login(person("controller"))

    page = text(client.post(PAGE))

    assert "1 broken" in page
    assert f"balance={balance.pk}" in page


@pytest.mark.parametrize("role", ["sales clerk", "cash clerk", "administrator"])
def test_others_do_not_see_it(client, role):
    client.force_login(person(role))

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE).status_code == 403
