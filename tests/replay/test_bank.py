"""The rehearsal's customers pay the same way for the same seed, and the bank's sums are right."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from o2c.rehearsal.replay.bank import (
    Due,
    Manner,
    decide_payments,
    payer_iban,
    write_statements,
)

DAY = date(2011, 6, 1)
dues = st.lists(
    st.builds(
        lambda nr, payer, cents: Due(
            f"INV-2011-{nr:06d}", payer, f"Customer {payer}", Decimal(cents) / 100, DAY,
            DAY + timedelta(days=30),
        ),
        st.integers(1, 10**6), st.sampled_from("ABC"), st.integers(1, 10**6),
    ),
    max_size=40,
)  # fmt: skip


@given(dues, st.integers())
def test_the_same_seed_pays_the_same(owed, seed):
    assert decide_payments(owed, seed) == decide_payments(owed, seed)


@given(dues, st.integers())
def test_statements_carry_every_transfer_and_chain_without_break(owed, seed):
    transfers = decide_payments(owed, seed)

    statements = write_statements(transfers, Decimal("10.00"), "GBP")

    assert all(statement.balances for statement in statements)
    balance = Decimal("10.00")
    for statement in statements:
        assert statement.opening == balance
        balance = statement.closing
    assert balance == Decimal("10.00") + sum((t.amount for t in transfers), Decimal(0))


def test_every_manner_of_paying_occurs_in_a_large_crowd():
    owed = [
        Due(f"INV-2011-{nr:06d}", str(nr % 90), "x", Decimal(100), DAY, DAY) for nr in range(1000)
    ]

    transfers = decide_payments(owed, 1)

    assert {t.manner for t in transfers} == set(Manner) - {Manner.NEVER}
    assert all(t.amount > 0 for t in transfers)


@given(st.text("0123456789ABCDEF-", min_size=1, max_size=12))
def test_made_up_accounts_have_right_check_digits(code):
    assert mod_97_10.is_valid(payer_iban(code)[4:] + payer_iban(code)[:4])
