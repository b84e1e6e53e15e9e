"""The documentation says what the code says."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
PLACE = re.compile(r"`([\w/]+\.py)::(\w+)`")
FILE = re.compile(
    r"`((?:o2c|orders|credit|fulfillment|shipping|invoicing|receivables|reconciliation|docs|tests)/[\w/.\-]+)`"
)


def places():
    text = (ROOT / "docs" / "walkthrough.md").read_text()
    return sorted(set(PLACE.findall(text)))


@pytest.mark.parametrize(("path", "name"), places(), ids=[f"{p}::{n}" for p, n in places()])
def test_every_place_of_the_walkthrough_exists(path, name):
    tree = ast.parse((ROOT / path).read_text())

    assert name in {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize(
    "page", ["README.md", "docs/walkthrough.md", "docs/web.md", "docs/performance.md"]
)
def test_every_file_a_page_names_exists(page):
    named = set(FILE.findall((ROOT / page).read_text()))

    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_the_readme_is_short():
    assert (ROOT / "README.md").read_text().count("\n") < 150


def test_the_diagrams_are_those_of_the_machines():
    call_command("diagrams", "--check")


def test_every_command_word_of_the_readme_is_a_command():
    from django.core.management import get_commands

    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"start\.py manage (\w+)|manage\.py (\w+)", text))

    assert {a or b for a, b in named} <= set(get_commands())
