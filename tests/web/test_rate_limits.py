"""Who fails to sign in too often waits as long as is said, wherever the request lands."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.models import User
from o2c.core.shared_cache import SharedCache
from o2c.settings import CACHES, REDIS_URL
from o2c.web.client_address import client_address, networks

BEGIN = datetime(2026, 11, 29, 9, tzinfo=UTC)
PROXIES = networks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])


@pytest.fixture
def sign_in(client, db):
    """`sign_in(password, after=seconds)`: the page that answers, or "" when it let us in."""
    User.objects.create_user("rita", password="right horse")
    cache.clear()

    def answer(password, after=0.0, user="rita", **more):
        with time_machine.travel(BEGIN + timedelta(seconds=after), tick=False):
            form = {"login": user, "password": password}
            response = client.post("/accounts/login/", form, **more)
        return "" if response.status_code == 302 else response.content.decode()

    yield answer
    cache.clear()


def test_tries_while_locked_out_do_not_prolong_it(sign_in):
    for second in range(5):
        assert "Too many" not in sign_in("wrong", after=second)

    for second in range(5, 300, 5):  # more than ten a minute, the limit of an address
        page = sign_in("right horse", after=second)
        assert "Too many failed sign-ins. Try again in" in page, second

    assert sign_in("right horse", after=300.5) == ""


def test_what_is_said_is_how_long_it_takes(sign_in):
    for _ in range(5):
        sign_in("wrong")

    assert "Try again in 5 minutes." in sign_in("right horse", after=1)
    assert "Try again in 1 minute." in sign_in("right horse", after=250)


def test_clients_behind_our_proxy_do_not_share_a_limit(sign_in, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    one, other = ({"headers": {"x-forwarded-for": f"203.0.113.{n}"}} for n in (1, 2))
    for number in range(10):  # an address may fail ten times a minute, whatever the name
        assert "Too many" not in sign_in("wrong", user=f"nobody{number}", **one)

    assert "Too many" in sign_in("right horse", **one)
    assert sign_in("right horse", **other) == ""


def test_no_spelling_of_host_or_name_gets_round_a_lockout(sign_in):
    """The Host header was part of what is counted: each port was good for five more tries."""
    for number in range(5):
        sign_in("wrong", HTTP_HOST=f"testserver:{number + 1}", REMOTE_ADDR=f"203.0.113.{number}")

    for name in ("rita", "RITA", "rıta"):
        page = sign_in("right horse", user=name, HTTP_HOST="testserver:99", REMOTE_ADDR="1.1.1.1")
        assert "Too many failed sign-ins" in page, name


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # nobody we trust says so
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # what the client made up
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "garbage", "127.0.0.1"),
        ("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("fd00::1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_client_is_the_last_one_that_is_no_proxy_of_ours(peer, forwarded, client):
    assert client_address(peer, forwarded, PROXIES) == client


@given(st.text(max_size=60), st.ip_addresses().map(str))
def test_nothing_a_client_sends_changes_where_it_comes_from(made_up, address):
    told_by_proxy = f"{made_up},{address}"
    is_ours = client_address(address, "9.9.9.9", PROXIES) == "9.9.9.9"

    assert is_ours or client_address("127.0.0.1", told_by_proxy, PROXIES) == address


def test_all_processes_share_one_cache():
    configured = CACHES["default"]
    assert configured["BACKEND"].endswith("SharedCache")
    assert configured["LOCATION"] == REDIS_URL
    one, other = (SharedCache(REDIS_URL, {"KEY_PREFIX": "test"}) for _process in range(2))

    one.set("tries", [1.5, 2.5], timeout=10)

    assert other.get("tries") == [1.5, 2.5]
    assert other.add("tries", []) is False
    other.delete("tries")
    assert one.get("tries", []) == []


def test_a_broker_that_is_away_keeps_nobody_out():
    alone = SharedCache("redis://127.0.0.1:1/0", {})

    assert alone.add("tries", [1.5]) is True
    assert alone.get("tries") == [1.5]
    assert alone.delete("tries") is True


def test_every_variable_is_explained():
    text = (settings.BASE_DIR / ".env.example").read_text()

    assert "#TRUSTED_PROXIES=" in text
    assert "CACHES" in text
