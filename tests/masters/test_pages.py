"""The pages of the masters: every kind is listed, opened, made, changed and imported."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from o2c.masters.commands import KINDS
from o2c.masters.models import Address, Carrier, Customer, Item, PaymentTerms, Unit
from o2c.masters.tables import TABLES
from o2c.masters.views import GROUPS, url_of_kind
from tests.conftest import with_rights
from tests.factories.masters import AddressFactory, CompanyFactory, CustomerFactory, ItemFactory
from tests.web_budget import assert_detail_budget

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_list_a_form_and_an_import(boss, kind):
    CustomerFactory(), ItemFactory()

    pages = ["list", "import"] + ([] if kind == "terms-lines" else ["new"])
    for page in pages:
        assert boss.get(url_of_kind(kind, page)).status_code == 200
    for row in KINDS[kind].model._default_manager.all()[:1]:
        assert boss.get(url_of_kind(kind, "detail", row.pk)).status_code == 200
        assert boss.get(url_of_kind(kind, "detail", row.pk) + "?tab=audit").status_code == 200


def test_every_kind_can_be_found_from_the_masters_page():
    assert {name for _label, names in GROUPS for name in names} >= set(KINDS) - {"terms-lines"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_sorts_by_every_column(boss, kind):
    for column in TABLES[kind].columns:
        if column.sort_path:
            response = boss.get(url_of_kind(kind, "list"), {"sort": f"-{column.key}"})
            assert response.context["listing"].notes == []


class TestChanging:
    def test_a_new_unit_is_shown(self, boss):
        asked = {"code": "H87", "name": "piece", "symbol": "pc", "decimals": "0", "active": "on"}

        response = boss.post("/masters/units/new/", asked, follow=True)

        assert response.redirect_chain == [(f"/masters/units/{Unit.objects.get().pk}/", 303)]
        assert "H87 piece: saved" in response.content.decode()

    def test_an_edit_keeps_its_reason_in_the_audit(self, boss):
        item = ItemFactory(code="BOLT", name="Bolt")
        url = f"/masters/items/{item.pk}/edit/"
        asked = form_values(boss, url)

        response = boss.post(url, {**asked, "name": "Hex bolt", "reason": "Catalogue 2027"})

        assert response.status_code == 303
        page = boss.get(f"/masters/items/{item.pk}/?tab=audit").content.decode()
        assert "<del>Bolt</del> → <ins>Hex bolt</ins>" in page
        assert "Catalogue 2027" in page
        assert "boss" in page

    def test_the_slower_of_two_editors_sees_both_values(self, boss):
        item = ItemFactory(code="BOLT", name="Bolt")
        url = f"/masters/items/{item.pk}/edit/"
        mine = form_values(boss, url)
        boss.post(url, {**mine, "name": "Their bolt"})

        response = boss.post(url, {**mine, "name": "My bolt"})

        page = response.content.decode()
        assert response.status_code == 409
        assert 'data-label="You typed">My bolt</td>' in page
        assert 'data-label="It is now">Their bolt</td>' in page
        again = {**mine, "version": response.context["form"].data["version"], "name": "My bolt"}
        assert boss.post(url, again).status_code == 303
        assert Item.objects.get().name == "My bolt"

    def test_wrong_values_are_named_and_kept(self, boss):
        customer = CustomerFactory()
        url = f"/masters/customers/{customer.pk}/edit/"
        asked = {**form_values(boss, url), "vat_id": "DE1", "currency": "XTS", "payer": "nobody"}

        response = boss.post(url, asked)

        page = response.content.decode()
        assert response.status_code == 422
        assert "There is no “nobody” here" in page
        assert 'value="DE1"' in page
        assert Customer.objects.get().vat_id == customer.vat_id

    def test_a_reference_is_typed_by_its_code_in_any_case(self, boss):
        customer, payer = CustomerFactory(code="ACME"), CustomerFactory(code="HOLDING")
        url = f"/masters/customers/{customer.pk}/edit/"

        boss.post(url, {**form_values(boss, url), "payer": " holding "})

        customer.refresh_from_db()
        assert customer.payer == payer

    def test_a_part_is_added_to_its_whole(self, boss):
        customer = CustomerFactory(code="ACME")
        url = f"/masters/addresses/new/?customer={customer.pk}"
        asked = form_values(boss, url)
        assert asked["customer"] == "ACME"

        boss.post(url, {**asked, "code": "DOCK", "name": "Dock 4", "country": "DE"})

        page = boss.get(f"/masters/customers/{customer.pk}/").content.decode()
        assert Address.objects.get(code="DOCK").customer == customer
        assert "Dock 4" in page

    def test_terms_are_edited_with_all_their_lines(self, boss):
        terms = CustomerFactory().terms
        url = f"/masters/terms/{terms.pk}/edit/"
        asked = {
            **form_values(boss, url),
            "lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "1",
            "lines-0-share_percent": "30", "lines-0-days": "0", "lines-0-months": "0",
            "lines-0-extra_days": "0",
            "lines-1-remainder": "on", "lines-1-days": "30", "lines-1-months": "0",
            "lines-1-extra_days": "0",
        }  # fmt: skip
        asked.pop("lines-0-remainder", None)

        response = boss.post(url, asked)

        assert response.status_code == 303, response.content.decode()
        lines = PaymentTerms.objects.get(pk=terms.pk).lines.order_by("sequence")
        assert [(line.share_percent, line.remainder, line.days) for line in lines] == [
            (Decimal(30), False, 0),
            (None, True, 30),
        ]

    def test_the_company_is_edited_with_its_buckets(self, boss):
        CompanyFactory()
        asked = {**form_values(boss, "/masters/company/edit/"), "aging_buckets": "15, 45"}

        assert boss.post("/masters/company/edit/", asked).status_code == 303
        bad = boss.post("/masters/company/edit/", {**asked, "aging_buckets": "45, 15"})

        assert "15, 45" in boss.get("/masters/company/").content.decode()
        assert bad.status_code == 422

    def test_an_unused_master_is_removed_and_a_used_one_is_not(self, boss):
        customer = CustomerFactory()
        carrier = Carrier.objects.create(code="DHL", name="DHL")

        removed = boss.post(f"/masters/carriers/{carrier.pk}/remove/", {"reason": "typo"})
        refused = boss.post(f"/masters/terms/{customer.terms_id}/remove/", {"reason": "typo"})

        assert not Carrier.objects.exists()
        assert removed.url == url_of_kind("carriers", "list")
        assert refused.status_code == 422
        assert "Switch it off instead" in refused.content.decode()

    def test_a_line_of_terms_is_not_removed_alone(self, boss):
        line = CustomerFactory().terms.lines.get()
        page = f"/masters/terms-lines/{line.pk}/remove/"

        asked, sent = boss.get(page), boss.post(page, {"reason": "typo"})

        assert (asked.status_code, sent.status_code) == (409, 409)
        for answer in (asked, sent):
            assert "changed on the page of the terms" in answer.content.decode()
        assert line.terms.lines.exists()


class TestImports:
    def upload(self, client, text, **more):
        file = SimpleUploadedFile("units.csv", text.encode())
        return client.post("/masters/units/import/", {"file": file, **more})

    def test_a_dry_run_counts_and_stores_nothing(self, boss):
        response = self.upload(boss, "code,name\nH87,piece\n", dry_run="on")

        assert response.context["result"].created == 1
        assert not Unit.objects.exists()

    def test_a_good_file_is_stored(self, boss):
        assert self.upload(boss, "code,name\nH87,piece\n").status_code == 200
        assert Unit.objects.get().code == "H87"

    def test_a_bad_row_is_named_and_nothing_is_stored(self, boss):
        response = self.upload(boss, "code,name,decimals\nH87,piece,0\nKGM,kilogram,many\n")

        page = response.content.decode()
        assert response.status_code == 422
        assert "many" in page
        assert not Unit.objects.exists()

    def test_no_file_is_a_fault(self, boss):
        assert boss.post("/masters/units/import/").status_code == 422


class TestRights:
    def test_reading_needs_the_view_right_and_shows_no_buttons(self):
        item = ItemFactory()
        reader = with_rights("masters.view_masters")

        page = reader.get(f"/masters/items/{item.pk}/").content.decode()

        assert item.name in page
        assert "/edit/" not in page
        assert reader.get("/masters/items/new/").status_code == 403
        assert reader.post(f"/masters/items/{item.pk}/edit/").status_code == 403
        assert reader.post("/masters/items/import/").status_code == 403

    def test_without_it_nothing_is_shown(self, visitor):
        for url in (reverse("masters:home"), "/masters/items/", "/masters/company/"):
            assert visitor.get(url).status_code == 403


def test_a_master_page_keeps_its_budget(boss):
    customer = CustomerFactory()

    assert_detail_budget(boss, f"/masters/customers/{customer.pk}/")


def form_values(client, url):
    """What a browser would send for the form at url as it is."""
    response = client.get(url)
    form, lines = response.context["form"], response.context.get("lines")
    values = _values(form)
    if lines is not None:
        values |= _values(lines.management_form)
        for row in lines.forms:
            values |= _values(row)
    return values


def _values(form):
    sent = {}
    for bound in form:
        value = bound.value()
        if bound.field.widget.__class__.__name__ == "CheckboxInput":
            if value:
                sent[bound.html_name] = "on"
        elif value is not None:
            sent[bound.html_name] = str(value)
    return sent


def test_codes_of_languages_and_countries_are_words(boss):
    customer = CustomerFactory(language="de")
    address = AddressFactory(customer=customer, code="VIE", country="AT", is_default=False)

    page = boss.get(url_of_kind("customers", "detail", customer.pk)).content.decode()
    place = boss.get(url_of_kind("addresses", "detail", address.pk)).content.decode()

    assert "<dd>German</dd>" in page
    assert "Austria" in page
    assert "<dd>Austria</dd>" in place


def test_what_the_table_refuses_stands_at_its_field(boss):
    item = ItemFactory()
    typed = {"item": item.code, "price": "-1", "valid_from": "2026-05-01", "valid_to": "2026-01-01"}

    answer = boss.post(url_of_kind("prices", "new"), typed)

    errors = answer.context["form"].errors
    assert answer.status_code == 422
    assert errors["price"] == ["A price is not negative."]
    assert errors["valid_to"] == ["The validity ends before it begins."]
    assert "__all__" not in errors
