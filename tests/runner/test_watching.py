"""Who helps is started again when it dies; the death of what the web needs is the end."""

import os
import sys
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


def test_a_helper_that_died_is_started_again(child, tmp_path, capsys):
    been = tmp_path / "been"
    once = f"import pathlib, time; p = pathlib.Path({str(been)!r}); p.exists() and time.sleep(60)"
    worker = child("worker", f"{once}; p.touch(); print('oh')")
    first = worker.process.pid
    web = child("web server", ends_after(5))

    assert watching.watch([web, worker], [worker]) == 1

    assert worker.alive()
    assert worker.process.pid != first
    said = capsys.readouterr().err
    assert "The worker ended with code 0. The end of" in said
    assert "    oh" in said
    assert said.count("The worker was started again.") == 1
    assert "The web server ended with code 3." in said


def test_one_that_dies_again_and_again_stays_down_and_the_web_goes_on(child, capsys, monkeypatch):
    monkeypatch.setattr(watching, "MOST_DEATHS", 2)
    worker = child("worker", ends_after(0))
    web = child("web server", ends_after(6))

    assert watching.watch([web, worker], [worker]) == 1

    said = capsys.readouterr().err
    assert said.count("The worker was started again.") == 2
    assert "The worker stays down after 3 deaths in a minute" in said
    assert "The web server ended with code 3." in said


def test_what_it_had_started_does_not_stay_beside_the_new_one(child, tmp_path):
    left = tmp_path / "left"
    fork = "import os, pathlib, time; pid = os.fork(); pid or time.sleep(60)"
    worker = child("worker", f"{fork}; pathlib.Path({str(left)!r}).write_text(str(pid))")
    web = child("web server", ends_after(5))

    watching.watch([web, worker], [worker])

    orphan = Path("/proc", left.read_text(), "status")
    assert not orphan.exists() or "zombie" in orphan.read_text()
