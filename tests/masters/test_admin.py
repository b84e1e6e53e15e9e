"""Django admin writes masters through the one door, inside its own transaction."""

import pytest
from django.contrib import admin
from django.urls import reverse

from o2c.masters import models
from tests.factories import masters as make

pytestmark = pytest.mark.django_db


def form_of(browser, url):
    """The values the page at url would send back unchanged."""
    page = browser.get(url)
    assert page.status_code == 200
    data = {}
    forms = [page.context["adminform"].form]
    for formset in page.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = getattr(value, "pk", value)
    return data


def errors_on(page):
    formsets = page.context["inline_admin_formsets"]
    return [page.context["errors"], *(f.formset.errors for f in formsets)]


def change_url(row):
    return reverse(f"admin:masters_{row._meta.model_name}_change", args=[row.pk])


def test_every_registered_master_has_a_list_and_a_form(boss):
    make.CustomerFactory()
    make.ItemFactory(price="1.00")
    make.ItemUnitFactory()
    make.WarehouseFactory()
    make.CarrierFactory()
    make.BankAccountFactory()
    make.ExchangeRateFactory()
    registered = [m for m in admin.site._registry if m._meta.app_label == "masters"]

    assert len(registered) == 15
    for model in registered:
        name = f"admin:masters_{model._meta.model_name}"
        assert boss.get(reverse(f"{name}_changelist") + "?q=a").status_code == 200
        row = model.objects.first()
        assert boss.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, model
        assert boss.get(reverse(f"{name}_history", args=[row.pk])).status_code == 200, model


def test_a_change_is_stored_with_its_author(boss):
    item = make.ItemFactory(name="Bolt")
    data = form_of(boss, change_url(item)) | {"name": "Bolt M8"}

    page = boss.post(change_url(item), data)
    assert page.status_code == 302, errors_on(page)

    newest = item.history.first()
    assert (newest.name, newest.history_user_id) == ("Bolt M8", "boss")
    assert models.Item.objects.get().version == 2


def test_a_refusal_is_a_message_and_nothing_is_stored(boss):
    customer = make.CustomerFactory()
    data = form_of(boss, change_url(customer)) | {"vat_id": "DE123"}

    page = boss.post(change_url(customer), data, follow=True)

    assert "is not a valid VAT id" in page.content.decode()
    assert models.Customer.objects.get().vat_id == ""


def test_the_lines_of_terms_are_stored_as_a_whole(boss):
    terms = make.PaymentTermsFactory()
    url = change_url(terms)
    data = form_of(boss, url)
    data |= {"lines-0-remainder": "", "lines-0-share_percent": "40"}

    page = boss.post(url, data, follow=True)
    assert "must make 100 %" in page.content.decode()
    assert terms.lines.get().remainder

    assert boss.post(url, data | {"lines-0-share_percent": "100"}).status_code == 302
    assert terms.lines.get().share_percent == 100


def test_what_is_used_cannot_be_deleted(boss):
    item = make.ItemFactory(price="1.00")

    page = boss.post(
        reverse("admin:masters_item_delete", args=[item.pk]), {"post": "yes"}, follow=True
    )

    assert page.status_code == 200
    assert models.Item.objects.exists()
