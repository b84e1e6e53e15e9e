"""The database and the broker for one piece of work, and the environment that leads to them."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from o2c.core.database_url import FORM, read_database_url
from o2c.core.pdf_support import write_font_configuration
from o2c.runner.phases import Phase, silent
from o2c.runner.processes import Child, stop
from o2c.runner.servers import start_postgresql, start_valkey
from o2c.runner.state import ROOT, State

BORROW_TIMEOUT = 30.0  # seconds another process gets to bring its servers up
STOP_TIMEOUT = 20.0  # seconds
CONNECT_TIMEOUT = 5  # seconds
URL_FORMS = {
    "DATABASE_URL": FORM,
    "STANDBY_URL": FORM,
    "REDIS_URL": "redis://:password@host:6379/0",
}


class Services:
    """`environment` reaches database and broker; `children` are those that we started for it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.children: list[Child] = []


def basic_environment(state: State) -> dict[str, str]:
    """The settings' variables, where the user has not set them."""
    environment = dict(os.environ)
    # What is set to nothing is not set.
    for name in (*URL_FORMS, "SECRET_KEY", "ALLOWED_HOSTS", "FONTCONFIG_FILE"):
        if not environment.get(name):
            environment.pop(name, None)
    refuse_malformed(environment)
    if "DATABASE_URL" in environment:
        reach_database(environment["DATABASE_URL"])
    environment.setdefault("SECRET_KEY", state.secret("django"))
    environment.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    environment.setdefault("FONTCONFIG_FILE", str(write_font_configuration(state.folder)))
    environment["O2C_STATE_DIR"] = str(state.folder)
    environment["PYTHONUNBUFFERED"] = "1"
    # Compiled modules are kept where the packages are, even if the shell wants none beside sources:
    # compiling all anew would cost every process three seconds.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(Path(sys.prefix) / "bytecode")
    # Our packages lie beside start.py, wherever we were called from.
    path = [str(ROOT), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    return environment


def refuse_malformed(environment: Mapping[str, str]) -> None:
    """Exit with the form a URL must have; what was given may hold a password and is not shown."""
    for name, form in URL_FORMS.items():
        if name in environment and not is_url_like(name, environment[name]):
            sys.exit(f"{name} is not of the form {form}: correct it, or unset it.")


def is_url_like(name: str, url: str) -> bool:
    try:
        if URL_FORMS[name] == FORM:
            read_database_url(url)
            return True
        parts = urlsplit(url)
        return parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def reach_database(url: str) -> None:
    """Exit in one line when a database named by the user cannot be used."""
    wanted = read_database_url(url).options["target_session_attrs"]
    try:
        psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT, target_session_attrs=wanted).close()
    except psycopg.Error as error:
        reasons = [line.strip() for line in str(error).splitlines() if "failed: " in line]
        sys.exit(f"The database of DATABASE_URL cannot be used: {reasons[0] if reasons else error}")


@contextmanager
def started(state: State, phase: Phase, *, durable: bool) -> Iterator[Services]:
    """Start what DATABASE_URL and REDIS_URL do not name; stop it at the end."""
    services = Services(basic_environment(state))
    with ExitStack() as servers:
        for label, variable, start, folder in (
            ("PostgreSQL", "DATABASE_URL", start_postgresql, state.postgres),
            ("Valkey", "REDIS_URL", start_valkey, state.valkey),
        ):
            if variable in services.environment:
                continue
            with phase(label) as done:
                child, url = start(folder, state.log(label), state.secret(label), durable=durable)
                servers.callback(stop, [child], STOP_TIMEOUT)
                services.children.append(child)
                services.environment[variable] = url
                done(url.partition("@")[2])
        yield services


@contextmanager
def shared_services(state: State) -> Iterator[dict[str, str]]:
    """The environment of the running services, or of our own for as long as we need them."""
    environment = basic_environment(state)
    if "DATABASE_URL" in environment and "REDIS_URL" in environment:
        yield environment
        return
    with state.held() as ours:
        if ours:
            with started(state, silent, durable=True) as services:
                state.record(services.environment)
                yield services.environment
                state.wait_for_borrowers()
            return
    with state.borrowed():
        running = state.running(BORROW_TIMEOUT)
        if not running:
            sys.exit(f"Another start.py holds {state.folder}, but its servers do not come up.")
        environment["DATABASE_URL"] = running["DATABASE_URL"]
        environment["REDIS_URL"] = running["REDIS_URL"]
        yield environment
