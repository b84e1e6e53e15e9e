"""Identifiers, codes and numbers are kept in one spelling, however they are typed or pasted."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.spellings import plain
from o2c.masters.commands import amend_master, import_masters
from o2c.masters.forms import form_for
from o2c.masters.models import BankAccount, Customer, Item
from o2c.masters.rules import identifiers
from tests.factories.masters import (
    BankAccountFactory,
    CustomerFactory,
    CustomerItemFactory,
    ItemFactory,
    LocationFactory,
    UnitFactory,
    WarehouseFactory,
)

NOISE = st.sampled_from([" ", "\u00a0", "\u2009", "\u200b", "\ufeff", "\u2060", "\u200e"])
DASHES = st.sampled_from(["-", "\u2010", "\u2011", "\u2013", ".", "/"])


def noisy(data, text, noise=NOISE | DASHES):
    """The text with blanks, dashes and invisible marks between its characters."""
    between = data.draw(st.lists(st.one_of(st.just(""), noise), min_size=len(text), max_size=60))
    return "".join(mark + c for mark, c in zip(between, text, strict=False))


@given(st.data())
def test_an_iban_a_vat_id_and_a_bic_are_known_through_all_of_it(data):
    assert identifiers.iban_number(noisy(data, "de89370400440532013000")) == (
        "DE89370400440532013000"
    )
    assert identifiers.vat_id(noisy(data, "de136695976"), "") == "DE136695976"
    assert identifiers.bic_code(noisy(data, "cobadeffxxx")) == "COBADEFFXXX"


@given(st.data())
def test_a_code_loses_what_nobody_sees_and_keeps_its_dashes(data):
    code = noisy(data, "AB-12", st.sampled_from(["\u200b", "\ufeff", "\u2060"]))

    assert plain(f" \u00a0{code}\t ") == "AB-12"
    assert plain("A \u00a0 1") == "A 1"


@pytest.mark.parametrize("text", ["4006381333931", "4006381 333931", "\u200b4006381333931"])
def test_a_barcode_is_its_digits(text):
    assert identifiers.barcode(text) == "4006381333931"


@pytest.mark.django_db
class TestInput:
    def test_the_form_takes_an_iban_in_groups_longer_than_its_column(self):
        account = BankAccountFactory()
        malta = "MT84 MALT 0110 0001 2345 MTLC AST0 01S"
        data = {f: getattr(account, f) or "" for f in ("code", "name", "bic", "bank_name")}
        data |= {"iban": f"{malta}\u200b", "currency": account.currency, "active": "on"}

        form = form_for(BankAccount)(data, instance=account)

        assert "iban" not in form.errors
        assert form.cleaned_data["iban"] == "MT84MALT011000012345MTLCAST001S"
        assert "maxlength" not in str(form["iban"])

    def test_a_file_takes_it_too(self):
        made = CustomerFactory(code="ACME")
        rows = "code,name,currency,terms,tax_profile,vat_id\n"
        rows += f"\u200bACME\u200b,Acme,EUR,{made.terms.code},{made.tax_profile.code},"
        rows += "de 136\u00a0695\u2011976\n"

        result = import_masters("customers", "customers.csv", rows.encode(), actor=SYSTEM)

        assert not result.errors
        assert Customer.objects.get(code="ACME").vat_id == "DE136695976"

    def test_a_wrong_vat_id_is_refused_in_one_sentence_without_a_constraint(self):
        customer = CustomerFactory()
        customer.vat_id = "de 999\u200b999 999 x"

        with pytest.raises(RuleViolation, match="is not a valid VAT id") as refused:
            amend_master(customer, actor=SYSTEM)

        assert refused.value.field == "vat_id"

    def test_a_code_is_stored_without_what_nobody_sees(self):
        item = ItemFactory()
        item.code = " \u200bBOLT\u00a0 M8 "

        assert amend_master(item, actor=SYSTEM).code == "BOLT M8"

    def test_a_reference_is_found_by_a_code_with_marks_around_it(self, clara):
        customer = CustomerFactory(code="ACME")

        page = clara.post(
            reverse("orders:order_new"),
            {"customer": "\u200bacme\u00a0", "lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"},
        )

        assert "There is no" not in page.content.decode()
        assert customer.code == "ACME"


@pytest.mark.django_db
class TestTwins:
    """47566b and 47566B are one code: the spelling on record stays, a second one is refused."""

    SENTENCE = "This code is in use, perhaps in other capitals."

    @staticmethod
    def twin():
        """An item yet to be stored."""
        return Item(code="47566b", name="Bolt", unit=UnitFactory())

    def test_a_command_names_the_field(self):
        ItemFactory(code="47566B")

        with pytest.raises(RuleViolation) as refused:
            amend_master(self.twin(), actor=SYSTEM)

        assert (str(refused.value), refused.value.field) == (self.SENTENCE, "code")

    def test_a_form_says_it_beside_the_field(self):
        customer = CustomerFactory(code="N1")
        data = {
            **{name: getattr(customer, name) for name in ("name", "currency", "language")},
            "terms": customer.terms_id, "tax_profile": customer.tax_profile_id, "code": "n1",
        }  # fmt: skip

        form = form_for(Customer)(data)

        assert form.errors["code"] == [self.SENTENCE]

    def test_django_admin_says_it_beside_the_field(self, client):
        client.force_login(get_user_model().objects.create_superuser("ada"))
        made = WarehouseFactory(code="Main")
        page = client.post(
            reverse("admin:masters_warehouse_add"),
            {"code": "MAIN", "name": "x", "country": "DE", "locations-TOTAL_FORMS": "0",
             "locations-INITIAL_FORMS": "0"},
        )  # fmt: skip

        assert page.context["adminform"].form.errors["code"] == [self.SENTENCE]
        assert list(type(made).objects.all()) == [made]

    def test_a_race_says_the_same(self, monkeypatch):
        ItemFactory(code="47566B")
        monkeypatch.setattr(Item, "full_clean", lambda self, **more: None)

        with pytest.raises(RuleViolation) as refused:
            amend_master(self.twin(), actor=SYSTEM)

        assert (str(refused.value), refused.value.field) == (self.SENTENCE, "code")

    def test_a_file_names_row_and_field_and_the_spelling_on_record(self):
        ItemFactory(code="47566B", unit=UnitFactory())

        result = import_masters(
            "items", "items.csv", b"code,name,unit\nA,a,h87\n47566b,b,H87\na,c,H87\n", actor=SYSTEM
        )

        assert [(error.row, error.field, error.value) for error in result.errors] == [
            (4, "code", ""),
            (3, "code", "47566b"),
        ]
        assert "Row 2 already says something else about a" in result.errors[0].message
        assert "stands here as “47566B”" in result.errors[1].message
        assert Item.objects.count() == 1

    def test_the_parts_of_an_owner_are_refused_likewise(self):
        place = LocationFactory(code="A-01b")
        rows = f"warehouse,code\n{place.warehouse.code.lower()},A-01B\n"

        result = import_masters("locations", "l.csv", rows.encode(), actor=SYSTEM)

        assert [(error.row, error.field) for error in result.errors] == [(2, "code")]

    def test_what_a_row_refers_to_is_found_in_any_capitals(self):
        make = CustomerFactory(code="Acme")
        rows = "code,name,currency,terms,tax_profile,payer\n"
        rows += f"New,New,eur,{make.terms.code.lower()},domestic,ACME\n"
        rows += "Other,O,EUR,net30,DOMESTIC,new\n"

        result = import_masters("customers", "c.csv", rows.encode(), actor=SYSTEM)

        assert not result.errors
        new, other = Customer.objects.get(code="New"), Customer.objects.get(code="Other")
        assert (new.payer, new.currency, new.terms) == (make, "EUR", make.terms)
        assert other.payer == new

    def test_a_customers_own_code_may_get_other_capitals(self):
        known = CustomerItemFactory(code="x-77")
        rows = f"customer,item,code\n{known.customer.code},{known.item.code},X-77\n"

        result = import_masters("customer-items", "c.csv", rows.encode(), actor=SYSTEM)

        known.refresh_from_db()
        assert (result.updated, known.code) == (1, "X-77")
