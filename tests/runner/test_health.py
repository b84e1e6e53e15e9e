"""/healthz and /readyz: what a supervisor, a proxy and a container engine ask."""

import json

import pytest
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor

from o2c.web import health


def test_the_process_answers_anyone_without_asking_the_database(client):
    response = client.get("/healthz")  # no database is allowed in this test
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert "no-store" in response["Cache-Control"]


def test_the_process_tells_why_it_can_make_no_pdf(client, monkeypatch):
    monkeypatch.setattr(health, "pdf_problem", lambda: "PDF output needs Pango")
    assert client.get("/healthz").json()["pdf"] == "PDF output needs Pango"


@pytest.mark.django_db
def test_a_database_with_all_migrations_is_ready_for_anyone(client, monkeypatch):
    monkeypatch.setattr(health, "check_broker", lambda: "ok")
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "database": "ok",
        "migrations": "ok",
        "broker": "ok",
        "disk": response.json()["disk"],
    }


@pytest.mark.django_db
def test_a_broker_that_is_away_is_a_warning_only(client, settings):
    settings.REDIS_URL = "redis://:hidden@127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["broker"] == "fails: ConnectionError"


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["nonsense", "redis://host:port/0"])
def test_a_broker_url_that_is_none_is_a_warning_too(client, settings, url):
    settings.REDIS_URL = url
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["broker"] == "fails: ValueError"


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(
        MigrationExecutor, "migration_plan", lambda self, targets: [("0002", False)]
    )
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["migrations"] == "fails: 1 not applied"


def test_a_database_that_is_away_is_not_ready_and_gives_no_secret_away(client, monkeypatch):
    def away():
        raise OperationalError("connection to server at 10.0.0.5, user o2c, password=hidden failed")

    monkeypatch.setattr(health, "check_database", away)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "fails: OperationalError"
    assert response.json()["migrations"] == "unknown"
    assert "hidden" not in json.dumps(response.json())


@pytest.mark.django_db
def test_a_database_that_only_reads_is_not_ready(client):
    from django.db import connection

    connection.cursor().execute("SET transaction_read_only = on")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "fails: read only"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nobody_can_change_anything_there(client, path):
    assert client.post(path).status_code == 405
