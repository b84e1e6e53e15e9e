"""Dockerfile, docker-compose.yml and .env.example follow the settings and the product rules."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = ["web", "worker", "beat", "migrate"]


def variables_read_by_the_code() -> set[str]:
    """Names that the product and the runner read from the environment."""
    files = [ROOT / "start.py", *(ROOT / "o2c").rglob("*.py"), *(ROOT / "tests").glob("*.py")]
    pattern = r'(?:env|env_flag|env_list|environ\.get|environ\.setdefault)\(\s*"([A-Z0-9_]+)"'
    found = {name for file in files for name in re.findall(pattern, file.read_text())}
    return found - {"DJANGO_SETTINGS_MODULE"}


def variables_of_compose() -> set[str]:
    return set(re.findall(r"\${([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))


def variables_of_the_example() -> set[str]:
    return set(re.findall(r"^#([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_the_example_lists_every_variable_and_no_other():
    assert variables_of_the_example() == variables_read_by_the_code() | variables_of_compose() | {
        "FONTCONFIG_FILE"
    }


def test_the_example_as_it_is_changes_nothing():
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_compose_has_every_service():
    assert set(COMPOSE["services"]) == {"postgres", "redis", *OURS}


@pytest.mark.parametrize("name", ["postgres", "redis", "worker", "beat"])
def test_a_service_that_stays_has_a_health_check(name):
    assert COMPOSE["services"][name]["healthcheck"]["test"]


def test_the_web_asks_itself_whether_it_is_ready():
    assert re.search(r"HEALTHCHECK[^\n]*\\\n.*?/readyz", (ROOT / "Dockerfile").read_text())


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_runs_before_the_tables_are_there(name):
    condition = COMPOSE["services"][name]["depends_on"]["migrate"]["condition"]
    assert condition == "service_completed_successfully"


@pytest.mark.parametrize("name", OURS)
def test_our_containers_run_without_privileges(name):
    service = COMPOSE["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")


def test_the_image_runs_as_an_ordinary_user_from_a_hashed_lock():
    text = (ROOT / "Dockerfile").read_text()
    users = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    assert users == ["o2c"]
    assert "--require-hashes --only-binary=:all:" in text
    assert "requirements-prod.lock" in text


def test_the_database_sorts_alike_on_every_machine():
    arguments = COMPOSE["services"]["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert "--locale-provider=builtin --locale=C.UTF-8" in arguments
    assert COMPOSE["services"]["postgres"]["image"] == "postgres:18"


def test_the_broker_forgets_nothing_by_itself():
    command = COMPOSE["services"]["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert set(re.findall(rf"\$\{{{name}(:.)", text)) == {":?"}


#: what tests set for themselves: the settings', and the browser's for its own loop
NOT_OURS = ("O2C_TESTING", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE")


def asked_in_production(*command: str, **environment: str) -> subprocess.CompletedProcess:
    """A command with the settings as compose would have them."""
    production = {
        "SECRET_KEY": "k7Q2xW9mZ4nB8vC1pL6sD3fG5hJ0rT-" * 2,
        "ALLOWED_HOSTS": "erp.example.com",
        "CSRF_TRUSTED_ORIGINS": "https://erp.example.com",
        "SECURE_COOKIES": "1",
    }
    kept = {k: v for k, v in os.environ.items() if k not in NOT_OURS}
    named = kept | production | {"DJANGO_SETTINGS_MODULE": "o2c.settings"} | environment
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=named, capture_output=True, text=True
    )


def test_django_finds_nothing_to_say_about_a_deployment():
    asked = asked_in_production("manage.py", "check", "--deploy", "--fail-level=WARNING")
    assert asked.returncode == 0, asked.stderr


def test_without_a_secret_each_process_draws_its_own():
    ask = "from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = (asked_in_production("-c", ask, SECRET_KEY="").stdout for _process in "12")
    assert len(first.strip()) > 50
    assert first != second


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/accounts/login/", 301)])
def test_plain_http_is_sent_to_tls_but_for_those_who_ask_from_inside(
    client, settings, path, status
):
    settings.SECURE_SSL_REDIRECT = True  # as SECURE_COOKIES=1 sets it
    assert client.get(path).status_code == status
