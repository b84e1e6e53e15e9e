"""The entry of an invoice balances in both currencies; the credit note's is its mirror."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.rules.posting import Figures, early_discount, instalments, postings
from o2c.core.money import ZERO, TaxLine
from o2c.ledger.rules import checked
from o2c.masters.rules.terms import Terms, TermsPart

D = Decimal
DAY = date(2026, 3, 31)

amounts = st.decimals("0", "999999", places=2)
rates = st.decimals("0.00000001", "9999", places=8)


def figures(net, tax, rate, cost=ZERO) -> Figures:
    return Figures(net, tax, net + tax, "USD", rate, "EUR", cost)


@given(amounts, amounts, rates, amounts)
def test_every_entry_balances_per_currency_and_in_base(net, tax, rate, cost):
    lines = postings(figures(net, tax, rate, cost), 7, sign=1)

    assert checked(lines) is not None  # raises when it does not balance
    assert sum(line.amount for line in lines if line.account == "AR") == net + tax
    assert all(line.customer_id == 7 for line in lines if line.account == "AR")


@given(amounts, amounts, rates, amounts)
def test_a_credit_note_mirrors_its_invoice_in_both_currencies(net, tax, rate, cost):
    sale = postings(figures(net, tax, rate, cost), 7, sign=1)
    back = postings(figures(net, tax, rate, cost), 7, sign=-1)

    assert back == [line.mirrored() for line in sale]


def test_what_conversion_leaves_over_is_a_rounding_line():
    lines = postings(figures(D("0.55"), D("0.55"), D("0.5")), 7, sign=1)

    assert [(line.account, line.amount, line.base_amount) for line in lines[:4]] == [
        ("AR", D("1.10"), D("0.55")),
        ("REVENUE", D("-0.55"), D("-0.28")),
        ("TAX", D("-0.55"), D("-0.28")),
        ("ROUNDING", D(0), D("0.01")),
    ]


def test_instalments_follow_the_terms_and_a_credit_is_due_at_once():
    halves = Terms(lines=[TermsPart(share_percent=D(50)), TermsPart(days=30)])

    parts = instalments(halves, DAY, D("1000.01"), "EUR", is_credit=False)
    (credit,) = instalments(halves, DAY, D("1000.01"), "EUR", is_credit=True)

    assert [(p.due_date, p.amount) for p in parts] == [
        (DAY, D("500.01")),
        (date(2026, 4, 30), D("500.00")),
    ]
    assert (credit.due_date, credit.amount, credit.discount_date) == (DAY, D("1000.01"), None)


def test_an_early_payer_is_told_what_to_pay():
    terms = Terms(discount_percent=D(2), discount_days=7, lines=[TermsPart(days=30)])
    schedule = instalments(terms, DAY, D(121), "EUR", is_credit=False)
    tax = [TaxLine("S", D(21), D(100), D(21))]

    offer = early_discount(terms, schedule, tax, D(121), "EUR")

    assert (offer.until, offer.amount, offer.payable) == (date(2026, 4, 7), D("2.42"), D("118.58"))


def test_terms_without_discount_offer_nothing():
    schedule = instalments(Terms(), DAY, D(121), "EUR", is_credit=False)

    assert early_discount(Terms(), schedule, [], D(121), "EUR") is None
