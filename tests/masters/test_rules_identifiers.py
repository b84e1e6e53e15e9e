"""Identifiers prove themselves by their check digits and are stored in one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.masters.rules import identifiers
from o2c.masters.rules.identifiers import NotValid


@pytest.mark.parametrize(
    ("text", "country", "stored"),
    [
        ("DE136695976", "DE", "DE136695976"),
        ("de 136.695.976", "DE", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("DE136695976", "", "DE136695976"),
        ("EL094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("ABC 123-X", "US", "ABC123X"),
    ],
)
def test_a_vat_id_is_stored_compact_with_its_prefix(text, country, stored):
    assert identifiers.vat_id(text, country) == stored


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("DE136695977", "DE"),
        ("136695977", "DE"),
        ("DE13669597", "DE"),
        ("FR123", "FR"),
        ("ÄÖ1", "US"),
    ],
)
def test_a_vat_id_with_wrong_digits_is_refused(text, country):
    with pytest.raises(NotValid):
        identifiers.vat_id(text, country)


def test_a_country_is_a_code_of_iso_3166_in_capitals():
    assert [identifiers.country_code(text) for text in ("DE", " gb ", "XK")] == ["DE", "GB", "XK"]
    for wrong in ("XX", "ZZ", "EU", "UK", "DEU", "D", "", "E A", "49"):
        with pytest.raises(NotValid):
            identifiers.country_code(wrong)


def test_an_iban_is_stored_without_blanks_and_checked():
    assert identifiers.iban_number("de89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    for wrong in ("DE89370400440532013001", "DE8937040044053201300", "", "hello"):
        with pytest.raises(NotValid):
            identifiers.iban_number(wrong)


@given(st.integers(0, 10**18 - 1), st.integers(0, 9))
def test_no_single_wrong_digit_passes_as_an_iban(account, digit):
    good = "DE89370400440532013000"
    position = 4 + account % 18
    wrong = good[:position] + str(digit) + good[position + 1 :]

    if wrong != good:
        with pytest.raises(NotValid):
            identifiers.iban_number(wrong)


def test_a_bic_has_eight_or_eleven_characters():
    assert identifiers.bic_code("cobadeffxxx") == "COBADEFFXXX"
    with pytest.raises(NotValid):
        identifiers.bic_code("COBADEF")


@pytest.mark.parametrize("code", ["4006381333931", "96385074", "036000291452", "SHELF-A1", "12345"])
def test_barcodes_of_every_kind_are_kept(code):
    assert identifiers.barcode(code) == code


@pytest.mark.parametrize("code", ["4006381333932", "96385075", "Ä1"])
def test_a_barcode_that_no_scanner_reads_is_refused(code):
    with pytest.raises(NotValid):
        identifiers.barcode(code)


def test_a_gln_has_thirteen_digits():
    assert identifiers.gln("4006381333931") == "4006381333931"
    for wrong in ("96385074", "4006381333932"):
        with pytest.raises(NotValid):
            identifiers.gln(wrong)
