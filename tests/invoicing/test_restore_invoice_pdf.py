"""A stored PDF that is lost: the page says so and offers to render the same bytes anew."""

from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.urls import reverse

from invoicing.commands import render_invoice_pdf, restore_invoice_pdf
from invoicing.commands import rendering as module
from o2c.core.actors import SYSTEM
from o2c.core.attachments import read_file
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.pdf import pdf_problem
from tests.conftest import person
from tests.given.invoicing import drafted_invoice, posted_invoice

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(pdf_problem()), reason=pdf_problem()),
]


def stored_path(kept) -> Path:
    return Path(settings.CONTENT_STORE) / kept.sha256[:2] / kept.sha256


def pdf_url(invoice) -> str:
    return reverse("invoicing:invoice_pdf", args=[invoice.pk])


def restore_url(invoice) -> str:
    return reverse("invoicing:invoice_pdf_act", args=[invoice.pk, "restore"])


@pytest.mark.parametrize("damage", ["missing", "same size, other bytes", "cut short"])
def test_a_lost_pdf_is_named_and_comes_back_byte_for_byte(client, damage):
    invoice = posted_invoice()
    kept = render_invoice_pdf(invoice.pk)
    before, path = read_file(kept), stored_path(kept)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"x" * (len(before) if damage == "same size, other bytes" else 3))
    client.force_login(person("billing clerk"))

    page = client.get(pdf_url(invoice))
    assert page.status_code == 409
    assert "is damaged in the store" in page.content.decode()
    assert restore_url(invoice) in page.content.decode()

    assert client.post(restore_url(invoice)).status_code == 303
    assert client.get(pdf_url(invoice)).content == before


def test_who_may_only_look_is_told_and_offered_nothing(client):
    invoice = posted_invoice()
    stored_path(render_invoice_pdf(invoice.pk)).unlink()
    client.force_login(person("auditor"))

    page = client.get(pdf_url(invoice))

    assert page.status_code == 409
    assert restore_url(invoice) not in page.content.decode()
    with pytest.raises(NotPermitted):
        restore_invoice_pdf(invoice.pk, actor=person("auditor"))


def test_other_bytes_are_never_put_in_its_place():
    invoice = posted_invoice()
    kept = render_invoice_pdf(invoice.pk)
    stored_path(kept).unlink()

    with (
        mock.patch.object(module, "render_pdf", return_value=b"%PDF-of another version"),
        pytest.raises(RuleViolation, match="from a backup"),
    ):
        restore_invoice_pdf(invoice.pk, actor=SYSTEM)

    assert not stored_path(kept).exists()


def test_an_intact_pdf_is_left_alone():
    invoice = posted_invoice()
    kept = render_invoice_pdf(invoice.pk)

    with mock.patch.object(module, "render_pdf") as again:
        assert restore_invoice_pdf(invoice.pk, actor=SYSTEM) == kept

    assert not again.called


def test_a_draft_has_nothing_to_restore():
    with pytest.raises(RuleViolation, match="no stored PDF"):
        restore_invoice_pdf(drafted_invoice().pk, actor=SYSTEM)


def test_a_draft_says_in_which_state_it_is(boss):
    asked = boss.get(restore_url(drafted_invoice()))

    assert asked.status_code == 409
    assert "It is Draft." in asked.content.decode()


def test_what_cannot_be_put_back_is_told_on_the_page_of_the_invoice(boss):
    invoice = posted_invoice()
    stored_path(render_invoice_pdf(invoice.pk)).unlink()

    with mock.patch.object(module, "render_pdf", return_value=b"%PDF-of another version"):
        answer = boss.post(restore_url(invoice))

    assert answer.status_code == 422
    assert "from a backup" in answer.content.decode()
    assert answer.context["document"] == invoice
