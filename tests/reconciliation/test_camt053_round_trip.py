"""What our rehearsal bank writes, we read back unchanged; what is unsafe or odd is named."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.errors import RuleViolation
from reconciliation.adapters import (
    EntryRecord,
    StatementRecord,
    UnreadableStatement,
    read_statements,
)
from reconciliation.adapters.camt053_writer import write_camt053

DAY = date(2026, 3, 2)
RETURNED = {"is_return": True, "return_reason": "AC04", "return_text": "account closed"}
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
text = st.text("ABCdef 0123äöü€&<>-/", max_size=40).map(lambda s: " ".join(s.split()))
amounts = st.integers(-(10**7), 10**7).filter(bool).map(lambda n: Decimal(n) / 100)


@st.composite
def statements(draw):
    entries = tuple(
        EntryRecord(
            entry_date=DAY, value_date=DAY, amount=amount, currency="EUR", text=draw(text),
            counterparty_name=draw(text), counterparty_iban="DE89370400440532013000",
            end_to_end_id=draw(st.sampled_from(["", "E2E-1"])), bank_reference=f"R{nr}",
            **draw(st.sampled_from([{}, RETURNED])),
        )
        for nr, amount in enumerate(draw(st.lists(amounts, max_size=5)))
    )  # fmt: skip
    opening = draw(amounts)
    return StatementRecord(
        account="DE02120300000000202051", currency="EUR", statement_id="S1", sequence="7",
        opening=opening, closing=opening + sum((e.amount for e in entries), Decimal(0)),
        opening_date=DAY, closing_date=DAY, entries=entries,
    )  # fmt: skip


@given(statements())
def test_what_is_written_is_read_back(statement):
    (read,) = read_statements(write_camt053(statement, NOW))

    assert replace(read, entries=()) == replace(statement, entries=())
    assert [replace(e, details=()) for e in read.entries] == list(statement.entries)
    assert read.balances


GOOD = write_camt053(
    StatementRecord("DE1", "EUR", "S1", "", Decimal(1), Decimal(1), DAY, DAY, ()), NOW
)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_damaged_file_is_read_or_refused_never_a_crash(position, byte):
    damaged = GOOD[:position] + bytes([byte]) + GOOD[position + 1 :]

    with contextlib.suppress(UnreadableStatement, RuleViolation):
        assert read_statements(damaged)


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
        b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><d>&b;</d>',
        b"<a>" * 100_000,
        b"",
        b"<Document>",
    ],
)
def test_unsafe_and_broken_xml_is_refused(bomb):
    with pytest.raises((RuleViolation, UnreadableStatement)):
        read_statements(bomb)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b"camt.053.001.02", b"camt.052.001.02", "camt.052"),
        (b"camt.053.001.02", b"camt.053.001.99", "version 99"),
        (b">1<", b">one<", "not an amount"),
        (b"CRDT", b"XXXX", "CdtDbtInd"),
        (b"<Dt>2026-03-02</Dt>", b"<Dt>2026-13-02</Dt>", "not a date"),
    ],
)
def test_what_is_wrong_is_named(old, new, named):
    with pytest.raises(UnreadableStatement, match=named):
        read_statements(GOOD.replace(old, new))
