"""Servers that the user names: what cannot work is said in one line, before anything starts."""

import pytest

from o2c.runner import services
from o2c.runner.state import State


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "garbage"),
        ("DATABASE_URL", "mysql://me:hidden@db/o2c"),
        ("DATABASE_URL", "postgres://me:hidden@db"),
        ("DATABASE_URL", "postgres://me:hidden@db:port/o2c"),
        ("DATABASE_URL", "postgres://me:hidden@db:99999/o2c"),
        ("REDIS_URL", "garbage"),
        ("REDIS_URL", "http://:hidden@broker"),
        ("REDIS_URL", "redis://:hidden@broker:port/0"),
    ],
)
def test_a_url_that_is_none_is_named_with_its_form_and_not_shown(name, url):
    with pytest.raises(SystemExit) as refusal:
        services.refuse_malformed({name: url})

    assert str(refusal.value) == (
        f"{name} is not of the form {services.URL_FORMS[name]}: correct it, or unset it."
    )


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DATABASE_URL": "postgres://o2c@db/o2c", "REDIS_URL": "redis://broker"},
        {"DATABASE_URL": "postgresql:///o2c", "REDIS_URL": "rediss://:x@broker:6380/1"},
    ],
)
def test_what_can_be_a_url_passes(environment):
    services.refuse_malformed(environment)


def test_a_database_that_does_not_answer_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://me:hidden@127.0.0.1:1/o2c")

    with pytest.raises(SystemExit) as refusal:
        services.basic_environment(State(tmp_path / "state"))

    said = str(refusal.value)
    assert said.startswith("The database of DATABASE_URL cannot be used: ")
    assert "Connection refused" in said
    assert "\n" not in said
    assert "hidden" not in said
