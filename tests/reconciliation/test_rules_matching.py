"""A proposal never makes, loses or invents money, and its tier is what its evidence carries."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.number_keys import digits_key, number_key
from reconciliation.rules import (
    Candidate,
    Evidence,
    EvidenceKind,
    KnownPayer,
    LineFacts,
    Name,
    Tier,
    find_subset,
    mentions,
    normal_name,
    propose,
)

DAY = date(2026, 3, 1)
cents = st.integers(1, 5000).map(lambda n: Decimal(n) / 100)


def item(item_id, amount, payer=1, number=None, due=DAY, discount="0", original=None):
    return Candidate(
        item_id=item_id, payer_id=payer, number=number or f"INV-2026-{item_id:06d}",
        open_amount=Decimal(amount), original=Decimal(original or amount), due_date=due,
        currency="EUR", offer=Decimal(discount),
    )  # fmt: skip


def naming(amount, text, *items, orders=()):
    """A line whose text is read against the items' numbers; `orders` are (number, item) pairs."""
    names, digits = defaultdict(list), defaultdict(list)
    for one in items:
        names[number_key(one.number)].append(Name(one.item_id, "names_document", one.number))
        digits[digits_key(one.number)].append(Name(one.item_id, "names_digits", one.number))
    for number, one in orders:
        names[number_key(number)].append(Name(one.item_id, "names_purchase_order", number))
    return LineFacts(Decimal(amount), "EUR", tuple(mentions(text, names, digits)))


def line(amount):
    return LineFacts(Decimal(amount), "EUR")


def known(payer_id, certain=True):
    return KnownPayer(payer_id, Evidence(EvidenceKind.KNOWN_ACCOUNT, "DE1"), certain)


candidates = st.lists(
    st.builds(item, st.integers(1, 10**6), cents, st.integers(1, 3)),
    max_size=8,
    unique_by=lambda c: c.item_id,
)


@given(
    candidates,
    st.integers(1, 20000).map(lambda n: Decimal(n) / 100),
    st.lists(st.builds(known, st.integers(1, 3), st.booleans()), max_size=2),
    st.data(),
)
def test_a_proposal_neither_makes_nor_loses_money(items, amount, payers, data):
    named = (
        data.draw(st.lists(st.sampled_from([c.number for c in items]), unique=True))
        if items
        else []
    )

    proposal = propose(naming(amount, " | ".join(named), *items), items, payers)

    open_amounts = {c.item_id: c.open_amount for c in items}
    assert sum((s.amount for s in proposal.shares), Decimal(0)) + proposal.on_account == amount
    assert all(
        s.amount > 0 and s.amount + s.discount <= open_amounts[s.item_id] for s in proposal.shares
    )
    assert len({s.item_id for s in proposal.shares}) == len(proposal.shares)
    assert proposal.evidence
    if proposal.tier == Tier.EXACT:
        assert proposal.on_account == 0


def test_a_named_document_of_the_same_amount_is_exact():
    items = [item(7, "120.00"), item(8, "120.00")]

    proposal = propose(naming("120.00", "INV-2026-000007", *items), items, [])

    assert proposal.tier == Tier.EXACT
    assert [s.item_id for s in proposal.shares] == [7]
    assert [e.kind for e in proposal.evidence] == [
        EvidenceKind.NAMES_DOCUMENT,
        EvidenceKind.AMOUNT_EQUAL,
    ]


def test_several_named_documents_paid_together_are_exact():
    items = [item(1, 100), item(2, 50)]

    proposal = propose(naming("150.00", "INV-2026-000001 INV-2026-000002", *items), items, [])

    assert (proposal.tier, len(proposal.shares)) == (Tier.EXACT, 2)


def test_a_deducted_early_discount_is_exact_and_taken():
    owed = item(1, "100.00", discount="2.00")

    proposal = propose(naming("98.00", "INV-2026-000001", owed), [owed], [])

    assert proposal.tier == Tier.EXACT
    assert (proposal.shares[0].amount, proposal.shares[0].discount) == (Decimal(98), Decimal(2))


def test_of_two_documents_one_may_be_paid_early():
    items = [item(1, "100.00", discount="2.00"), item(2, "50.00", discount="1.50")]

    proposal = propose(naming("148.00", "INV-2026-000001/INV-2026-000002", *items), items, [])

    assert proposal.tier == Tier.EXACT
    assert [(s.amount, s.discount) for s in proposal.shares] == [(98, 2), (50, 0)]


def test_a_short_payment_of_a_named_document_is_strong_and_says_how_short():
    owed = item(1, "100.00")

    proposal = propose(naming("95.00", "INV-2026-000001", owed), [owed], [])

    assert proposal.tier == Tier.STRONG
    assert proposal.evidence[-1] == Evidence(EvidenceKind.SHORT, "5.00 EUR")


def test_an_overpayment_leaves_the_rest_on_account():
    owed = item(1, "100.00")

    proposal = propose(naming("110.00", "INV-2026-000001", owed), [owed], [])

    assert (proposal.tier, proposal.on_account) == (Tier.STRONG, Decimal("10.00"))


def test_the_first_of_two_equal_instalments_is_exact():
    first, second = (item(i, 500, number="INV-2026-000001", due=DAY.replace(day=i)) for i in (1, 2))
    items = [second, first]

    proposal = propose(naming("500.00", "INV-2026-000001", *items), items, [])

    assert (proposal.tier, [s.item_id for s in proposal.shares]) == (Tier.EXACT, [1])


def test_a_known_payer_and_one_equal_amount_is_exact():
    proposal = propose(line("50.00"), [item(1, 50), item(2, 60), item(3, 50, payer=2)], [known(1)])

    assert (proposal.tier, proposal.shares[0].item_id) == (Tier.EXACT, 1)


def test_a_payer_who_only_seems_known_is_never_exact():
    proposal = propose(line("50.00"), [item(1, 50)], [known(1, certain=False)])

    assert proposal.tier == Tier.STRONG


def test_one_set_of_items_that_makes_the_amount_is_strong():
    proposal = propose(line("70.00"), [item(1, 50), item(2, 20), item(3, 33)], [known(1)])

    assert proposal.tier == Tier.STRONG
    assert {s.item_id for s in proposal.shares} == {1, 2}


def test_two_sets_that_make_the_amount_are_no_evidence():
    items = [item(1, 50), item(2, 20), item(3, 40), item(4, 30)]

    proposal = propose(line("70.00"), items, [known(1)])

    assert proposal.tier == Tier.POSSIBLE
    assert proposal.evidence[-1].kind == EvidenceKind.OLDEST_FIRST


def test_an_amount_alone_is_only_possible():
    assert propose(line("50.00"), [item(1, 50)], []).tier == Tier.POSSIBLE


def test_an_amount_two_items_share_is_nothing():
    proposal = propose(line("50.00"), [item(1, 50), item(2, 50, payer=2)], [])

    assert (proposal.tier, proposal.payer_id) == (Tier.NONE, None)


def test_a_purchase_order_number_names_its_invoice():
    billed, other = item(1, 50), item(2, 50)

    proposal = propose(
        naming("50.00", "PO-77", billed, other, orders=[("po-77", billed)]), [billed, other], []
    )

    assert proposal.tier == Tier.EXACT
    assert proposal.evidence[0].kind == EvidenceKind.NAMES_PURCHASE_ORDER


def test_a_document_that_is_named_stands_for_its_order():
    first, second = item(1, 50), item(2, 60)
    orders = [("PO-77", first), ("PO-77", second)]

    proposal = propose(
        naming("50.00", "PO-77 INV-2026-000001", first, second, orders=orders), [first, second], []
    )

    assert (proposal.tier, [s.item_id for s in proposal.shares]) == (Tier.EXACT, [1])


# -- the amount tells which of several named debts are meant --------------------------------------


def shares_by_name(amount, *items):
    text = " ".join(dict.fromkeys(c.number for c in items))
    proposal = propose(naming(amount, text, *items), items, [])
    return proposal, {s.item_id: str(s.amount) for s in proposal.shares}


OLD, LATER = DAY, DAY.replace(day=20)


def test_the_only_set_that_comes_near_is_meant():
    proposal, shares = shares_by_name("5500.00", item(1, 900), item(2, 5600, due=LATER))

    assert (proposal.tier, shares) == (Tier.STRONG, {2: "5500.00"})
    assert proposal.evidence[-1] == Evidence(
        EvidenceKind.AMOUNT_NEAR, "100.00 EUR", "INV-2026-000002"
    )


@pytest.mark.parametrize(
    ("amount", "items", "expected"),
    [
        ("5000.00", [(900, OLD), (5600, LATER)], {1: "900", 2: "4100.00"}),  # more than a tenth
        ("97.00", [(100, OLD), (105, LATER)], {1: "97.00"}),  # two as near
        ("250.00", [(100, OLD), (200, LATER)], {1: "100", 2: "150.00"}),  # only all, and not near
        ("5900.00", [(900, OLD), (5600, LATER)], {1: "900", 2: "5000.00"}),  # all are near
    ],
)
def test_where_no_set_or_several_come_near_the_oldest_is_paid_first(amount, items, expected):
    candidates = [item(n, owed, due=due) for n, (owed, due) in enumerate(items, 1)]

    assert shares_by_name(amount, *candidates)[1] == expected


def test_a_later_instalment_is_not_paid_before_an_earlier_one():
    first, second = item(1, 300, number="RE-9"), item(2, 700, number="RE-9", due=LATER)

    assert shares_by_name("690.00", second, first)[1] == {1: "300", 2: "390.00"}


def test_a_discount_of_the_only_debt_it_settles_is_taken():
    owed = item(2, "5600.00", discount="112.00", due=LATER)

    proposal, shares = shares_by_name("5488.00", item(1, 900), owed)

    assert (proposal.tier, shares) == (Tier.STRONG, {2: "5488.00"})
    assert proposal.shares[0].discount == 112


@given(
    st.lists(st.builds(item, st.integers(1, 99), cents, due=st.dates(DAY, LATER)), min_size=2,
             max_size=5, unique_by=lambda c: c.item_id),
    st.integers(1, 20000).map(lambda n: Decimal(n) / 100),
)  # fmt: skip
def test_what_several_named_debts_get_is_all_or_near(items, amount):
    """An item is left out only where the others are paid but for a tenth, or from the oldest."""
    _proposal, shares = shares_by_name(amount, *items)

    paid = [c for c in items if c.item_id in shares]
    total = sum(c.open_amount for c in paid)
    oldest = sorted(items, key=lambda c: c.age)[: len(paid)]
    assert set(oldest) == set(paid) or total * Decimal("0.9") <= amount <= total


# -- what is named and not open any more ----------------------------------------------------------


def gone(item_id, amount, **more):
    return replace(item(item_id, amount, **more), open_amount=Decimal(0), is_settled=True)


def test_of_an_instalment_that_is_settled_the_next_is_meant():
    items = [gone(1, 500, number="RE-9"), item(2, 500, number="RE-9")]

    proposal = propose(naming("500.00", "RE-9", *items), items, [])

    assert (proposal.tier, [s.item_id for s in proposal.shares]) == (Tier.EXACT, [2])


@given(
    st.lists(
        st.builds(item, st.integers(1, 99), cents, st.integers(1, 2)),
        min_size=1,
        max_size=4,
        unique_by=lambda c: c.item_id,
    ),
    st.lists(
        st.builds(gone, st.integers(100, 199), cents, payer=st.integers(1, 2)),
        min_size=1,
        max_size=3,
        unique_by=lambda c: c.item_id,
    ),
    st.integers(1, 20000).map(lambda n: Decimal(n) / 100),
)
def test_with_what_is_gone_only_what_is_open_to_the_cent_is_likely(items, settled, amount):
    every = [*items, *settled]
    numbers = " ".join(c.number for c in every)

    for paid in {amount, sum(c.original for c in every), items[0].open_amount}:
        proposal = propose(naming(paid, numbers, *every), every, [])

        used = sum((s.amount for s in proposal.shares), Decimal(0))
        assert used + proposal.on_account == paid
        open_shares = [s for s in proposal.shares if s.item_id is not None]
        assert all(s.item_id < 100 for s in open_shares)
        if sum(s.amount for s in open_shares) < paid:
            assert proposal.tier == Tier.POSSIBLE
        if len({c.payer_id for c in every}) > 1:
            assert proposal.tier != Tier.EXACT
        assert {e.kind for e in proposal.evidence} >= {EvidenceKind.SETTLED}


# -- numbers that several may have, and those that are hardly one ---------------------------------


def shared(*payers):
    """RE-10550 of several customers, 100.00 times the customer each."""
    return [item(payer, 100 * payer, payer=payer, number="RE-10550") for payer in payers]


def test_a_number_of_two_customers_means_the_one_who_is_known():
    items = shared(1, 2)

    for certain, tier in ((True, Tier.STRONG), (False, Tier.POSSIBLE)):
        proposal = propose(naming("90.00", "RE-10550", *items), items, [known(2, certain)])

        assert (proposal.tier, proposal.payer_id) == (tier, 2)


def test_a_number_of_two_customers_means_the_one_whose_amount_it_is():
    items = shared(1, 2)

    proposal = propose(naming("200.00", "RE-10550", *items), items, [])

    assert (proposal.tier, proposal.payer_id) == (Tier.STRONG, 2)


def test_a_number_of_two_customers_and_nothing_else_names_nobody():
    items = shared(1, 2)

    assert propose(naming("90.00", "RE-10550", *items), items, []).tier == Tier.NONE


def test_digits_alone_are_strong_where_the_amount_agrees():
    owed = item(1, "5600.00", number="RE-10550")

    agreed = propose(naming("5600.00", "Rechnung 10550", owed), [owed], [])
    differs = propose(naming("5500.00", "Rechnung 10550", owed), [owed], [])

    assert (agreed.tier, agreed.evidence[0].kind) == (Tier.STRONG, EvidenceKind.NAMES_DIGITS)
    assert differs.tier == Tier.NONE


def test_digits_alone_of_a_payer_we_know_name_the_document():
    older, owed = item(1, "900.00", number="RE-10350"), item(2, "5600.00", number="RE-10550")
    items = [older, owed]

    proposal = propose(naming("5500.00", "10550 less 100", *items), items, [known(1)])

    assert proposal.tier == Tier.STRONG
    assert [(s.item_id, s.amount) for s in proposal.shares] == [(2, Decimal("5500.00"))]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=12), st.data())
def test_a_found_subset_really_makes_the_amount(amounts, data):
    chosen = data.draw(st.sets(st.sampled_from(range(len(amounts))), min_size=1, max_size=6))
    target = sum(amounts[i] for i in chosen)

    found = find_subset(target, amounts)

    assert found is None or sum(amounts[i] for i in found) == target


def test_a_subset_that_could_be_another_is_not_found():
    assert find_subset(30, [10, 20, 30]) is None
    assert find_subset(30, [10, 20, 31]) == (0, 1)


def test_two_spellings_of_a_company_are_one_name():
    assert normal_name("Müller & Söhne GmbH") == normal_name("MÜLLER SÖHNE")
