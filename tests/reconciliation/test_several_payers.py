"""One line may pay for several customers: each gets a payment of its own, together they make it."""

from decimal import Decimal as D
from random import Random

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from receivables.commands import reverse_payment
from receivables.models import OpenItem, Payment
from reconciliation.commands import apply_match, match_statement, undo_match
from reconciliation.models import BankLine, Match, PayerAlias
from reconciliation.queries import in_words
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given
from tests.given.reconciliation import entry, imported, line_of, matched, owed
from tests.given.story import state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alpha():
    return owed(customer=CustomerFactory(name="Alpha"))


@pytest.fixture
def beta():
    return owed((20, "10.00"), customer=CustomerFactory(name="Beta"))


def payments():
    return [
        (p.customer.name if p.customer else "", p.total, p.state)
        for p in Payment.objects.order_by("bank_line_part")
    ]


def test_a_line_that_names_two_customers_pays_both(alpha, beta, cashier, books_agree):
    """357.00 for Alpha's 119.00 and Beta's 238.00."""
    text = f"{alpha.number} {beta.number}"
    (match,) = matched(entry("357.00", text, counterparty_iban="DE77"))

    assert match.tier == "strong"
    assert "The documents belong to several payers." in in_words(match.evidence)
    apply_match(match.pk, actor=cashier)

    assert payments() == [("Alpha", D("119.00"), "received"), ("Beta", D("238.00"), "received")]
    assert [state_of(i.order) for i in (alpha, beta)] == ["reconciled", "reconciled"]
    assert not PayerAlias.objects.exists()  # who pays for both is neither
    books_agree()


def test_undo_takes_all_payments_back(alpha, beta, books_agree):
    (match,) = matched(entry("357.00", f"{alpha.number} {beta.number}"))
    apply_match(match.pk, actor=SYSTEM)

    undo_match(match.pk, reason="wrong", actor=SYSTEM)

    assert {state for _name, _amount, state in payments()} == {"reversed"}
    assert [state_of(i.order) for i in (alpha, beta)] == ["invoiced", "invoiced"]
    assert not BankLine.objects.get().is_settled
    books_agree()


def test_one_of_the_payments_alone_is_not_reversed(alpha, beta):
    (match,) = matched(entry("357.00", f"{alpha.number} {beta.number}"))
    apply_match(match.pk, actor=SYSTEM)

    for payment in Payment.objects.all():
        with pytest.raises(RuleViolation, match=f"Undo {match} instead"):
            reverse_payment(payment.pk, reason="mistake", actor=SYSTEM)

    assert {state for _name, _amount, state in payments()} == {"received"}


def test_the_line_can_be_applied_again(alpha, beta, books_agree):
    (match,) = matched(entry("357.00", f"{alpha.number} {beta.number}"))
    apply_match(match.pk, actor=SYSTEM)
    undo_match(match.pk, reason="wrong", actor=SYSTEM)

    (again,) = match_statement(match.bank_line.statement_id, actor=SYSTEM)
    apply_match(again.pk, actor=SYSTEM)

    assert state_of(beta.order) == "reconciled"
    books_agree()


def test_a_short_line_pays_the_oldest_first(alpha, beta, books_agree):
    (match,) = matched(entry("300.00", f"{alpha.number} {beta.number}"))

    assert match.tier == "possible"  # nobody says which of them pays less
    apply_match(match.pk, actor=SYSTEM)

    assert sum(i.open_amount for i in OpenItem.objects.all()) == D("57.00")
    books_agree()


# -- entries that hold several transactions ------------------------------------------------------

SIX = ["12000.00", "7838.00", "31000.00", "20500.00", "15000.00", "5500.00"]


def batch(*details):
    """A line over the sum of (amount, text, name) details, as the bank lists them."""
    statement = imported(entry(sum(D(amount) for amount, *_more in details), "batch"))
    more = ("counterparty_iban", "end_to_end_id", "return_reason", "return_text")
    BankLine.objects.filter(statement=statement).update(
        details=[
            {
                "amount": amount, "currency": "EUR", "text": text, "references": [],
                "counterparty_name": name, **dict.fromkeys(more, ""), **dict(rest),
            }
            for amount, text, name, *rest in details
        ]
    )  # fmt: skip
    match_statement(statement.pk, actor=SYSTEM)
    return Match.objects.get(bank_line=line_of(statement))


def test_a_batch_of_six_has_six_shares(books_agree):
    debts = [given.debt(amount, number=f"RE-{70000 + n}") for n, amount in enumerate(SIX)]

    match = batch(*[(str(d.original), f"pay {d.document_number}", "") for d in debts])

    assert match.bank_line.amount == D("91838.00")
    assert (match.tier, match.shares.count(), match.on_account) == ("exact", 6, 0)
    apply_match(match.pk, actor=SYSTEM)

    assert [amount for _name, amount, _state in payments()] == [D(amount) for amount in SIX]
    assert not OpenItem.objects.exclude(open_amount=0).exists()
    books_agree()


def test_each_part_has_its_own_payer_and_rest(alpha, beta, books_agree):
    match = batch(
        ("119.00", "thanks", alpha.payer.name), ("250.00", beta.number, ""), ("5.00", "?", "")
    )

    assert (match.tier, match.payer) == ("possible", alpha.payer)
    assert [(s.amount, s.other_payer) for s in match.shares.filter(open_item=None)] == [
        (D("12.00"), str(beta.payer)),
        (D("5.00"), "payer unknown"),
    ]
    apply_match(match.pk, actor=SYSTEM)

    assert payments() == [
        ("Alpha", D("119.00"), "received"),
        ("Beta", D("250.00"), "received"),
        ("", D("5.00"), "unassigned"),
    ]
    books_agree()


def test_two_parts_for_one_invoice_are_one_share(beta, books_agree):
    match = batch(("100.00", beta.number, ""), ("138.00", beta.number, ""))

    assert [s.amount for s in match.shares.all()] == [D("238.00")]
    apply_match(match.pk, actor=SYSTEM)
    books_agree()


def test_details_that_do_not_make_the_entry_are_one_text(alpha, beta):
    """The bank kept a fee: whose it is, nobody says."""
    match = batch(("119.00", alpha.number, ""), ("238.00", beta.number, ""))
    BankLine.objects.update(amount=D("350.00"))
    Match.objects.filter(pk=match.pk).update(state="dismissed")

    (again,) = match_statement(match.bank_line.statement_id, actor=SYSTEM)

    assert (again.tier, sum(s.amount for s in again.shares.all())) == ("possible", D("350.00"))


def test_a_part_that_comes_back_stops_the_batch(alpha):
    match = batch(
        ("119.00", alpha.number, ""), ("50.00", "returned", "", ("return_reason", "AC04"))
    )

    assert (match.tier, match.payer, match.shares.count()) == ("none", None, 0)


# -- what is proposed can be applied -----------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_what_is_proposed_can_be_applied(seed, books_agree):
    """Random debts and credits of three customers, random lines that name some of them."""
    random = Random(seed)
    customers = [CustomerFactory(name=name) for name in ("Alpha", "Beta", "Gamma")]
    items = [
        given.debt(
            str(D(random.randrange(-300, 900) or 1) / 10),
            customer=random.choice(customers),
            number=f"RE-{30000 + n}",
        )
        for n in range(7)
    ]
    lines = []
    for _ in range(6):
        named = random.sample(items, random.randrange(4))
        amount = sum((i.open_amount for i in named), D(0)) + random.choice([0, 0, 0, -10, 7])
        lines.append(
            entry(
                amount if amount > 0 else random.choice(["10.00", "33.30"]),
                " ".join(i.document_number for i in named),
                counterparty_name=random.choice(["", *(c.name for c in customers)]),
            )
        )
    with_payer = [match for match in matched(*lines) if match.payer_id]
    random.shuffle(with_payer)

    for match in with_payer:
        apply_match(match.pk, actor=SYSTEM)

    assert with_payer
    books_agree()
