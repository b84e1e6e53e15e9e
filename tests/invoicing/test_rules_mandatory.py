"""What an invoice must say depends on its tax categories and on the countries."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.commands.completeness import SENTENCES
from invoicing.rules.mandatory import (
    ADDRESS,
    BUYER,
    ORDER,
    SELLER,
    SHIPMENT,
    TAX,
    TERMS,
    Content,
    Missing,
    Party,
    missing_of,
)

WHOLE = Content(
    seller=Party("Nordwind GmbH", "Kai 1", "Hamburg", "DE", "DE136695976"),
    buyer=Party("Lumière SARL", "Rue 2", "Lille", "FR", "FR40303265045"),
    ship_to="FR",
    delivery_date=date(2026, 3, 2),
    terms="30 days net",
    reasons={"K": "Intra-community supply"},
    reference="PO 7",
    reference_required=True,
)


def without(party, *fields):
    """The content, these fields of seller or buyer left empty."""
    return replace(WHOLE, **{party: replace(getattr(WHOLE, party), **dict.fromkeys(fields, ""))})


def taxed(content, category, reason=""):
    return replace(content, reasons={category: reason})


def test_what_is_whole_may_be_posted():
    assert missing_of(WHOLE) == []
    assert missing_of(taxed(WHOLE, "S")) == []


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (without("seller", "name", "street"), [(SELLER, "name"), (SELLER, "street")]),
        (without("buyer", "street", "city"), [(ADDRESS, "street"), (ADDRESS, "city")]),
        (without("buyer", "country"), [(ADDRESS, "country")]),
        (without("buyer", "vat_id"), [(BUYER, "vat_id")]),
        (taxed(without("buyer", "vat_id"), "AE", "Reverse charge"), [(BUYER, "vat_id")]),
        (taxed(without("buyer", "vat_id"), "S"), []),
        (taxed(without("buyer", "vat_id"), "G", "Export"), []),
        (without("seller", "vat_id"), [(SELLER, "vat_id")]),
        (taxed(without("seller", "vat_id"), "S"), [(SELLER, "vat_id_or_tax_number")]),
        (taxed(without("seller", "vat_id"), "O", "Outside"), []),
        (replace(WHOLE, ship_to=""), [(SHIPMENT, "ship_to_country")]),
        (replace(WHOLE, delivery_date=None), [(SHIPMENT, "delivery_date")]),
        (replace(WHOLE, terms=""), [(TERMS, "terms")]),
        (replace(WHOLE, reference=" "), [(ORDER, "reference")]),
        (replace(WHOLE, reference="", reference_required=False), []),
        (taxed(WHOLE, "E"), [(TAX, "reason")]),
        (taxed(WHOLE, "Z"), []),
    ],
)
def test_what_is_missing_is_named(content, missing):
    assert missing_of(content) == [Missing(*each) for each in missing]


def test_a_tax_number_does_for_taxed_invoices_only():
    numbered = replace(WHOLE, seller=replace(WHOLE.seller, vat_id="", tax_number="27/123"))

    assert missing_of(taxed(numbered, "S")) == []
    assert missing_of(numbered) == [(SELLER, "vat_id")]


def test_an_intra_community_buyer_needs_an_id_of_another_state():
    buyer = replace(WHOLE.buyer, vat_id="DE811569869")

    assert missing_of(replace(WHOLE, buyer=buyer)) == [(BUYER, "vat_id_of_another_state")]


def test_a_seller_outside_the_union_needs_no_vat_id():
    swiss = Party("Alpen AG", "Weg 1", "Zug", "CH", "")

    assert missing_of(taxed(replace(WHOLE, seller=swiss), "S")) == []


parties = st.builds(
    Party,
    *[st.sampled_from(["", "x"])] * 3,
    country=st.sampled_from(["", "DE", "FR", "CH"]),
    vat_id=st.sampled_from(["", "DE1", "FR1"]),
    tax_number=st.sampled_from(["", "27/1"]),
)
contents = st.builds(
    Content,
    seller=parties,
    buyer=parties,
    ship_to=st.sampled_from(["", "FR"]),
    delivery_date=st.none() | st.just(date(2026, 3, 2)),
    terms=st.sampled_from(["", "30 days net"]),
    reasons=st.dictionaries(
        st.sampled_from(["S", "Z", "E", "AE", "K", "G", "O"]), st.sampled_from(["", "why"])
    ),
    reference=st.sampled_from(["", "PO 7"]),
    reference_required=st.booleans(),
)


@given(contents)
def test_every_missing_field_has_a_sentence_and_a_zero_without_buyer_is_never_posted(content):
    missing = missing_of(content)

    assert {(each.where, each.field) for each in missing} <= set(SENTENCES)
    if content.reasons.keys() & {"K", "AE"} and not content.buyer.vat_id:
        assert Missing(BUYER, "vat_id") in missing
