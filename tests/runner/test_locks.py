"""The locks: what is declared is pinned, by hash, and names no place that it came from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["requirements-prod.lock", "requirements.lock", "requirements-dev.lock"]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return {normal(name): pin for name, pin in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def declared(group: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needs = {
        "runtime": project["project"]["dependencies"],
        "local": project["project"]["optional-dependencies"]["local"],
        "dev": project["dependency-groups"]["dev"],
    }[group]
    return {normal(re.match(r"[\w.-]+", need)[0]) for need in needs}


@pytest.mark.parametrize("lock", NAMES)
def test_every_package_is_pinned_with_hashes(lock):
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 50
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", NAMES)
def test_a_lock_names_no_host(lock):
    assert re.findall(r"https?:|//|index-url|find-links", (ROOT / lock).read_text()) == []


@pytest.mark.parametrize(
    ("lock", "groups"),
    [
        ("requirements-prod.lock", ["runtime"]),
        ("requirements.lock", ["runtime", "local"]),
        ("requirements-dev.lock", ["runtime", "local", "dev"]),
    ],
)
def test_what_is_declared_is_locked(lock, groups):
    wanted = set().union(*(declared(group) for group in groups))
    assert wanted - set(pinned(lock)) == set()


def test_a_larger_lock_contains_the_smaller_ones_in_the_same_versions():
    production, local, development = (pinned(lock) for lock in NAMES)
    assert production.items() <= local.items() <= development.items()


def test_production_carries_no_embedded_server_and_no_test_tool():
    assert (declared("local") | declared("dev")) & set(pinned("requirements-prod.lock")) == set()
