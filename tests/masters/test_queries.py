"""What others ask the masters: the right answer, in the stated number of statements."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from o2c.masters import queries
from o2c.masters.models import Customer
from o2c.masters.queries import MasterMissing
from tests.factories.masters import (
    AddressFactory,
    CompanyFactory,
    CustomerFactory,
    CustomerItemFactory,
    ExchangeRateFactory,
    ItemFactory,
    ItemUnitFactory,
    PriceListFactory,
    PriceListItemFactory,
    ServiceFactory,
    TaxCodeFactory,
    TaxProfileFactory,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
NEXT = timedelta(days=1)


# -- company and rates ------------------------------------------------------------------------


def test_without_a_company_every_question_says_so():
    for ask in (queries.company, lambda: queries.rate_on("USD", DAY)):
        with pytest.raises(MasterMissing, match="not set up"):
            ask()


def test_the_company_is_read_in_one_statement(count_statements):
    CompanyFactory()

    with count_statements() as count:
        assert queries.company().base_currency == "EUR"
    assert int(count) == 1, str(count)


def test_the_rate_of_a_day_is_the_latest_until_then(count_statements):
    CompanyFactory()
    ExchangeRateFactory(date=DAY, rate=Decimal("0.91"))
    ExchangeRateFactory(date=DAY + 3 * NEXT, rate=Decimal("0.92"))

    with count_statements() as count:
        assert queries.rate_on("USD", DAY + 2 * NEXT) == Decimal("0.91")
    assert int(count) == 1, str(count)
    assert queries.rate_on("USD", DAY + 9 * NEXT) == Decimal("0.92")
    assert queries.rate_on("EUR", DAY) == 1


def test_a_day_before_the_first_rate_is_refused():
    CompanyFactory()
    ExchangeRateFactory(date=DAY)

    with pytest.raises(MasterMissing, match="no exchange rate for USD on or before 2026-03-01"):
        queries.rate_on("USD", DAY - NEXT)


# -- customers --------------------------------------------------------------------------------


def test_the_default_address_is_used_else_the_first_that_fits():
    customer = CustomerFactory(address=False)
    AddressFactory(customer=customer, code="OLD", kind="ship_to", is_default=False, active=False)
    first = AddressFactory(customer=customer, code="A", kind="ship_to", is_default=False)
    assert fresh(customer).ship_to_address == first
    assert fresh(customer).bill_to_address == first

    default = AddressFactory(customer=customer, code="B", kind="ship_to")
    bills = AddressFactory(customer=customer, code="C", kind="bill_to")
    assert fresh(customer).ship_to_address == default
    assert fresh(customer).bill_to_address == bills


def test_a_customer_without_address_has_none():
    assert CustomerFactory(address=False).ship_to_address is None


def fresh(customer: Customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


# -- prices -----------------------------------------------------------------------------------


def test_prices_are_those_valid_on_the_day(count_statements):
    customer = CustomerFactory()
    item = ItemFactory()
    for price, start, end in [
        ("1", None, DAY - NEXT),
        ("2", DAY, DAY + NEXT),
        ("3", DAY + 2 * NEXT, None),
    ]:
        PriceListItemFactory(item=item, price=price, valid_from=start, valid_to=end)

    with count_statements() as count:
        found = queries.prices_for(customer, [item.pk], DAY + NEXT)
    assert int(count) == 1, str(count)
    assert [price.price for price in found[item.pk]] == [2]
    assert queries.prices_for(customer, [item.pk], DAY - NEXT)[item.pk][0].price == 1
    assert queries.prices_for(customer, [item.pk], DAY + 9 * NEXT)[item.pk][0].price == 3


def test_a_contract_is_told_apart_from_the_list_and_other_lists_do_not_count():
    customer = CustomerFactory()
    item = ItemFactory(price="10.00")
    contract = PriceListFactory(code="CONTRACT", customer=customer)
    PriceListItemFactory(price_list=contract, item=item, price="8.00", min_quantity=10)
    others = PriceListFactory(code="OTHERS", customer=CustomerFactory())
    PriceListItemFactory(price_list=others, item=item, price="1.00")
    dollars = PriceListFactory(code="USD-CONTRACT", customer=customer, iso="USD")
    PriceListItemFactory(price_list=dollars, item=item, price="2.00")
    off = PriceListFactory(code="OFF", active=False)
    PriceListItemFactory(price_list=off, item=item, price="3.00")

    found = queries.prices_for(customer, [item.pk], DAY)[item.pk]

    assert [(p.source, p.price, p.contract) for p in found] == [
        ("STANDARD-EUR", 10, False),
        ("CONTRACT", 8, True),
    ]
    assert [p.price for p in queries.prices_for(others, [item.pk], DAY)[item.pk]] == [1]


def test_an_item_without_price_is_missing_from_the_answer():
    assert queries.prices_for(CustomerFactory(), [ItemFactory().pk], DAY) == {}


def test_a_customer_without_a_list_has_contract_prices_only():
    customer = CustomerFactory(price_list=None)
    item = ItemFactory(price="10.00")

    assert queries.prices_for(customer, [item.pk], DAY) == {}


# -- taxes ------------------------------------------------------------------------------------


def tax(item, day=DAY, customer=None, ship_to="DE"):
    return queries.taxes_for((customer or CustomerFactory()).pk, ship_to, day).of(item)


def test_the_tax_of_every_class_comes_in_one_statement(count_statements):
    customer = CustomerFactory()
    items = [ItemFactory(tax_class=name) for name in ("standard", "reduced", "zero", "exempt")]

    with count_statements() as count:
        taxes = queries.taxes_for(customer.pk, "DE", DAY)
        found = [taxes.of(item) for item in items]
    assert int(count) == 1, str(count)
    assert [(t.category, t.percent) for t in found] == [("S", 19), ("S", 7), ("Z", 0), ("E", 0)]
    assert found[3].exemption_reason == "Exempt from VAT"
    assert (found[0].profile, found[0].trade) == ("DOMESTIC", None)


def test_the_percent_is_that_of_the_day():
    item = ItemFactory()
    customer = CustomerFactory()
    code = TaxCodeFactory()
    code.rates.update(valid_to=DAY - NEXT)
    code.rates.create(percent=20, valid_from=DAY)

    assert tax(item, DAY - NEXT, customer).percent == 19
    assert tax(item, DAY, customer).percent == 20


def test_an_item_whose_class_has_no_tax_on_the_day_is_named():
    customer = CustomerFactory()
    TaxCodeFactory().rates.update(valid_from=DAY)
    item = ItemFactory(code="BOLT")

    with pytest.raises(MasterMissing, match="Item BOLT: no tax is defined for “Standard” on 2026"):
        tax(item, DAY - NEXT, customer)


def test_a_profile_without_supplies_is_kept_wherever_the_goods_go():
    assert tax(ItemFactory(), ship_to="CH").category == "S"


def test_the_party_that_is_billed_decides_with_its_address_and_id():
    goods, service = ItemFactory(), ServiceFactory()
    for supply, category in SUPPLIES.items():
        code = TaxCodeFactory(code=supply, category=category, exemption_reason="Because")
        rules = {"standard": TaxCodeFactory() if category == "S" else code}
        TaxProfileFactory(code=supply.upper(), supply=supply, rules=rules)
    buyer = CustomerFactory(
        tax_profile=TaxProfileFactory(code="DOMESTIC"),
        vat_id="FR40303265045",
        address__country="FR",
    )

    def categories(ship_to):
        return [tax(item, customer=buyer, ship_to=ship_to).category for item in (goods, service)]

    assert categories("DE") == ["S", "AE"]
    assert categories("FR") == ["K", "AE"]
    assert categories("") == ["K", "AE"]  # without an address of delivery it goes to the bill's
    assert categories("US") == ["G", "AE"]
    trade = tax(goods, customer=buyer, ship_to="US").trade
    assert trade == ("DE", "FR", "US", "FR40303265045", False)


def test_a_supply_that_no_profile_is_taken_for_is_refused():
    buyer = CustomerFactory(tax_profile=TaxProfileFactory(supply="domestic"))

    with pytest.raises(MasterMissing, match="no tax profile for the supply “Export”"):
        tax(ItemFactory(), customer=buyer, ship_to="US")


SUPPLIES = {"domestic": "S", "intra_community": "K", "reverse_charge": "AE", "export": "G"}


# -- items ------------------------------------------------------------------------------------


def test_a_code_is_ours_theirs_or_a_barcode(count_statements):
    customer = CustomerFactory()
    ours = ItemFactory(code="Bolt-M8", barcode="4006381333931")
    theirs = CustomerItemFactory(customer=customer, code="X-77").item
    boxed = ItemUnitFactory(barcode="BOX-1").item
    ItemFactory(code="unrelated")

    wanted = ["Bolt-M8", "BOLT-m8", "4006381333931", "x-77", "BOX-1", "box-1", "nothing", ""]
    with count_statements() as count:
        found = queries.items_by_code(wanted, customer)
        assert found["Bolt-M8"].unit.code == "H87"
    assert int(count) == 1, str(count)
    assert found == {
        "Bolt-M8": ours,
        "BOLT-m8": ours,
        "4006381333931": ours,
        "x-77": theirs,
        "BOX-1": boxed,
        "box-1": boxed,
    }
    assert queries.packed_in(found["box-1"], "box-1") == "XBX"
    assert "X-77" not in queries.items_by_code(["X-77"], CustomerFactory())
    assert queries.items_by_code([]) == {}


def test_the_customers_own_code_goes_before_ours():
    customer = CustomerFactory()
    other = ItemFactory(code="100a")
    theirs = CustomerItemFactory(customer=customer, code="100A").item

    assert queries.items_by_code(["100a"], customer)["100a"] == theirs
    assert queries.items_by_code(["100A"])["100A"] == other


def test_items_switched_off_are_not_found_unless_asked_for():
    item = ItemFactory(code="OLD", active=False)

    assert queries.items_by_code(["OLD"]) == {}
    assert queries.items_by_code(["OLD"], active_only=False) == {"OLD": item}


def test_a_scan_counts_the_pieces_of_its_packaging():
    item = ItemFactory(barcode="ONE")
    box = ItemUnitFactory(item=item, barcode="TWELVE")

    assert queries.scanned("ONE") == (item, 1)
    assert queries.scanned("TWELVE") == (item, 12)
    assert queries.scanned("NONE") is None
    assert queries.other_units([item.pk]) == {(item.pk, box.unit.code): (box.unit.pk, 12)}
