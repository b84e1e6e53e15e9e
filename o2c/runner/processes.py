"""Child processes that never outlive us: each leads its own group and dies with its parent."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from o2c.runner.state import ROOT

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
LOG_LIMIT = 10_000_000  # bytes; a longer log is set aside at the next start
TAIL_LINES = 15
ON_LINUX = sys.platform == "linux"
LIBC = ctypes.CDLL(None, use_errno=True)


class Child:
    """A process with a log. `stop_signal` ends it in good order, and is sent when we are killed."""

    def __init__(
        self,
        name: str,
        command: Sequence[object],
        log: Path,
        env: Mapping[str, str],
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        as_nobody: bool = False,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self.stop_signal = stop_signal
        self._command = [str(part) for part in command]
        self._env = dict(env)
        self._prepare = prepare_child(stop_signal, as_nobody=as_nobody)
        self._pass_fds = pass_fds
        self.start()

    def start(self) -> None:
        """Start it, or start it again; its log goes on."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=ROOT,
                process_group=0,  # Ctrl-C reaches only us; we stop the children in order
                pass_fds=self._pass_fds,
                preexec_fn=self._prepare,
            )

    def alive(self) -> bool:
        return self.process.poll() is None

    def explain_death(self) -> str:
        """How it ended, with the last lines that it wrote since it was started."""
        code = self.process.returncode
        end = (
            f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        )
        return f"The {self.name} {end}. {last_lines(self.log, self._log_start)}"

    def send(self, number: signal.Signals, *, to_group: bool = False) -> None:
        try:
            if to_group:
                os.killpg(self.process.pid, number)
            elif self.alive():
                self.process.send_signal(number)
        except ProcessLookupError:
            pass


def last_lines(log: Path, start: int) -> str:
    """The end of what was written to a log since it was `start` bytes long."""
    lines = log.read_bytes()[start:].decode(errors="replace").splitlines()
    return "\n".join([f"The end of {log}:", *(f"    {line}" for line in lines[-TAIL_LINES:])])


def prepare_child(death_signal: signal.Signals, *, as_nobody: bool = False) -> Callable[[], None]:
    """What a child does between fork and exec: take care to die when its parent dies.

    `as_nobody` puts it into a user namespace of its own, where root is nobody: PostgreSQL refuses
    to run as root, yet its files stay root's and no user has to be made.
    """
    parent = os.getpid()

    def prepare() -> None:
        if as_nobody and LIBC.unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "user namespace")
        if ON_LINUX:
            LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:  # it died before we could ask to be told
                os._exit(1)

    return prepare


def run_in_foreground(
    command: Sequence[object], env: Mapping[str, str], cwd: Path | None = None
) -> int:
    """Run a command on our terminal; return its exit code as a shell would."""
    process = subprocess.Popen(
        [str(part) for part in command],
        env=dict(env),
        cwd=cwd,
        preexec_fn=prepare_child(signal.SIGTERM),
    )
    # The terminal sends Ctrl-C to the command too: it decides, we clean up after it.
    interrupt = signal.signal(signal.SIGINT, lambda *_: None)
    terminate = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        code = process.wait()
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, terminate)
    return code if code >= 0 else 128 - code


def stop(children: Sequence[Child], timeout: float) -> None:
    """Stop the children at the same time; after `timeout` seconds, or a second Ctrl-C, by force."""
    for child in children:
        child.send(child.stop_signal)
    deadline = time.monotonic() + timeout
    try:
        while any(child.alive() for child in children) and time.monotonic() < deadline:
            time.sleep(0.02)
    except KeyboardInterrupt:
        pass
    for child in children:
        child.send(signal.SIGKILL, to_group=True)
        child.process.wait()
