"""What every test may ask for: people and their browsers, a counter of statements, no silent
failures."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadGroupScheduling

from o2c.core import deliveries, events
from tests import proof

hypothesis_settings.register_profile(
    "house",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


#: Their tests share what is costly to make (the demo, an installation): one worker takes a file.
ONE_WORKER_EACH = ("tests/test_permission_matrix.py", "tests/runner/test_life.py")


class FilesTogether(LoadGroupScheduling):
    """The mark `xdist_group` alone does nothing here: the runner no longer reads its suffix."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path in ONE_WORKER_EACH else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    return FilesTogether(config, log) if config.getvalue("dist") == "loadgroup" else None


_truncate = DatabaseOperations.sql_flush


def _flush_what_is_there(
    self: DatabaseOperations, style: Any, tables: Any, *, reset_sequences: bool = False, **more: Any
) -> list[str]:
    """Clean up after tests that really commit: append-only tables refuse it, but triggers and
    foreign keys are not asked in the role of a replica. Most tables are empty; to truncate all of
    them takes longer than many a test."""
    names = [self.quote_name(table) for table in tables]
    if reset_sequences:
        emptied = _truncate(self, style, tables, reset_sequences=True, **more)
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(f'EXISTS (SELECT FROM {name})' for name in names)}")
            filled = zip(names, cursor.fetchone(), strict=True)
        emptied = [f"DELETE FROM {name}" for name, is_filled in filled if is_filled]
    replica = "SET session_replication_role = replica"
    return [replica, *emptied, "RESET session_replication_role"]


DatabaseOperations.sql_flush = _flush_what_is_there


@pytest.fixture(autouse=True)
def _handler_bugs_fail_the_test() -> Iterator[None]:
    token = deliveries.raise_handler_bugs.set(True)
    yield
    deliveries.raise_handler_bugs.reset(token)


@pytest.fixture
def nobody_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command is tested by itself: what `o2c.flow` makes of its events is the story's to tell."""
    monkeypatch.setattr(events, "_after", {})
    monkeypatch.setattr(events, "_before_commit", {})


class StatementCount:
    """How many SQL statements ran, and which; transaction control is not a statement."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SET CONSTRAINTS")):
            self.statements.append(str(sql))
        return execute(sql, params, many, context)

    def __int__(self) -> int:
        return len(self.statements)

    def __str__(self) -> str:
        return "\n".join(f"{nr}. {sql[:300]}" for nr, sql in enumerate(self.statements, 1))


@contextmanager
def counted_statements() -> Iterator[StatementCount]:
    count = StatementCount()
    with connection.execute_wrapper(count):
        yield count


@pytest.fixture
def count_statements() -> Any:
    """`with count_statements() as count: ...; assert int(count) <= 9, str(count)`."""
    return counted_statements


@pytest.fixture
def check_deferred(db: None) -> Any:
    """Fire the deferred constraint triggers now: a test's transaction never commits."""
    return proof.check_deferred


@pytest.fixture
def books_agree(db: None) -> Any:
    """Nothing contradicts anything: every invariant of the product holds."""
    return proof.assert_books_agree


def person(role: str, username: str = "") -> Any:
    """A user with one role of `o2c.rights`."""
    from django.contrib.auth.models import Group

    from o2c.core.models import User
    from o2c.rights import RIGHTS

    assert role in RIGHTS, f"no role {role!r}"
    user = User.objects.create_user(username or f"{role.replace(' ', '_')}_{uuid.uuid4().hex[:6]}")
    user.groups.add(Group.objects.get(name=role))
    return user


class Browser(Client):
    """A client whose forms carry an operation key, as the hidden field of every form does."""

    def post(self, path: str, data: Any = None, *args: Any, **more: Any) -> Any:
        if data is None or isinstance(data, dict):
            data = {"op_id": uuid.uuid4().hex, **(data or {})}
        return super().post(path, data, *args, **more)


@pytest.fixture
def client() -> Client:
    """In place of Django's own: see Browser."""
    return Browser()


@pytest.fixture
def clerk(db: None) -> Any:
    return person("sales clerk", "clara")


@pytest.fixture
def credit_manager(db: None) -> Any:
    return person("credit manager", "chris")


@pytest.fixture
def picker(db: None) -> Any:
    return person("warehouse picker", "pablo")


@pytest.fixture
def shipper(db: None) -> Any:
    return person("shipping clerk", "shirin")


@pytest.fixture
def biller(db: None) -> Any:
    return person("billing clerk", "bilal")


@pytest.fixture
def collector(db: None) -> Any:
    return person("collector", "cora")


@pytest.fixture
def cashier(db: None) -> Any:
    return person("cash clerk", "carlo")


@pytest.fixture
def controller(db: None) -> Any:
    return person("controller", "corinna")


@pytest.fixture
def auditor(db: None) -> Any:
    return person("auditor", "aude")


@pytest.fixture
def admin_user(db: None) -> Any:
    user = person("administrator", "ada")
    user.is_staff = True
    user.save()
    return user


# -- browsers: each is signed in as the person it is called after --------------------------------


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def with_rights(*rights: str) -> Browser:
    """Somebody whose role has these rights and no others."""
    from o2c.core.roles import sync_roles

    sync_roles({"tester": list(rights)})
    user = get_user_model().objects.create_user("tim")
    user.groups.add(user.groups.model.objects.get(name="tester"))
    return signed_in(user)


@pytest.fixture
def boss(db: None) -> Browser:
    """Somebody with every right."""
    return signed_in(get_user_model().objects.create_superuser("boss"))


@pytest.fixture
def visitor(db: None) -> Browser:
    """Somebody without rights."""
    return signed_in(get_user_model().objects.create_user("visitor"))


@pytest.fixture
def clara(clerk: Any) -> Browser:
    return signed_in(clerk)


@pytest.fixture
def chris(credit_manager: Any) -> Browser:
    return signed_in(credit_manager)


@pytest.fixture
def pablo(picker: Any) -> Browser:
    return signed_in(picker)


@pytest.fixture
def shirin(shipper: Any) -> Browser:
    return signed_in(shipper)


@pytest.fixture
def bilal(biller: Any) -> Browser:
    return signed_in(biller)


@pytest.fixture
def cora(collector: Any) -> Browser:
    return signed_in(collector)


@pytest.fixture
def carlo(cashier: Any) -> Browser:
    return signed_in(cashier)


@pytest.fixture
def corinna(controller: Any) -> Browser:
    return signed_in(controller)


@pytest.fixture
def ada(admin_user: Any) -> Browser:
    return signed_in(admin_user)
