"""Bank lines of money out: those that name a credit are proposed for it, and settle it."""

from decimal import Decimal as D

import pytest
from django.urls import reverse
from hypothesis import given as for_all
from hypothesis.strategies import dates, decimals, lists, tuples

from o2c.core.actors import SYSTEM
from o2c.ledger.queries import balance
from receivables.commands import approve_payment
from receivables.models import Payment
from reconciliation.commands import apply_choice, apply_match, match_bank_line, undo_match
from reconciliation.models import BankLine, Match
from reconciliation.rules import (
    Candidate,
    EvidenceKind,
    LineFacts,
    Mention,
    Name,
    Share,
    Tier,
    propose_paying_back,
)
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given
from tests.given.reconciliation import entry, imported, line_of, matched
from tests.proof import assert_books_agree

pytestmark = pytest.mark.django_db


@pytest.fixture
def credit():
    return given.debt("-119.00", customer=CustomerFactory(), number="CN-2026-000007")


def books_hold():
    assert_books_agree(["E3", "E8", "F1", "F2", "F4", "H3", "H6", "I1"])


def test_money_out_that_names_a_credit_note_is_proposed_for_it(credit):
    (match,) = matched(entry("-119.00", "refund CN 2026 000007"))

    share = match.shares.get()
    assert (match.tier, match.payer) == ("exact", credit.customer)
    assert (share.open_item, share.amount, match.on_account) == (credit, D("119.00"), 0)


def test_applied_it_settles_the_credit(credit):
    (match,) = matched(entry("-119.00", "refund CN-2026-000007"))

    apply_match(match.pk, actor=SYSTEM)

    credit.refresh_from_db()
    payment = Payment.objects.get()
    assert (credit.open_amount, payment.direction, payment.unapplied) == (0, "out", 0)
    assert balance("BANK") == D("-119.00")
    books_hold()


def test_undone_it_is_open_again(credit):
    (match,) = matched(entry("-119.00", "refund CN-2026-000007"))
    apply_match(match.pk, actor=SYSTEM)

    undo_match(match.pk, reason="another one was meant", actor=SYSTEM)

    credit.refresh_from_db()
    assert (credit.open_amount, balance("BANK")) == (D("-119.00"), 0)
    books_hold()


def test_a_part_is_strong(credit):
    (match,) = matched(entry("-100.00", "refund CN-2026-000007"))

    assert (match.tier, match.shares.get().amount) == ("strong", D("100.00"))


def test_more_than_the_credit_waits_for_another_person(credit):
    (match,) = matched(entry("-150.00", "refund CN-2026-000007"))
    assert (match.tier, match.on_account) == ("strong", D("31.00"))

    apply_match(match.pk, actor=SYSTEM)

    payment = Payment.objects.get()
    assert (payment.state, payment.beyond) == ("waiting", D("31.00"))
    assert balance("BANK_SUSPENSE") == D("150.00")
    approve_payment(payment.pk, actor=given.ANOTHER)
    books_hold()


@pytest.mark.parametrize("text", ["rent", "salaries", "refund", "CN-2026-000008"])
def test_money_out_that_names_nothing_is_left_alone(credit, text):
    assert matched(entry("-119.00", text)) == []


def test_a_returned_payment_is_no_refund(credit):
    line = line_of(imported(entry("-119.00", "CN-2026-000007")))
    BankLine.objects.filter(pk=line.pk).update(is_return=True)

    assert match_bank_line(line.pk, actor=SYSTEM) is None


def test_credits_of_several_customers_are_left_to_a_person(credit):
    given.debt("-50.00", customer=CustomerFactory(), number="CN-2026-000009")

    assert matched(entry("-169.00", "CN-2026-000007, CN-2026-000009")) == []


def test_by_hand_an_overpayment_is_paid_back_on_account():
    customer = CustomerFactory()
    given.payment("800.00", customer=customer)
    line = line_of(imported(entry("-800.00", "refund")))

    apply_choice(line.pk, payer_id=customer.pk, actor=SYSTEM)

    payment = Payment.objects.get(direction="out")
    assert (payment.state, payment.unapplied) == ("received", D("800.00"))
    books_hold()


def test_the_page_offers_the_credits_of_whom_it_paid_back(boss, credit):
    given.debt("300.00", customer=credit.customer, number="RE-1")
    line = line_of(imported(entry("-119.00", "refund")))
    url = reverse("reconciliation:bank_line_choose", args=[line.pk])
    address = f"{url}?payer={credit.customer.code}"

    page = boss.get(address).content.decode()
    boss.post(address, {f"item_{credit.pk}": "119.00", "op_id": "1"})

    assert "CN-2026-000007" in page
    assert "RE-1" not in page
    assert Match.objects.get(bank_line=line).state == "applied"


rows = lists(tuples(decimals("0.01", 1000, places=2), dates()), min_size=1, max_size=6)


@for_all(rows, decimals("0.01", 5000, places=2))
def test_what_is_proposed_can_be_applied(rows, paid):
    credits = {
        pk: Candidate(pk, 1, f"CN-{pk}", amount, amount, due, "EUR")
        for pk, (amount, due) in enumerate(rows, 1)
    }
    names = [
        Mention((Name(pk, EvidenceKind.NAMES_DOCUMENT, c.number),), sure=True)
        for pk, c in credits.items()
    ]

    proposal = propose_paying_back(LineFacts(-paid, "EUR", names), credits)

    assert proposal is not None
    assert sum(share.amount for share in proposal.shares) + proposal.on_account == paid
    assert all(0 < s.amount <= credits[s.item_id].open_amount for s in proposal.shares)
    assert (proposal.tier == Tier.EXACT) == (paid == sum(c.open_amount for c in credits.values()))
    assert all(isinstance(share, Share) and not share.discount for share in proposal.shares)
