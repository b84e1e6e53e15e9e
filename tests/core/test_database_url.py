"""What an address of a database says: one host or several, and what goes to libpq."""

import pytest

from o2c.core.database_url import (
    LIVENESS,
    SESSION_OPTIONS,
    NotADatabaseUrl,
    read_database_url,
)


def test_an_address_with_one_host_is_taken_as_it_is():
    address = read_database_url("postgres://me:p%40ss@db:5433/o2c")

    assert (address.database, address.user, address.password) == ("o2c", "me", "p@ss")
    assert (address.hosts, address.ports) == ("db", "5433")
    assert address.options == {
        **LIVENESS,
        "target_session_attrs": "any",
        "options": SESSION_OPTIONS,
    }


def test_of_several_hosts_the_one_that_can_be_written_to_is_taken():
    address = read_database_url("postgres://me@one:5432,two:5433/o2c")

    assert (address.hosts, address.ports) == ("one,two", "5432,5433")
    assert address.options["target_session_attrs"] == "read-write"


def test_of_standbys_one_that_is_a_standby_is_taken():
    for hosts in ("one", "one,two"):
        address = read_database_url(f"postgres://me@{hosts}/o2c", kind="standby")
        assert address.options["target_session_attrs"] == "standby"


def test_what_the_address_says_wins_and_reaches_libpq():
    address = read_database_url(
        "postgres://me@one,two/o2c?target_session_attrs=primary&sslmode=verify-full"
        "&connect_timeout=9&options=-c%20search_path%3Dours"
    )

    assert address.options["target_session_attrs"] == "primary"
    assert address.options["sslmode"] == "verify-full"
    assert address.options["connect_timeout"] == "9"
    assert address.options["options"] == f"{SESSION_OPTIONS} -c search_path=ours"


@pytest.mark.parametrize(
    "url",
    [
        *("garbage", "mysql://me:hidden@db/o2c", "postgres://me:hidden@db"),
        *("postgres://me:hidden@db:port/o2c", "postgres://me:hidden@one,two:99999/o2c"),
        "postgres://me:hidden@db/o2c?unknown=1",
    ],
)
def test_what_is_no_address_is_refused_without_being_quoted(url):
    with pytest.raises(NotADatabaseUrl) as refusal:
        read_database_url(url)

    assert "hidden" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
