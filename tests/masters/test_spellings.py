"""Identifiers, codes and numbers are kept in one spelling, however they are typed or pasted."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.masters.commands import amend_master, import_masters
from o2c.masters.forms import form_for
from o2c.masters.models import BankAccount, Customer
from o2c.masters.rules import identifiers
from tests.factories.masters import BankAccountFactory, CustomerFactory, ItemFactory

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

    assert identifiers.plain(f" \u00a0{code}\t ") == "AB-12"
    assert identifiers.plain("A \u00a0 1") == "A 1"


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

    def test_a_reference_is_found_by_a_code_with_marks_around_it(self, client, clerk):
        customer = CustomerFactory(code="ACME")
        client.force_login(clerk)

        page = client.post(
            reverse("orders:order_new"),
            {"customer": "\u200bacme\u00a0", "lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"},
        )

        assert "There is no" not in page.content.decode()
        assert customer.code == "ACME"
