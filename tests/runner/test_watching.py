"""What died is started again; when web or database do not stay alive, that is the end."""

import os
import sys
import time
from pathlib import Path

import pytest

from o2c.runner import watching
from o2c.runner.processes import Child, stop


@pytest.fixture
def child(tmp_path):
    """`child("worker", "print(1)")`: a process that runs this program."""
    children = []

    def started(name, program):
        made = Child(name, [sys.executable, "-c", program], tmp_path / name, os.environ)
        children.append(made)
        return made

    yield started
    stop(children, 5)


def ends_after(seconds, code=3):
    return f"import sys, time; time.sleep({seconds}); sys.exit({code})"


@pytest.fixture(autouse=True)
def no_rest(monkeypatch):
    monkeypatch.setattr(watching, "REST", 0)
    monkeypatch.setattr(watching, "MOST_DEATHS", 1)


def test_what_died_is_started_again(child, tmp_path, capsys):
    been = tmp_path / "been"
    once = f"import pathlib, time; p = pathlib.Path({str(been)!r}); p.exists() and time.sleep(60)"
    worker = child("worker", f"{once}; p.touch(); print('oh')")
    first = worker.process.pid
    web = child("web server", ends_after(3))

    assert watching.watch([web, worker], [worker]) == 1

    assert worker.alive()
    assert worker.process.pid != first
    said = capsys.readouterr().err
    assert "The worker ended with code 0. The end of" in said
    assert "    oh" in said
    assert said.count("The worker was started again.") == 1
    assert said.count("The web server ended with code 3.") == 2
    assert said.count("The web server was started again.") == 1
    assert said.rstrip().endswith("The web server stays down after 2 deaths in a minute.")


def test_a_helper_that_dies_again_and_again_stays_down_and_the_web_goes_on(child, capsys):
    worker = child("worker", ends_after(0))
    web = child("web server", ends_after(4))

    assert watching.watch([web, worker], [worker]) == 1

    said = capsys.readouterr().err
    assert said.count("The worker was started again.") == 1
    assert "The worker stays down after 2 deaths in a minute" in said
    assert said.count("The web server was started again.") == 1


def test_a_new_start_waits_for_what_the_dead_one_left(child, monkeypatch, capsys):
    """PostgreSQL's own children hold its memory for a moment longer than it lives."""
    monkeypatch.setattr(watching, "REST", 1.5)
    monkeypatch.setattr(watching, "MOST_DEATHS", 2)
    begun = time.monotonic()
    server = child("database server", ends_after(0))

    assert watching.watch([server], []) == 1

    assert time.monotonic() - begun > 1.5
    assert capsys.readouterr().err.count("The database server was started again.") == 2


def test_what_it_had_started_does_not_stay_beside_the_new_one(child, tmp_path):
    left = tmp_path / "left"
    fork = "import os, pathlib, time; pid = os.fork(); pid or time.sleep(60)"
    worker = child("worker", f"{fork}; pathlib.Path({str(left)!r}).write_text(str(pid))")
    web = child("web server", ends_after(3))

    watching.watch([web, worker], [worker])

    orphan = Path("/proc", left.read_text(), "status")
    assert not orphan.exists() or "zombie" in orphan.read_text()
