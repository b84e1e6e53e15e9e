"""A proposal never makes, loses or invents money, and its tier is what its evidence carries."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reconciliation.rules import (
    Candidate,
    Evidence,
    EvidenceKind,
    KnownPayer,
    LineFacts,
    Tier,
    document_numbers,
    find_subset,
    normal_name,
    propose,
    words,
)

DAY = date(2026, 3, 1)
cents = st.integers(1, 5000).map(lambda n: Decimal(n) / 100)


def item(item_id, amount, payer=1, number=None, due=DAY, discount="0", order="", po=""):
    return Candidate(
        item_id=item_id, payer_id=payer, payer_name=f"Payer {payer}",
        number=number or f"INV-2026-{item_id:06d}", order_number=order, purchase_order=po,
        open_amount=Decimal(amount), due_date=due, currency="EUR", discount=Decimal(discount),
    )  # fmt: skip


def line(amount, *numbers, words=()):
    return LineFacts(Decimal(amount), "EUR", DAY, tuple(numbers), tuple(words))


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

    proposal = propose(line(amount, *named), items, payers)

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
    proposal = propose(
        line("120.00", "INV-2026-000007"), [item(7, "120.00"), item(8, "120.00")], []
    )

    assert proposal.tier == Tier.EXACT
    assert [s.item_id for s in proposal.shares] == [7]
    assert [e.kind for e in proposal.evidence] == [
        EvidenceKind.NAMES_DOCUMENT,
        EvidenceKind.AMOUNT_EQUAL,
    ]


def test_several_named_documents_paid_together_are_exact():
    proposal = propose(
        line("150.00", "INV-2026-000001", "INV-2026-000002"), [item(1, 100), item(2, 50)], []
    )

    assert (proposal.tier, len(proposal.shares)) == (Tier.EXACT, 2)


def test_a_deducted_early_discount_is_exact_and_taken():
    proposal = propose(line("98.00", "INV-2026-000001"), [item(1, "100.00", discount="2.00")], [])

    assert proposal.tier == Tier.EXACT
    assert (proposal.shares[0].amount, proposal.shares[0].discount) == (Decimal(98), Decimal(2))


def test_a_short_payment_of_a_named_document_is_strong_and_says_how_short():
    proposal = propose(line("95.00", "INV-2026-000001"), [item(1, "100.00")], [])

    assert proposal.tier == Tier.STRONG
    assert proposal.evidence[-1] == Evidence(EvidenceKind.SHORT, "5.00 EUR")


def test_an_overpayment_leaves_the_rest_on_account():
    proposal = propose(line("110.00", "INV-2026-000001"), [item(1, "100.00")], [])

    assert (proposal.tier, proposal.on_account) == (Tier.STRONG, Decimal("10.00"))


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
    proposal = propose(line("50.00", words=["PO-77"]), [item(1, 50, po="po-77"), item(2, 50)], [])

    assert proposal.tier == Tier.EXACT
    assert proposal.evidence[0].kind == EvidenceKind.NAMES_PURCHASE_ORDER


@given(st.lists(st.integers(1, 500), min_size=1, max_size=12), st.data())
def test_a_found_subset_really_makes_the_amount(amounts, data):
    chosen = data.draw(st.sets(st.sampled_from(range(len(amounts))), min_size=1, max_size=6))
    target = sum(amounts[i] for i in chosen)

    found = find_subset(target, amounts)

    assert found is None or sum(amounts[i] for i in found) == target


def test_a_subset_that_could_be_another_is_not_found():
    assert find_subset(30, [10, 20, 30]) is None
    assert find_subset(30, [10, 20, 31]) == (0, 1)


def test_our_numbers_are_found_however_a_bank_writes_them():
    text = "RE inv 2026 000017/INV-2026-000018, inv2026000019 so-000042 XINV-2026-000020"

    assert document_numbers(text) == [
        "INV-2026-000017",
        "INV-2026-000018",
        "INV-2026-000019",
        "SO-000042",
    ]


@given(st.text(max_size=80))
def test_no_text_upsets_the_reader(text):
    assert all(number[:2] in {"IN", "CN", "SO", "SH"} for number in document_numbers(text))
    assert all(any(c.isdigit() for c in word) for word in words(text))


def test_two_spellings_of_a_company_are_one_name():
    assert normal_name("Müller & Söhne GmbH") == normal_name("MÜLLER SÖHNE")
