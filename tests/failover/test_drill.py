"""The failover drill in a short form, the loss it would find, and that it leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from o2c.rehearsal.failover.browser import Browser, Refused
from o2c.rehearsal.failover.load import ORDER, Acknowledged
from o2c.rehearsal.failover.proof import compare
from o2c.rehearsal.failover.report import Report

ROOT = Path(__file__).resolve().parents[2]
DRILL = [sys.executable, str(ROOT / "manage.py"), "failover_drill", "--quick"]


def environment(folder: Path) -> dict[str, str]:
    """As at a terminal, with a place of its own for what is passing."""
    kept = {name: each for name, each in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return kept | {"TMPDIR": str(folder)}


def of_the_drill(folder: Path) -> list[int]:
    """All processes that were told of a folder of this drill."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if f"{folder}/o2c-failover-".encode() in told:
            found.append(int(entry.name))
    return found


@pytest.mark.slow_runner
def test_machines_and_the_primary_are_lost_and_nothing_that_was_acknowledged(tmp_path):
    shown = tmp_path / "shown.json"
    done = subprocess.run(
        [*DRILL, f"--json={shown}"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    figures = {each["what"]: each["figure"] for each in json.loads(shown.read_text())["shown"]}
    assert int(figures["operations acknowledged"]) > 20
    assert (figures["of them lost"], figures["of them done twice"]) == ("0", "0")
    assert list(tmp_path.iterdir()) == [shown]
    assert of_the_drill(tmp_path) == []


@pytest.mark.slow_runner
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_drill_that_is_stopped_leaves_nothing(tmp_path, number):
    process = subprocess.Popen(DRILL, env=environment(tmp_path), stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*/one/postmaster.pid")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert of_the_drill(tmp_path) != []

    process.send_signal(number)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "Stopped." in said
    assert list(tmp_path.iterdir()) == []
    assert of_the_drill(tmp_path) == []


class Rows:
    """A server that answers with these rows: the keys of forms, then orders, then payments."""

    def __init__(self, keys: list[str], orders: list[tuple[int, str]]) -> None:
        self._answers = [[(key,) for key in keys], orders, []]

    def ask(self, query: object) -> list:
        return self._answers.pop(0)


@pytest.mark.parametrize(
    ("keys", "orders", "lost", "doubled"),
    [
        (["k"], [(7, "drill-a-1")], [], []),
        ([], [(7, "drill-a-1")], ["drill-a-1"], []),
        (["k"], [], ["drill-a-1"], []),
        (["k"], [(8, "drill-a-1")], ["drill-a-1"], []),  # another got its number
        (["k"], [(7, "drill-a-1"), (8, "drill-a-1")], [], ["drill-a-1"]),
    ],
)
def test_what_is_missing_or_there_twice_is_found(keys, orders, lost, doubled):
    told = [Acknowledged(ORDER, "k", "drill-a-1", 7, at=0.0)]

    found = compare(Rows(keys, orders), told)

    assert (found.acknowledged, found.lost, found.doubled) == (1, lost, doubled)


def test_one_thing_that_does_not_hold_fails_the_drill():
    report = Report()
    report.add("a figure", "3")
    report.add("a proof", "0", True)
    assert report.holds

    report.add("another", "1", False)

    assert not report.holds
    assert list(report.as_table())[2].split() == ["FAILED", "another", "1"]


class Answering(BaseHTTPRequestHandler):
    """A page with a form; of each form sent it keeps the key."""

    statuses: list[int]
    sent: list[str]

    def do_GET(self) -> None:
        self._say(200, '<input name="csrfmiddlewaretoken" value="t"><input name="op_id" value="k">')

    def do_POST(self) -> None:
        self.sent.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._say(self.statuses.pop(0), "")

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Location", "/orders/7/")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Answering.sent = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


def test_the_same_form_is_sent_until_it_is_acknowledged(server):
    Answering.statuses = [503, 302]
    browser = Browser(["http://127.0.0.1:1", f"http://127.0.0.1:{server.server_port}"])

    assert browser.post("/orders/new/", {"item": "x"}) == ("k", "/orders/7/")
    assert Answering.sent == ["item=x&csrfmiddlewaretoken=t&op_id=k"] * 2


def test_a_form_that_is_refused_is_not_sent_again(server):
    Answering.statuses = [422]

    with pytest.raises(Refused, match="answered 422"):
        Browser([f"http://127.0.0.1:{server.server_port}"]).post("/orders/new/", {"item": "x"})
    assert len(Answering.sent) == 1
