"""Before the web starts: tables and static files up to the code, and data in an empty database."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from o2c.runner.commands import MANAGE
from o2c.runner.phases import Phase, show_briefly
from o2c.runner.processes import last_lines, prepare_child
from o2c.runner.services import Services
from o2c.runner.state import ROOT, State, write_private

BEGUN = "begun"  # and not ended: half a story


def prepare(state: State, services: Services, phase: Phase, *, demo: bool) -> None:
    """Bring tables and static files to the code and fill an empty database; skip what is done."""
    done = Stamp(state.folder / "prepared")
    locks = list(ROOT.glob("requirements*.lock"))
    named = [os.environ.get(name) for name in ("DATABASE_URL", "DATABASE_NAME")]
    database = digest_text(" ".join(filter(None, named)) or "embedded")
    code = database + digest_files([*our_python_files(), *locks])
    assets = digest_files([*(ROOT / "static").rglob("*"), *locks])
    collected = Path(os.environ.get("STATIC_ROOT") or state.folder / "static")
    log = state.log("prepare")
    with ThreadPoolExecutor(max_workers=1) as beside:
        collecting = None
        if done.get("assets") != assets or not collected.exists():
            collect = ("collectstatic", "--verbosity=0", "--no-input")
            collecting = beside.submit(manage, services, state.log("static"), *collect)
        if done.get("code") != code:
            migrate(state, services, phase)
            done.set("code", code)
        if collecting is not None:
            with phase("static files") as report:
                collecting.result()
                report("collected")
            done.set("assets", assets)
    if demo and done.get("demo") == BEGUN:
        print("  The demo was interrupted. To begin again: python3 start.py --fresh", flush=True)
    elif demo and done.get("demo") != database:
        done.set("demo", BEGUN)
        with phase("demo company") as report:
            logins = manage(services, log, "demo", "--if-empty", "--logins")
            write_private(state.logins, logins)
            report("ready" if logins else "left alone: the database has data")
        done.set("demo", database)


def migrate(state: State, services: Services, phase: Phase) -> None:
    with phase("tables") as report:
        manage(services, state.log("prepare"), "migrate", "--verbosity=0", "--no-input")
        report("migrated")


class Stamp:
    """What the last start prepared, so that the next one need not look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.facts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            self.facts = {}

    def get(self, name: str) -> str:
        return self.facts.get(name, "")

    def set(self, name: str, value: str) -> None:
        self.facts[name] = value
        write_private(self.path, json.dumps(self.facts))


def our_python_files() -> Iterator[Path]:
    for folder in ROOT.iterdir():
        if (folder / "__init__.py").exists() and folder.name != "tests":
            yield from folder.rglob("*.py")


def digest_files(paths: list[Path]) -> str:
    """Changes when one of the files does; reads none of them."""
    facts = []
    for path in sorted(paths):
        status = path.stat()
        facts.append(f"{path.relative_to(ROOT)} {status.st_size} {status.st_mtime_ns}")
    return digest_text("\n".join(facts))


def digest_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def manage(services: Services, log: Path, *arguments: str) -> str:
    """Run a management command; return what it printed. What it tells meanwhile goes to the log."""
    with log.open("a", encoding="utf-8") as told, tempfile.TemporaryFile("w+") as printed:
        start = told.tell()
        with subprocess.Popen(
            [*MANAGE, *arguments],
            env=services.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            preexec_fn=prepare_child(signal.SIGTERM),
        ) as process:
            for line in process.stderr or ():
                told.write(line)
                if line.startswith(f"{arguments[0]}: "):
                    show_briefly(line.partition(": ")[2].strip())
        printed.seek(0)
        output = printed.read()
    if process.returncode != 0:
        sys.exit(f"manage.py {arguments[0]} failed. {last_lines(log, start)}")
    return output
