"""Where a supply is taxed follows from countries, VAT id, day, and goods or service."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.masters.rules.supply import (
    DOMESTIC,
    EXPORT,
    INTRA_COMMUNITY,
    REVERSE_CHARGE,
    Trade,
    country_of_vat_id,
    is_member,
    supply_of,
)

TODAY = date(2026, 3, 2)
FRENCH, GERMAN, GREEK = "FR40303265045", "DE136695976", "EL094259216"
countries = st.sampled_from(["DE", "FR", "GR", "CH", "GB", "US", "HR"])
trades = st.builds(
    Trade,
    seller=countries,
    bill_to=countries,
    ship_to=countries,
    vat_id=st.sampled_from(["", FRENCH, GERMAN, GREEK, "CHE107787577"]),
    is_business=st.booleans(),
)
days = st.dates(date(2000, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("trade", "goods", "service"),
    [
        (Trade("DE", "DE", "DE", GERMAN), DOMESTIC, DOMESTIC),
        (Trade("DE", "FR", "FR", FRENCH), INTRA_COMMUNITY, REVERSE_CHARGE),
        (Trade("DE", "GR", "GR", GREEK), INTRA_COMMUNITY, REVERSE_CHARGE),
        (Trade("DE", "FR", "DE", FRENCH), DOMESTIC, REVERSE_CHARGE),  # picked up here
        (Trade("DE", "DE", "FR", GERMAN), DOMESTIC, DOMESTIC),  # no id of another state
        (Trade("DE", "DE", "FR", FRENCH), INTRA_COMMUNITY, DOMESTIC),
        (Trade("DE", "DE", "CH", GERMAN), EXPORT, DOMESTIC),
        (Trade("DE", "CH", "DE", ""), DOMESTIC, EXPORT),
        (Trade("DE", "FR", "FR", ""), DOMESTIC, DOMESTIC),  # a consumer
        (Trade("DE", "FR", "FR", "", is_business=True), INTRA_COMMUNITY, REVERSE_CHARGE),
        (Trade("CH", "DE", "DE", GERMAN), EXPORT, EXPORT),
        (Trade("CH", "CH", "CH"), DOMESTIC, DOMESTIC),
    ],
)
def test_who_where_and_what_decide(trade, goods, service):
    assert supply_of(trade, TODAY, is_service=False) == goods
    assert supply_of(trade, TODAY, is_service=True) == service


def test_the_union_is_that_of_the_day():
    british = Trade("DE", "GB", "GB", "GB980780684")

    assert supply_of(british, date(2020, 12, 31), is_service=False) == INTRA_COMMUNITY
    assert supply_of(british, date(2021, 1, 1), is_service=False) == EXPORT
    assert not is_member("HR", date(2013, 6, 30))
    assert is_member("HR", date(2013, 7, 1))


def test_a_vat_id_names_its_country():
    assert [country_of_vat_id(text) for text in (GREEK, FRENCH, "123", "")] == ["GR", "FR", "", ""]


@given(trades, days)
def test_goods_do_not_ask_where_the_bill_goes_nor_services_where_the_goods_go(trade, day):
    moved = trade._replace(bill_to="US")
    assert supply_of(trade, day, is_service=False) == supply_of(moved, day, is_service=False)
    sent = trade._replace(ship_to="US")
    assert supply_of(trade, day, is_service=True) == supply_of(sent, day, is_service=True)


@given(trades, days, st.booleans())
def test_no_tax_without_an_id_or_a_known_business_inside_the_union(trade, day, is_service):
    kind = supply_of(trade, day, is_service=is_service)

    if kind in (INTRA_COMMUNITY, REVERSE_CHARGE):
        assert trade.is_business or country_of_vat_id(trade.vat_id) not in ("", trade.seller)
        assert is_member(trade.seller, day)
    assert (
        kind
        in ((DOMESTIC, REVERSE_CHARGE, EXPORT), (DOMESTIC, INTRA_COMMUNITY, EXPORT))[not is_service]
    )
