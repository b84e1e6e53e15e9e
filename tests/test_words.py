"""The field's plain words, everywhere; and what tests count, no docstring counts."""

import ast
import re
import subprocess

import pytest

from tests.test_architecture import PRODUCT, ROOT, at, sources

#: What was written for these before; e-mail, document, customer, read and wrong are the words.
GIVEN_UP = re.compile(
    r"(?<![a-z])(papers?|deeds?|born|heed(s|ed|ing)?|strangers?|complaints?|the house proposes)"
    r"(?![a-z])",
    re.IGNORECASE,
)
#: A dunning letter is a document, which receivables write; what carries it is an e-mail.
MAIL_AS_LETTER = re.compile(r"(?<![a-z])letters?(?![a-z])", re.IGNORECASE)
MAIL_FILES = re.compile(r"(^|/)(mail|message|test_mail|test_\w*message\w*|outbox)\w*[./]")
WRITTEN = re.compile(r"\.(py|html|txt|md|css|js|toml|yml|po)$")

_NUMBER = r"(no|one|two|three|four|five|six|seven|eight|nine|ten|single|a few|\d+)"
COUNT = re.compile(
    rf"\b{_NUMBER} ((more|further|same|single|cheap|sql) )*(sql )?"
    r"(statements?|quer(y|ies)|round trips?)\b",
    re.IGNORECASE,
)
#: Where a statement is the bank's, or of an account, it may be counted.
ACCOUNTS = ("reconciliation/", "receivables/queries/statements.py", "o2c/rehearsal/")


def written() -> list[str]:
    """The files of the repository that people read; not this one, nor migrations, which stay."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    here = [name for name in listed if WRITTEN.search(name) and (ROOT / name).exists()]
    return [n for n in here if n != "tests/test_words.py" and "/migrations/" not in n]


def found_in(names: list[str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name in names
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1)
        if pattern.search(re.sub(r"\b00\d\d-[\w-]+", "", line))  # files of decisions keep names
    ]


def test_words_that_were_given_up_do_not_come_back():
    assert found_in(written(), GIVEN_UP) == []


def test_an_email_is_no_letter():
    names = [name for name in written() if MAIL_FILES.search(name) and "receivables" not in name]
    assert len(names) > 5
    assert found_in(names, MAIL_AS_LETTER) == []


@pytest.mark.parametrize(
    "line",
    ["the papers", "def paper_of(", "dunning_paper(", "born rich", "Heeding it", "test_a_deed_is"],
)
def test_a_word_given_up_is_found(line):
    assert GIVEN_UP.search(line)


def counts_statements(path: str, text: str) -> bool:
    """Whether a docstring says how many SQL statements something takes."""
    if path.startswith(ACCOUNTS):
        return any("sql" in m[0].lower() or "quer" in m[0].lower() for m in COUNT.finditer(text))
    return COUNT.search(text) is not None


def test_no_docstring_counts_statements():
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    found = [
        f"{path}: {text.splitlines()[0]}" if isinstance(node, ast.Module) else at(path, node)
        for path, tree, _source in sources(*PRODUCT)
        for node in ast.walk(tree)
        if isinstance(node, kinds) and (text := ast.get_docstring(node))
        if counts_statements(str(path), " ".join(text.split()))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "text", "counts"),
    [
        ("o2c/web/x.py", "Takes two statements.", True),
        ("o2c/web/x.py", "Read in one SQL statement.", True),
        ("orders/queries/x.py", "No query is sent. One more query when it waits.", True),
        ("reconciliation/x.py", "Reads them in one query.", True),
        ("reconciliation/x.py", "One statement of one account.", False),
        ("o2c/web/x.py", "The statement that writes it.", False),
    ],
)
def test_a_count_is_told_from_a_statement(path, text, counts):
    assert counts_statements(path, text) == counts
