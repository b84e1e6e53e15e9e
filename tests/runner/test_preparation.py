"""What a start prepares, and what it need not do again."""

import os
from contextlib import contextmanager

import pytest

from o2c.runner import preparation
from o2c.runner.services import Services
from o2c.runner.state import State


@contextmanager
def phase(label):
    yield lambda what: None


@pytest.fixture
def state(tmp_path, monkeypatch) -> State:
    for name in ("DATABASE_URL", "STATIC_ROOT"):
        monkeypatch.delenv(name, raising=False)
    return State(tmp_path / "state")


@pytest.fixture
def ran(state, monkeypatch) -> list[str]:
    """The management commands that ran, in their order."""
    commands: list[str] = []

    def manage(services, log, *arguments):
        commands.append(arguments[0])
        if arguments[0] == "collectstatic":
            (state.folder / "static").mkdir(exist_ok=True)
        return "clerk  secret\n" if arguments[0] == "demo" else ""

    monkeypatch.setattr(preparation, "manage", manage)
    return commands


def prepare(state: State, *, demo: bool = True) -> None:
    preparation.prepare(state, Services(dict(os.environ)), phase, demo=demo)


def test_the_first_start_makes_tables_static_files_and_the_demo(state, ran):
    prepare(state)
    assert (sorted(ran[:2]), ran[2:]) == (["collectstatic", "migrate"], ["demo"])  # two at once
    assert state.logins.read_text() == "clerk  secret\n"
    assert state.logins.stat().st_mode & 0o777 == 0o600


def test_the_next_start_does_nothing_of_it_again(state, ran):
    prepare(state)
    ran.clear()
    prepare(state)
    assert ran == []


def test_changed_code_brings_the_tables_up_again(state, ran, monkeypatch):
    prepare(state)
    ran.clear()
    monkeypatch.setattr(preparation, "our_python_files", lambda: iter([]))
    prepare(state)
    assert ran == ["migrate"]


def test_another_database_is_prepared_for_itself(state, ran, monkeypatch):
    prepare(state)
    ran.clear()
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/o2c")
    prepare(state)
    assert ran == ["migrate", "demo"]


def test_static_files_that_are_gone_are_collected_again(state, ran):
    prepare(state)
    ran.clear()
    (state.folder / "static").rmdir()
    prepare(state)
    assert ran == ["collectstatic"]


def test_no_demo_means_none(state, ran):
    prepare(state, demo=False)
    assert sorted(ran) == ["collectstatic", "migrate"]
    assert not state.logins.exists()


def test_half_a_demo_is_said_and_not_mistaken_for_a_whole_one(state, ran, monkeypatch, capsys):
    manage = preparation.manage

    def interrupted(services, log, *arguments):
        if arguments[0] == "demo":
            raise KeyboardInterrupt
        return manage(services, log, *arguments)

    monkeypatch.setattr(preparation, "manage", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare(state)
    monkeypatch.setattr(preparation, "manage", manage)
    ran.clear()
    prepare(state)
    assert ran == []
    assert "To begin again: python3 start.py --fresh" in capsys.readouterr().out


def test_a_command_that_fails_shows_the_end_of_what_it_said(state):
    with pytest.raises(SystemExit, match=r"manage.py nonsense failed[\s\S]*Unknown command"):
        preparation.manage(Services(dict(os.environ)), state.log("prepare"), "nonsense")
