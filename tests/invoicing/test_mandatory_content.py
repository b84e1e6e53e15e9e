"""Posting stops for missing data, names all of it, and links to where it is entered."""

import pytest
from django.urls import reverse

from invoicing.commands import post_invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import NumberSeries
from o2c.masters.commands import install_reference_data
from o2c.masters.models import Address, Company, Customer, TaxProfile
from tests.factories.masters import CustomerFactory
from tests.given.invoicing import drafted_invoice

pytestmark = pytest.mark.django_db


def french_business(**fields):
    """A business in another member state, known as one, its VAT id not known yet."""
    install_reference_data(actor=SYSTEM)
    profile = TaxProfile.objects.get(code="EU-BUSINESS")
    return CustomerFactory(tax_profile=profile, address__country="FR", **fields)


def refused(draft) -> list[RuleViolation]:
    with pytest.raises(RuleViolation) as refusal:
        post_invoice(draft.pk, actor=SYSTEM)
    assert not NumberSeries.objects.filter(code__startswith="invoice:").exists()
    return refusal.value.errors


def test_an_intra_community_buyer_without_vat_id_is_refused_and_posted_with_it():
    customer = french_business()
    draft = drafted_invoice((1, "100.00"), customer=customer)
    assert (draft.tax, draft.tax_lines.get().category) == (0, "K")

    (fault,) = refused(draft)

    assert "The buyer's VAT id is missing" in str(fault)
    assert fault.about == customer
    Customer.objects.filter(pk=customer.pk).update(vat_id="FR40303265045")
    posted = post_invoice(draft.pk, actor=SYSTEM)
    assert (posted.tax, posted.snapshot["bill_to"]["vat_id"]) == (0, "FR40303265045")


def test_every_missing_field_is_named_at_once():
    draft = drafted_invoice(customer=french_business(reference_required=True))
    Company.objects.update(vat_id="", street="")
    Address.objects.update(city="")

    faults = refused(draft)

    assert [str(fault).split(";")[0].rstrip(".") for fault in faults] == [
        "Our street is missing",
        "Our VAT id is missing",
        "The city of the buyer's address is missing",
        "The buyer's VAT id is missing",
        "The customer's order number is missing",
    ]
    assert [type(fault.about).__name__ for fault in faults] == [
        *("Company", "Company", "Customer", "Customer", "Order"),
    ]


def test_the_page_links_to_where_it_is_entered(bilal):
    customer = french_business()
    draft = drafted_invoice(customer=customer)
    Company.objects.update(vat_id="")

    page = bilal.post(
        reverse("invoicing:invoice_act", args=[draft.pk, "post"]),
        {"invoice_date": draft.invoice_date, "op_id": "post-1"},
    )

    assert page.status_code == 422
    text = page.content.decode()
    assert f'href="{reverse("masters:customer_detail", args=[customer.pk])}"' in text
    assert f'href="{reverse("masters:company_detail")}"' in text
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_posting_many_links_each_draft_to_where_it_is_mended(bilal):
    customer = french_business()
    draft = drafted_invoice(customer=customer)

    answer = bilal.post(
        reverse("invoicing:drafts_post"), {"on_date": draft.invoice_date.isoformat()}, follow=True
    )

    page = answer.content.decode()
    assert f'<a href="{draft.get_absolute_url()}">Draft {draft.pk}</a>' in page
    assert f'href="{reverse("masters:customer_detail", args=[customer.pk])}"' in page
    assert "VAT id is missing" in page
