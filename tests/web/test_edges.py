"""The edge: HTMX parts, error pages, hostile input, preferences."""

import psycopg
import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection

from o2c.core.database_errors import is_database_away

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.web_pages")]


@pytest.fixture
def away(boss, monkeypatch):
    """From now on every statement finds the connection broken."""

    def broken(*_args):
        raise OperationalError("server closed the connection") from psycopg.OperationalError()

    boss.raise_request_exception = False
    with connection.execute_wrapper(broken):
        yield


class TestParts:
    def test_htmx_gets_the_main_part_with_its_title(self, boss):
        page = boss.get("/parcels/", headers={"hx-request": "true"}).content.decode()

        assert page.lstrip().startswith("<title>")
        assert '<main id="main"' in page
        assert "<nav id=" not in page

    def test_a_restored_page_is_whole(self, boss):
        headers = {"hx-request": "true", "hx-history-restore-request": "true"}

        page = boss.get("/parcels/", headers=headers).content.decode()

        assert page.startswith("<!doctype html>")

    def test_answers_vary_by_who_asks_and_are_not_stored(self, boss):
        response = boss.get("/parcels/")

        assert "HX-Request" in response["Vary"]
        assert "no-store" in response["Cache-Control"]

    def test_an_ended_session_leads_htmx_to_the_whole_sign_in_page(self, client):
        response = client.get(
            "/parcels/",
            headers={"hx-request": "true", "hx-current-url": "http://testserver/parcels/?q=a"},
        )

        assert response.status_code == 204
        assert response["HX-Redirect"] == "/accounts/login/?next=%2Fparcels%2F%3Fq%3Da"


class TestErrors:
    def test_every_refusal_a_view_forgot_is_a_page(self, boss):
        response = boss.get("/parcels/broken/")

        assert response.status_code == 422
        assert "The bridge is closed." in response.content.decode()

    def test_a_bug_is_a_plain_page_with_a_number(self, boss):
        boss.raise_request_exception = False

        response = boss.get("/parcels/bug/")

        assert response.status_code == 500
        assert response["X-Request-ID"] in response.content.decode()

    def test_a_database_that_is_away_is_a_calm_page_that_asks_again(self, boss, away):
        response = boss.get("/parcels/")

        page = response.content.decode()
        assert response.status_code == 503
        assert response["Retry-After"] == "5"
        assert "no-store" in response["Cache-Control"]
        assert '<meta http-equiv="refresh" content="5">' in page
        assert "Something broke" not in page

    def test_a_form_sent_meanwhile_keeps_what_was_typed(self, boss, away):
        response = boss.post("/parcels/1/", headers={"hx-request": "true"})

        assert response.status_code == 503
        assert response["HX-Reswap"] == "none"
        assert response["HX-Trigger"] == "o2c:database-away"
        assert "refresh" not in response.content.decode()

    def test_a_statement_that_fails_is_no_database_that_is_away(self):
        for state, is_away in {"57P01": True, "08006": True, None: True, "55P03": False}.items():
            error = OperationalError()
            error.__cause__ = psycopg.OperationalError()
            error.__cause__.sqlstate = state
            assert is_database_away(error) is is_away, state
        assert not is_database_away(ValueError())

    def test_an_unknown_address_is_a_page(self, boss):
        response = boss.get("/nowhere/")

        assert response.status_code == 404
        assert "There is nothing here" in response.content.decode()

    def test_a_visitor_is_shown_the_way_in(self, client):
        page = client.get("/nowhere/").content.decode()

        assert 'class="door"' in page
        assert 'href="/accounts/login/"' in page
        assert "Search everything" not in page

    def test_a_request_refused_at_the_very_edge_is_a_page(self, client):
        response = client.get("/parcels/", headers={"host": "elsewhere.example"})

        assert response.status_code == 400
        assert "makes no sense" in response.content.decode()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_nul_is_refused(self, boss, method):
        response = getattr(boss, method)("/parcels/", {"q": "a\x00b"})

        assert response.status_code == 400

    def test_nul_in_the_path_is_refused(self, boss):
        assert boss.get("/parcels/%00/").status_code == 400

    def test_a_form_without_token_is_explained(self, boss):
        boss.handler.enforce_csrf_checks = True

        response = boss.post("/preferences/", {"theme": "dark"})

        assert response.status_code == 403
        assert "Go back and reload" in response.content.decode()

    def test_the_policy_allows_nothing_inline(self, boss):
        policy = boss.get("/parcels/")["Content-Security-Policy"]

        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy


class TestPreferences:
    def test_a_theme_is_kept_without_javascript(self, boss):
        response = boss.post("/preferences/", {"theme": "dark", "next": "/parcels/"})

        assert response["Location"] == "/parcels/"
        assert 'data-theme="dark"' in boss.get("/parcels/").content.decode()

    def test_nothing_else_can_be_set_and_nobody_is_led_away(self, boss):
        asked = {"theme": "pink", "sessionid": "x", "next": "https://evil.example/"}

        response = boss.post("/preferences/", asked)

        assert response["Location"] == "/"
        assert "theme" not in response.cookies
        assert "sessionid" not in response.cookies


class TestNewForms:
    def test_what_is_made_is_shown(self, boss):
        response = boss.post("/parcels/new/", {"address": "Oslo", "value": "1,250.50"})

        assert response.status_code == 303
        assert "1,250.50" in boss.get("/parcels/").content.decode()

    @pytest.mark.parametrize("value", ["1e5", "NaN", "١٢", "-1", "1_000", "12.123456", "9" * 30])
    def test_figures_that_are_none_are_refused_and_kept(self, boss, value):
        response = boss.post("/parcels/new/", {"address": "Oslo", "value": value})

        assert response.status_code == 422
        assert value in response.content.decode()

    def test_the_same_form_twice_makes_one(self, boss):
        asked = {"address": "Oslo", "value": "1", "op_id": "op-2"}

        first = boss.post("/parcels/new/", asked)["Location"]
        second = boss.post("/parcels/new/", asked)["Location"]

        assert first == second


def test_a_session_that_a_lost_database_did_not_store_is_no_bad_request(
    boss, monkeypatch, settings
):
    def save(self, must_create=False):
        try:
            raise OperationalError from psycopg.OperationalError()
        except OperationalError:
            raise UpdateError  # noqa: B904  # as Django's own store does

    settings.SESSION_SAVE_EVERY_REQUEST = True
    monkeypatch.setattr(SessionStore, "save", save)

    answer = boss.get("/parcels/")

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
