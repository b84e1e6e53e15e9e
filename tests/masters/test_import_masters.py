"""Masters from a file: all or nothing, every error named, the same file twice changes nothing."""

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.masters.commands import KINDS, import_masters
from o2c.masters.models import Customer, Item, ItemCategory, PriceListItem, TaxRate
from tests.factories.masters import (
    CustomerFactory,
    ItemFactory,
    ItemUnitFactory,
    PaymentTermsFactory,
    PriceListFactory,
    PriceListItemFactory,
    TaxCodeFactory,
    TaxProfileFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db


def run(kind, text, **options):
    return import_masters(kind, f"{kind}.csv", text.encode(), actor=SYSTEM, **options)


def counts(result):
    assert not result.errors, [str(error) for error in result.errors]
    return result.created, result.updated, result.unchanged, result.skipped


def problems(result):
    assert result.created == result.updated == 0
    return [(error.row, error.field, error.value) for error in result.errors]


ITEMS = "code,name,unit,barcode,standard_cost,tax_class\n"


@pytest.fixture
def piece():
    return UnitFactory()


# -- the way in -------------------------------------------------------------------------------


def test_rows_become_masters_and_the_same_file_again_changes_nothing(piece):
    text = ITEMS + "B-1,Bolt,H87,4006381333931,0.125,standard\nB-2,Nut,H87,,1,reduced\n"

    assert counts(run("items", text)) == (2, 0, 0, 0)
    assert counts(run("items", text)) == (0, 0, 2, 0)

    bolt = Item.objects.get(code="B-1")
    assert (bolt.name, bolt.barcode, bolt.standard_cost) == (
        "Bolt",
        "4006381333931",
        Decimal("0.125"),
    )
    assert bolt.version == 1


def test_a_changed_row_is_updated_with_its_history(piece):
    run("items", ITEMS + "B-1,Bolt,H87,,1,standard\n")

    assert counts(run("items", "code,name,unit\nB-1,Bolt M8,H87\n")) == (0, 1, 0, 0)

    bolt = Item.objects.get(code="B-1")
    assert (bolt.name, bolt.standard_cost, bolt.version) == ("Bolt M8", 1, 2)
    newest, oldest = bolt.history.all()
    assert (newest.name, oldest.name) == ("Bolt M8", "Bolt")
    assert newest.history_user_id == "system"
    assert newest.history_change_reason == "Import of items.csv"


def test_columns_that_are_not_in_the_file_keep_their_values(piece):
    ItemFactory(code="B-1", name="Bolt", standard_cost=Decimal(7), barcode="X1")

    run("items", "code,name,unit\nB-1,Bolt,H87\n")

    assert Item.objects.get().standard_cost == 7
    assert Item.objects.get().barcode == "X1"


def test_a_dry_run_tells_what_would_happen_and_stores_nothing(piece):
    result = run("items", ITEMS + "B-1,Bolt,H87,,2.50,\nB-2,Nut,H87,,1.25,\n", dry_run=True)

    assert counts(result) == (2, 0, 0, 0)
    assert result.sums["standard_cost"] == Decimal("3.75")
    assert result.summary.startswith("Dry run, nothing was stored. Rows: 2, to create: 2,")
    assert not Item.objects.exists()


def test_one_wrong_row_refuses_the_whole_file_and_names_every_error(piece):
    ItemFactory(code="B-9", barcode="OURS")
    result = run(
        "items",
        ITEMS
        + "B-1,Bolt,H87,,1,standard\n"
        + ",Nameless,H87,,1,standard\n"
        + "B-3,Nut,H88,,1,standard\n"
        + "B-4,Nut,H87,4006381333932,1e5,cheap\n",
    )

    assert problems(result) == [
        (3, "code", ""),
        (5, "standard_cost", "1e5"),
        (5, "tax_class", "cheap"),
        (4, "unit", "H88"),
    ]
    assert "Close: H87" in result.errors[-1].message
    assert result.summary == "Refused, nothing was stored. Rows: 4, errors: 4."
    assert Item.objects.count() == 1


def test_a_row_with_two_faults_names_both_at_once(piece):
    result = run("items", ITEMS + "B-3,Nut,H88,,1e5,standard\n")

    assert problems(result) == [(2, "standard_cost", "1e5"), (2, "unit", "H88")]


def test_a_shifted_row_is_not_read_into_the_wrong_columns(piece):
    result = run("items", ITEMS + "B-3,Nut,extra,H87,,1,standard\n")

    assert {error.field for error in result.errors} <= {"", "standard_cost", "tax_class"}
    assert not any("no such" in error.message for error in result.errors)


def test_wrong_identifiers_are_named(piece):
    result = run("items", ITEMS + "B-4,Nut,H87,4006381333932,1,\n")

    assert problems(result) == [(2, "barcode", "4006381333932")]


def test_equal_rows_count_once_and_contradicting_rows_are_refused(piece):
    row = "B-1,Bolt,H87,,1,standard\n"

    result = run("items", ITEMS + row + row)
    assert counts(result) == (1, 0, 0, 1)
    assert result.notes == ["Rows that repeat an earlier one are skipped: 3."]
    result = run("items", ITEMS + row + "B-1,Nut,H87,,1,standard\n")
    assert problems(result) == [(3, "code", "")]
    assert "Row 2 already says something else" in result.errors[0].message


def test_what_the_database_refuses_is_named_by_row(piece):
    ItemFactory(code="B-9", barcode="TAKEN")
    result = run(
        "items",
        ITEMS + "B-1,Bolt,H87,TWICE,1,\nB-2,Nut,H87,TWICE,1,\nB-3,Nail,H87,TAKEN,1,\n",
    )

    assert problems(result) == [(3, "barcode", "TWICE"), (4, "barcode", "TAKEN")]
    assert result.errors[0].message == "Another item has this barcode."
    assert Item.objects.count() == 1


def test_an_empty_file_is_refused(piece):
    assert "empty" in run("items", "").errors[0].message
    assert "no rows" in run("items", ITEMS).errors[0].message


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(RuleViolation, match="customers"):
        run("cats", "code\nx\n")


def test_whoever_may_not_change_a_master_may_not_import_it(picker):
    with pytest.raises(NotPermitted, match=r"masters\.add_item"):
        import_masters("items", "f.csv", b"", actor=picker)


@pytest.mark.parametrize("rows", [2, 40])
def test_the_number_of_statements_does_not_grow_with_the_rows(piece, count_statements, rows):
    text = ITEMS + "".join(f"B-{n},Bolt {n},H87,BAR{n},1,standard\n" for n in range(rows))

    with count_statements() as count:
        run("items", text)
    assert int(count) <= 8, str(count)

    with count_statements() as count:
        run("items", text.replace("Bolt", "Screw"))
    assert int(count) <= 8, str(count)


# -- the kinds --------------------------------------------------------------------------------


def test_every_kind_maps_its_columns_to_fields():
    for kind in KINDS.values():
        fields = {field.name for field in kind.model._meta.fields}
        names = {column.name for column in kind.columns}
        assert names <= fields, kind.name
        assert set(kind.key) <= names, kind.name
        assert set(kind.references) <= names, kind.name


def test_categories_may_name_parents_of_the_same_file_in_any_order():
    result = run("item-categories", "code,name,parent\nB,Bolts,M\nM,Metal,\n")

    assert counts(result) == (2, 0, 0, 0)
    assert ItemCategory.objects.get(code="B").parent.code == "M"
    assert counts(run("item-categories", "code,name,parent\nB,Bolts,M\nM,Metal,\n")) == (0, 0, 2, 0)


def test_customers_name_their_terms_price_list_profile_and_payer():
    CustomerFactory(code="OTHER")
    head = "code,name,currency,terms,price_list,tax_profile,payer,vat_id,email,billing_policy\n"
    text = (
        head
        + "K1,Klinik,EUR,NET30,STANDARD-EUR,DOMESTIC,K2,de 136 695 976,ap@k.example,delivered\n"
        + "K2,Konzern,EUR,NET30,,DOMESTIC,,,,\n"
    )

    assert counts(run("customers", text)) == (2, 0, 0, 0)
    assert counts(run("customers", text)) == (0, 0, 2, 0)

    clinic = Customer.objects.get(code="K1")
    assert clinic.payer.code == "K2"
    assert clinic.vat_id == "DE136695976"
    assert (clinic.billing_policy, clinic.po_policy) == ("delivered", "refuse")


def test_a_customer_with_wrong_figures_is_told_all_of_them():
    CustomerFactory(code="OTHER", vat_id="DE136695976")
    PriceListFactory(iso="USD")
    result = run(
        "customers",
        "code,name,currency,terms,price_list,tax_profile,vat_id,email\n"
        "K1,a,EUR,NET31,,DOMESTIC,,\n"
        "K2,a,XAU,NET30,,DOMESTIC,,\n"
        "K3,a,EUR,NET30,STANDARD-USD,DOMESTIC,,\n"
        "K4,a,EUR,NET30,,DOMESTIC,DE136695977,not-an-address\n",
    )

    assert problems(result) == [
        (2, "terms", "NET31"),
        (3, "currency", "XAU"),
        (4, "price_list", "STANDARD-USD Standard prices USD"),
        (5, "vat_id", "DE136695977"),
        (5, "email", "not-an-address"),
    ]


def test_prices_are_found_again_by_list_item_quantity_and_day():
    ItemFactory(code="B-1")
    PriceListFactory()
    text = (
        "price_list,item,min_quantity,price,valid_from,valid_to\n"
        "STANDARD-EUR,B-1,0,1.10,2026-01-01,2026-06-30\n"
        "STANDARD-EUR,B-1,100,0.95,2026-01-01,\n"
        "STANDARD-EUR,B-1,0,1.20,2026-07-01,\n"
    )

    assert counts(run("prices", text)) == (3, 0, 0, 0)
    assert counts(run("prices", text.replace("0.95", "0.90"))) == (0, 1, 2, 0)
    assert PriceListItem.objects.get(min_quantity=100).price == Decimal("0.90")


def test_prices_that_overlap_are_refused_by_row():
    price = PriceListItemFactory(valid_from=date(2026, 1, 1))
    row = f"{price.price_list.code},{price.item.code},2,2026-05-01\n"

    result = run("prices", "price_list,item,price,valid_from\n" + row)

    assert [e.row for e in result.errors] == [2]
    assert result.errors[0].message == "Another entry is valid in the same period."


def test_terms_lines_must_make_a_whole():
    PaymentTermsFactory(code="T1")
    PaymentTermsFactory(code="T2")
    head = "terms,sequence,share_percent,remainder,days\n"

    good = run("terms-lines", head + "T1,1,50,,0\nT1,2,50,,30\n")
    assert counts(good) == (1, 1, 0, 0)
    bad = run("terms-lines", head + "T2,1,50,,0\nT2,2,40,,30\n")
    assert [(e.row, e.field) for e in bad.errors] == [(2, "lines")]


def test_a_tax_rate_of_an_exempt_code_is_refused():
    TaxCodeFactory(code="E", category="E", exemption_reason="because")
    TaxCodeFactory(code="N", name="New", percent=19)

    result = run("tax-rates", "tax_code,percent,valid_from\nE,19,2026-01-01\n")

    assert problems(result) == [(2, "percent", "19")]
    assert not TaxRate.objects.filter(tax_code__code="E").exists()


def test_a_barcode_is_one_thing_across_items_and_packaging(piece):
    ItemUnitFactory(barcode="BOX-1")

    assert problems(run("items", ITEMS + "B-1,Bolt,H87,BOX-1,1,\n")) == [(2, "barcode", "BOX-1")]


SAMPLES = {
    "currencies": "code,name,minor_units\nSEK,Krona,2\n",
    "exchange-rates": "currency,date,rate\nUSD,2026-01-02,0.91234567\n",
    "bank-accounts": "code,name,iban,bic,currency\nB,Bank,DE89 3704 0044 0532 0130 00,,EUR\n",
    "units": "code,name,symbol,decimals\nKGM,kilogram,kg,3\n",
    "item-categories": "code,name\nC,Cat\n",
    "items": "code,name,unit\nI,Item,H87\n",
    "item-units": "item,unit,factor\nITEM,XBX,12\n",
    "tax-codes": "code,name,category,exemption_reason\nRC,Reverse,ae,Reverse charge\n",
    "tax-rates": "tax_code,percent,valid_from\nFRESH,5.5,2027-01-01\n",
    "tax-profiles": "code,name\nP,Profile\n",
    "tax-rules": "profile,tax_class,tax_code\nEMPTY,standard,S19\n",
    "terms": "code,name,discount_percent,discount_days\nT,Terms,2,10\n",
    "terms-lines": "terms,sequence,remainder,days\nBARE,1,yes,14\n",
    "price-lists": "code,name,currency,customer\nL,List,EUR,CUST\n",
    "prices": "price_list,item,price\nSTANDARD-EUR,ITEM,1.234567\n",
    "customers": "code,name,currency,terms,tax_profile\nC,Customer,EUR,NET30,DOMESTIC\n",
    "addresses": "customer,code,name,country,default\nCUST,DOCK,Dock 4,DE,no\n",
    "contacts": "customer,role,name,phone\nCUST,logistics,Lea,+49 40 1\n",
    "customer-items": "customer,item,code\nCUST,ITEM,0815\n",
    "warehouses": "code,name,country\nW,Warehouse,DE\n",
    "locations": "warehouse,code,walk_order\nMAIN,Z-1,7\n",
    "carriers": "code,name,tracking_url\nC,Carrier,https://t.example/?n={tracking}\n",
    "carrier-services": "carrier,code,name,transit_days\nSWIFT,SLOW,Slow,5\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_imported_once_and_found_again(kind):
    from tests.factories import masters as make

    make.CustomerFactory(code="CUST", currency="EUR")
    make.ItemFactory(code="ITEM")
    make.UnitFactory(code="XBX", name="box")
    make.CurrencyFactory(code="USD")
    make.WarehouseFactory()
    make.CarrierFactory()
    make.TaxProfileFactory(code="EMPTY", rules={})
    TaxCodeFactory(code="FRESH").rates.all().delete()
    PaymentTermsFactory(code="BARE").lines.all().delete()

    assert counts(run(kind, SAMPLES[kind])) == (1, 0, 0, 0)
    assert counts(run(kind, SAMPLES[kind])) == (0, 0, 1, 0)


# -- the command line -------------------------------------------------------------------------


def test_the_command_prints_json_and_exits_1_when_refused(piece, tmp_path):
    file = tmp_path / "items.csv"
    file.write_text(ITEMS + "B-1,Bolt,H87,,1.50,standard\n")
    out = io.StringIO()

    call_command("import_masters", "items", str(file), "--json", stdout=out)

    printed = json.loads(out.getvalue())
    assert (printed["created"], printed["sums"]["standard_cost"]) == (1, "1.50")
    assert (printed["file"], printed["refused"]) == ("items.csv", False)

    file.write_text(ITEMS + "B-2,Bolt,H87,,x,standard\n")
    out = io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("import_masters", "items", str(file), "--json", stdout=out)

    assert stopped.value.code == 1
    printed = json.loads(out.getvalue())
    assert printed["errors"][0] == {
        "row": 2,
        "field": "standard_cost",
        "value": "x",
        "message": "This is not a plain number. Write it like 1234.5.",
    }
    assert not Item.objects.filter(code="B-2").exists()


def test_the_command_says_in_words_what_happened(piece, tmp_path):
    file = tmp_path / "items.csv"
    file.write_text(ITEMS + "B-1,Bolt,H87,,1.50,standard\n")
    out, err = io.StringIO(), io.StringIO()

    call_command("import_masters", "items", str(file), "--dry-run", stdout=out, stderr=err)

    assert "sum of standard_cost: 1.50" in out.getvalue()
    assert "Rows: 1, to create: 1" in out.getvalue()
    assert err.getvalue() == ""
    assert not Item.objects.exists()


def test_other_profiles_are_left_alone():
    TaxProfileFactory()
    run("tax-profiles", "code,name\nOTHER,Other\n")

    assert TaxProfileFactory().rules.count() == 4
