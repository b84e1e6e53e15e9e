"""Statement files of real banks give the entries and sums that others counted in them."""

import json
from decimal import Decimal

import pytest

from reconciliation.adapters import UnreadableStatement, read_statements
from tests.shared_data import SHARED, shared_file


def _facts(kind):
    path = SHARED / "facts.json"
    if not path.exists():
        return []
    return [
        (name, entry["facts"])
        for name, entry in json.loads(path.read_text()).items()
        if name.startswith(f"bank/{kind}/")
    ]


CAMT053 = [
    (name, facts)
    for name, facts in _facts("camt")
    if facts["msg"].startswith("camt.053") and facts["stmts"] != "0"
]
OTHER_CAMT = [name for name, facts in _facts("camt") if (name, facts) not in CAMT053]
MT940 = [
    (name, facts) for name, facts in _facts("mt940") if facts["msgs"] != "0" and "mt942" not in name
]


@pytest.mark.parametrize(("name", "facts"), CAMT053, ids=[name for name, _ in CAMT053])
def test_a_camt053_file_gives_its_known_entries_and_sums(name, facts):
    statements = read_statements(shared_file(*name.split("/")).read_bytes())

    entries = [entry for statement in statements for entry in statement.entries]
    credits = [entry.amount for entry in entries if entry.amount > 0]
    debits = [-entry.amount for entry in entries if entry.amount < 0]
    assert len(statements) == int(facts["stmts"])
    assert len(entries) == int(facts["entries"])
    assert _counted(credits) == facts["credits"]
    assert _counted(debits) == facts["debits"]
    assert sum(len(entry.details) for entry in entries) == int(facts["txdtls"])
    assert sum(entry.is_reversal for entry in entries) == int(facts["reversals"])
    if "statements_that_balance" in facts:
        balanced = sum(statement.balances for statement in statements)
        assert f"{balanced} of {len(statements)}" == facts["statements_that_balance"]


def _counted(amounts):
    total = sum(amounts, Decimal(0))
    return f"{len(amounts)}={total if amounts else 0}"


@pytest.mark.parametrize("name", OTHER_CAMT)
def test_what_is_not_a_statement_is_refused(name):
    with pytest.raises(UnreadableStatement):
        read_statements(shared_file(*name.split("/")).read_bytes())


@pytest.mark.parametrize(("name", "facts"), MT940, ids=[name for name, _ in MT940])
def test_an_mt940_file_gives_its_known_entries_and_sums(name, facts):
    statements = read_statements(shared_file(*name.split("/")).read_bytes())

    entries = [entry for statement in statements for entry in statement.entries]
    # Facts count what the letter C or D says; a reversal turns the sign of what it reverses.
    credits = [abs(e.amount) for e in entries if (e.amount > 0) != e.is_reversal]
    debits = [abs(e.amount) for e in entries if (e.amount < 0) != e.is_reversal]
    reversed_credits = sum((abs(e.amount) for e in entries if e.is_reversal), Decimal(0))
    with_balances = [s for s in statements if s.opening is not None and s.closing is not None]
    assert len(statements) == int(facts["msgs"])
    assert len(entries) == int(facts["entries"])
    assert sum(debits, Decimal(0)) in {
        Decimal(facts["debits"]),
        Decimal(facts["debits"]) - reversed_credits,
    }
    assert sum(credits, Decimal(0)) in {
        Decimal(facts["credits"]),
        Decimal(facts["credits"]) + reversed_credits,
    }
    balanced = sum(statement.balances for statement in with_balances)
    assert f"{balanced} of {len(with_balances)}" == facts["statements_that_balance"]
