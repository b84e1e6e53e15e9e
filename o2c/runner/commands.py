"""`start.py manage` and `start.py test`: one command in the foreground, with its servers."""

import fcntl
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from o2c.runner.phases import Phase
from o2c.runner.processes import run_in_foreground
from o2c.runner.services import shared_services, started
from o2c.runner.state import ROOT, State

MANAGE = [sys.executable, str(ROOT / "manage.py")]
# Two workers fill two cores; a named path, a debugger or a choice of one's own runs as asked.
IN_PARALLEL = ["--numprocesses=2", "--dist=loadgroup"]
SERIAL_OPTIONS = (
    "-n",
    "--numprocesses",
    "--dist",
    "--pdb",
    "--trace",
    "-s",
    "--capture",
    "--collect-only",
)


def run_management_command(arguments: list[str]) -> int:
    """Run `manage.py` on the running services, or on our own for its duration."""
    state = State.from_environment()
    new = not state.postgres.exists()
    with shared_services(state) as environment:
        if new and state.postgres.exists() and arguments[:1] != ["migrate"]:
            print("New database: creating its tables.", file=sys.stderr, flush=True)
            code = run_in_foreground([*MANAGE, "migrate", "--verbosity=0"], environment)
            if code != 0:
                return code
        return run_in_foreground([*MANAGE, *arguments], environment)


def run_tests(arguments: list[str], phase: Phase) -> int:
    """Run pytest on servers of its own, in a folder that is gone afterwards."""
    state = State.from_environment()
    with (
        throw_away_state(state.folder) as scratch,
        started(scratch, phase, durable=False) as services,
    ):
        # Importing o2c named the product's settings; pytest has its own.
        services.environment.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "pytest", *parallel(arguments), *arguments]
        return run_in_foreground(command, services.environment, cwd=ROOT)


def parallel(arguments: list[str]) -> list[str]:
    chosen = any(not argument.startswith("-") for argument in arguments) or any(
        argument.startswith(SERIAL_OPTIONS) for argument in arguments
    )
    return [] if chosen else IN_PARALLEL


@contextmanager
def throw_away_state(parent: Path) -> Iterator[State]:
    """A state folder for one run. Those of runs that were killed are removed on the way."""
    for leftover in parent.glob("test-*"):
        with (leftover / "lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(leftover, ignore_errors=True)
    state = State(Path(tempfile.mkdtemp(prefix="test-", dir=parent)))
    with state.held():
        try:
            yield state
        finally:
            shutil.rmtree(state.folder, ignore_errors=True)
