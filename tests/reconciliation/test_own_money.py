"""Money of ours that comes back, or moves between our accounts, is proposed as nobody's payment."""

import pytest

from o2c.core.actors import SYSTEM
from reconciliation.commands import apply_matches, match_statement
from reconciliation.models import BankLine
from reconciliation.queries import in_words
from tests.factories.masters import BankAccountFactory
from tests.given.reconciliation import entry, imported, owed

pytestmark = pytest.mark.django_db


def looked_at(*entries, **said):
    """Lines of which the bank says more; what we make of the first."""
    statement = imported(*entries)
    BankLine.objects.filter(statement=statement).update(**said)
    return match_statement(statement.pk, actor=SYSTEM)[0]


def told(invoice):
    """A line that names an open invoice over its very amount, from its payer."""
    return entry(invoice.gross, f"Refund {invoice.number}", counterparty_name=invoice.payer.name)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"is_reversal": True}, "Refund INV"),  # RD in MT940, RvslInd in camt
        ({"is_return": True, "return_reason": "AC04"}, "AC04"),
        ({"is_return": True, "return_text": "account closed"}, "account closed"),
    ],
)
def test_what_comes_back_is_no_payment_even_when_it_names_an_invoice(said, word):
    match = looked_at(told(owed()), **said)

    assert (match.tier, match.payer, match.shares.count()) == ("none", None, 0)
    (sentence,) = in_words(match.evidence)
    assert sentence.startswith("The bank says that money of ours comes back")
    assert word in sentence


def test_it_is_never_applied_with_the_exact_ones():
    invoice = owed()
    match = looked_at(told(invoice), is_return=True)

    assert apply_matches(match.bank_line.statement_id, ["exact"], actor=SYSTEM) == (0, [])
    assert invoice.open_items.get().open_amount == invoice.gross


def test_a_transfer_from_another_account_of_ours_is_no_payment():
    other = BankAccountFactory(code="SAVINGS", iban="DE02120300000000202051")
    invoice = owed()

    match = looked_at(
        entry(invoice.gross, invoice.number, counterparty_iban="DE02 1203 0000 0000 2020 51")
    )

    assert match.tier == "none"
    assert in_words(match.evidence) == [
        f"It comes from our own account {other.code}, DE02 1203 0000 0000 2020 51: "
        "it is no customer's payment."
    ]


def test_the_same_line_from_a_customer_is_exact():
    """The twin: nothing but the bank's mark makes the difference."""
    assert looked_at(told(owed())).tier == "exact"
