"""start.py for real: from an empty folder to a page, beside another, through kill -9 and back."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = [sys.executable, str(ROOT / "start.py")]
READY_TIMEOUT = 240  # seconds; a machine may be busy
END_TIMEOUT = 30  # seconds

pytestmark = pytest.mark.slow_runner


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """As a newcomer has it: no servers named, a state folder of its own."""
    hidden = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "FONTCONFIG_FILE"}
    hidden |= {"DJANGO_SETTINGS_MODULE", "O2C_TESTING", "STATIC_ROOT"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {"O2C_STATE_DIR": str(tmp_path_factory.mktemp("state"))}


@pytest.fixture(scope="module")
def port() -> int:
    """A port that is free, and its successors most likely too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(
    environment: dict[str, str], *options: str
) -> Iterator[tuple[subprocess.Popen, list[str]]]:
    """start.py with what it has printed by the time it is ready; called from somewhere else."""
    process = subprocess.Popen(
        [*START, "--no-demo", *options],
        env=environment,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line.rstrip())
            if "Ctrl-C stops everything" in line:
                break
        assert process.poll() is None, "\n".join(said)
        yield process, said
    finally:
        process.kill()
        process.communicate()


def own(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*START, *arguments], env=environment, cwd="/", capture_output=True, text=True, timeout=240
    )


def processes_of(environment: dict[str, str]) -> set[int]:
    """All processes that work on this state folder, whoever started them."""
    wanted = f"O2C_STATE_DIR={environment['O2C_STATE_DIR']}".encode()
    found = set()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in entry.read_bytes().split(b"\0"):
                found.add(int(entry.parent.name))
        except OSError:
            continue
    return found


def wait_until_gone(environment: dict[str, str]) -> set[int]:
    deadline = time.monotonic() + END_TIMEOUT
    while (left := processes_of(environment)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def url_in(said: list[str]) -> str:
    return next(line.removeprefix("Ready: ") for line in said if line.startswith("Ready: "))


def test_the_life_of_an_installation(environment, port):
    """One test, because a start costs seconds: first start, second start, kill -9, next start."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with running(environment, f"--port={port}") as (process, said):
            text = "\n".join(said)
            # A taken port moves on and says so.
            url = url_in(said)
            assert f"port {port} is taken, using {url.rpartition(':')[2]}" in text
            assert int(url.rpartition(":")[2]) > port
            # Each phase says its seconds.
            for phase in ("PostgreSQL", "Valkey", "tables", "static files", "web"):
                assert re.search(rf"^  {phase} .*\d\.\d s$", text, re.MULTILINE), text
            # The first page is there, and everything behind it.
            with urllib.request.urlopen(f"{url}/accounts/login/", timeout=30) as page:
                assert page.status == 200
            with urllib.request.urlopen(f"{url}/readyz", timeout=30) as page:
                checks = json.load(page)
            assert (checks["status"], checks["broker"]) == ("ready", "ok")
            # A second start does not disturb the first.
            second = own(environment=environment)
            assert (second.returncode, second.stdout) == (
                1,
                f"o2c is already running at {url} (process {process.pid}).\n",
            )
            # A management command works on the same database.
            shown = own("manage", "showmigrations", "core", environment=environment)
            assert "[X] 0001_initial" in shown.stdout
            # kill -9 leaves nothing, the worker's own processes included.
            worker_of(environment)
            assert len(processes_of(environment)) >= 8
            process.kill()
            assert wait_until_gone(environment) == set()

    begun = time.monotonic()
    with running(environment, f"--port={port}") as (process, said):
        text = "\n".join(said)
        # What was prepared is not prepared again.
        assert "tables" not in text
        assert "static files" not in text
        assert url_in(said) == f"http://127.0.0.1:{port}"
        assert time.monotonic() - begun < 60
        # Who helps comes back: the worker, and the broker that rings for it.
        url = url_in(said)
        killed = worker_of(environment)
        os.kill(killed, signal.SIGKILL)
        assert worker_of(environment, other_than=killed)
        kill("valkey-server", process.pid)
        wait_for(lambda: health_of(url)["broker"] == "ok")
        with urllib.request.urlopen(f"{url}/accounts/login/", timeout=30) as page:
            assert page.status == 200
        # So does the database; who asks meanwhile waits, or reads a calm page, and then goes on.
        kill("bin/postgres", process.pid)
        answers = {page_status(f"{url}/accounts/login/")}
        while 200 not in answers or health_of(url)["database"] != "ok":
            answers.add(page_status(f"{url}/accounts/login/"))
        assert answers <= {200, 503}
        assert worker_of(environment)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=END_TIMEOUT)
        assert process.returncode == 0
        for name in ("worker", "broker", "database server"):
            assert f"The {name} was killed by SIGKILL. The end of" in rest
            assert f"The {name} was started again." in rest
        assert wait_until_gone(environment) == set()


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_TIMEOUT
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def health_of(url: str) -> dict[str, str]:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=30) as page:
            return json.load(page)
    except urllib.error.HTTPError as not_ready:
        return json.load(not_ready)


def page_status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as page:
            return page.status
    except urllib.error.HTTPError as refused:
        return refused.code


def kill(program: str, supervisor: int) -> None:
    """End a child of the supervisor by force. (A server may write over its own environment.)"""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    [found] = [int(pid) for pid in children if program in command_line(int(pid))]
    os.kill(found, signal.SIGKILL)


def worker_of(environment: dict[str, str], other_than: int = 0) -> int:
    """The worker's main process, once it has started those that do the work."""
    deadline = time.monotonic() + READY_TIMEOUT
    while time.monotonic() < deadline:
        group = [pid for pid in processes_of(environment) if " worker " in command_line(pid)]
        if len(group) >= 4:  # itself, two for tasks, one for the schedule
            leader = os.getpgid(group[0])
            if leader != other_than:
                return leader
        time.sleep(0.1)
    raise AssertionError("the worker does not come up")


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_good_order(environment, port, number):
    with running(environment, f"--port={port}") as (process, _):
        process.send_signal(number)
        rest, _ = process.communicate(timeout=END_TIMEOUT)
    assert process.returncode == 0
    assert rest.splitlines()[-2:] == ["Stopping.", "Stopped."]
    assert wait_until_gone(environment) == set()
    log = Path(environment["O2C_STATE_DIR"], "logs", "postgresql.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_a_management_command_brings_its_servers_and_takes_them_away(environment):
    result = own("manage", "check", "--database=default", environment=environment)
    assert result.returncode == 0, result.stderr
    assert wait_until_gone(environment) == set()


def test_a_management_command_reads_files_from_where_it_was_called(environment, tmp_path):
    (tmp_path / "statement.sql").write_text("SELECT 40 + 2;")
    program = "from django.db import connection as c; k = c.cursor(); "
    program += "k.execute(open('statement.sql').read()); print(k.fetchone())"
    result = subprocess.run(
        [*START, "manage", "shell", "--command", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert "(42,)" in result.stdout, result.stderr


def test_a_test_run_has_throw_away_servers_and_passes_the_code_on(environment, tmp_path):
    probe = tmp_path / "test_probe.py"
    probe.write_text(
        "import os\n"
        "def test_servers():\n"
        "    print('DATABASE', os.environ['DATABASE_URL'])\n"
        "    assert os.environ['O2C_STATE_DIR'].rpartition('/')[2].startswith('test-')\n"
        "    assert 'DJANGO_SETTINGS_MODULE' not in os.environ\n"
        "def test_red():\n"
        "    assert False\n"
    )
    result = own("test", "-q", "-s", str(probe), "-p", "no:cacheprovider", environment=environment)
    assert result.returncode == 1
    assert "1 failed, 1 passed" in result.stdout
    assert "DATABASE postgres://o2c:" in result.stdout
    assert not list(Path(environment["O2C_STATE_DIR"]).glob("test-*"))


def test_a_fresh_start_does_not_touch_a_database_that_is_not_ours(environment):
    named = environment | {"DATABASE_URL": "postgres://o2c@127.0.0.1:1/o2c"}
    result = own("--fresh", environment=named)
    assert result.returncode == 1
    assert "--fresh deletes only embedded databases" in result.stderr
    assert Path(environment["O2C_STATE_DIR"], "postgres").exists()
