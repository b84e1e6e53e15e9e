"""`start.py`: everything under one supervisor, and nothing left behind when it ends."""

import argparse
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from o2c.core.pdf_support import pdf_problem
from o2c.runner.phases import Phase
from o2c.runner.preparation import migrate, prepare
from o2c.runner.processes import Child, stop
from o2c.runner.servers import BROKER, wait_until
from o2c.runner.services import Services, started
from o2c.runner.state import ROOT, State
from o2c.runner.watching import watch

FIRST_PORT = 8000
PORTS_TRIED = 50
STOP_TIMEOUT = 8.0  # seconds for requests and tasks under way
READY_TIMEOUT = 120.0  # seconds
WORKER_PROCESSES = 2
WEB_PROCESSES = 2
WEB_THREADS = 4


def serve(options: argparse.Namespace, phase: Phase) -> int:
    """Start all, print the address, watch until a signal or the end; return the exit code."""
    take_signals_for_ctrl_c()
    state = State.from_environment()
    try:
        with state.held() as ours:
            if not ours:
                print(describe_running(state.running(timeout=2)))
                return 1
            print(f"o2c {ROOT}", flush=True)
            if options.fresh:
                start_afresh(state)
            return run(state, options, phase)
    except KeyboardInterrupt:
        say("Stopped.")
        return 0


def take_signals_for_ctrl_c() -> None:
    """End in good order whatever ends us; a closed terminal does not when nohup says so."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def describe_running(running: dict[str, Any]) -> str:
    if running.get("url"):
        return f"o2c is already running at {running['url']} (process {running['pid']})."
    if running:
        return f"A management command is running (process {running['pid']}): wait for its end."
    return "Another start.py is just starting here: wait a moment."


def start_afresh(state: State) -> None:
    if os.environ.get("DATABASE_URL"):
        sys.exit(
            "--fresh deletes only embedded databases, and DATABASE_URL is set: unset it first."
        )
    state.wipe()


def run(state: State, options: argparse.Namespace, phase: Phase) -> int:
    """Everything between holding the folder and leaving it."""
    with (
        listening_socket(options.port) as listener,
        started(state, phase, durable=True) as services,
    ):
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        services.environment.setdefault("CSRF_TRUSTED_ORIGINS", url)
        state.record(services.environment, url=url)
        prepare(state, services, phase, demo=not options.no_demo)
        children: list[Child] = []
        try:
            with phase("web") as done:
                children.append(start_web(state, services, listener))
                wait_until(lambda: readiness(url) != {}, children[0], READY_TIMEOUT)
                done(f"{WEB_PROCESSES} processes of {WEB_THREADS} threads")
            if readiness(url).get("migrations", "ok") != "ok":  # taken back by hand since then
                migrate(state, services, phase)
            # Nobody waits for the worker: what is owed to it lies in the database.
            children.append(worker := start_worker(state, services))
            print_welcome(state, url)
            helpers = [worker, *(child for child in services.children if child.name == BROKER)]
            return watch([*services.children, *children], helpers)
        finally:
            say("\nStopping.")
            stop(children, STOP_TIMEOUT)


@contextmanager
def listening_socket(wanted: int | None) -> Iterator[socket.socket]:
    """The web's socket, ours from the first second so that nobody takes the port meanwhile."""
    first = wanted or FIRST_PORT
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(256)
        except PermissionError:
            listener.close()
            sys.exit(f"Port {port} needs root: choose one above 1023 with --port.")
        except OSError:
            listener.close()
            continue
        with listener:
            if port != first:
                print(f"  port {first} is taken, using {port}", flush=True)
            yield listener
        return
    sys.exit(f"No free port from {first} on: choose another with --port.")


def start_web(state: State, services: Services, listener: socket.socket) -> Child:
    """The web server inherits the socket; its processes share what was loaded before the fork."""
    descriptor = listener.fileno()
    command: list[object] = [sys.executable, "-m", "gunicorn", "o2c.wsgi"]
    command += ["--bind", f"fd://{descriptor}", "--preload", "--worker-class=gthread"]
    command += ["--workers", WEB_PROCESSES, "--threads", WEB_THREADS]
    command += ["--graceful-timeout=5", "--no-control-socket"]
    environment = services.environment
    return Child("web server", command, state.log("web"), environment, pass_fds=[descriptor])


def start_worker(state: State, services: Services) -> Child:
    """The worker, with beat in it. Its stop is a cold one: tasks can be repeated, none is lost."""
    command: list[object] = [sys.executable, "-m", "celery", "--app=o2c", "--quiet", "worker"]
    command += ["--loglevel=INFO", "--concurrency", WORKER_PROCESSES]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    command += ["--beat", "--schedule", state.folder / "beat"]
    environment = services.environment | {"REMAP_SIGTERM": "SIGQUIT"}
    return Child("worker", command, state.log("worker"), environment)


def readiness(url: str) -> dict[str, Any]:
    """What /readyz says; {} while nothing answers."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
    except OSError:
        return {}
    return answer


def print_welcome(state: State, url: str) -> None:
    print(f"\nReady: {url}\n")
    logins = state.logins.read_text(encoding="utf-8").rstrip() if state.logins.exists() else ""
    print(logins or "Make a login with: python3 start.py manage createsuperuser", end="\n\n")
    if problem := pdf_problem():
        print(problem)
    print(f"Data, logs and sent mail are in {state.folder}. Ctrl-C stops everything.", flush=True)


def say(text: str) -> None:
    """Print a last word, to nobody when the terminal was closed."""
    with suppress(OSError):
        print(text, flush=True)
