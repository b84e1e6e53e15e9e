"""The PDF: made once from the snapshot, with every total of the document on it."""

import io
from decimal import Decimal
from unittest import mock

import pytest
from django.utils.translation import override
from pypdf import PdfReader

from invoicing.commands import preview_pdf, render_invoice_pdf
from invoicing.commands import rendering as module
from invoicing.models import CreditKind
from invoicing.queries import tax_lines_of
from o2c.core.actors import SYSTEM
from o2c.core.attachments import read_file
from o2c.core.errors import RuleViolation
from o2c.core.models import Attachment
from o2c.core.pdf import PdfUnavailable, pdf_problem
from o2c.masters.models import Customer, PaymentTerms, PaymentTermsLine
from o2c.web.formats import amount_text, money_text
from tests.factories.masters import (
    BankAccountFactory,
    CurrencyFactory,
    CustomerFactory,
    ExchangeRateFactory,
    TaxCodeFactory,
    TaxProfileFactory,
)
from tests.given.invoicing import drafted_invoice, lines_of, posted_credit, posted_invoice

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(pdf_problem()), reason=pdf_problem()),
]

D = Decimal
LONG = "Müller & Söhne Großhandelsgesellschaft für Befestigungstechnik <und mehr> mbH & Co. KG"


def reader_of(invoice) -> PdfReader:
    return PdfReader(io.BytesIO(read_file(render_invoice_pdf(invoice.pk))))


def words(reader: PdfReader) -> str:
    """The text of all pages, blanks made plain."""
    text = "\n".join(page.extract_text() for page in reader.pages)
    return text.replace("\N{NO-BREAK SPACE}", " ")


def printed_money(amount, currency) -> str:
    return money_text(amount, currency).replace("\N{NO-BREAK SPACE}", " ")


def assert_says_every_total(invoice, text: str) -> None:
    assert printed_money(invoice.gross, invoice.currency) in text
    for figure in (invoice.net, invoice.tax):
        assert amount_text(figure, invoice.currency) in text
    for tax in tax_lines_of(invoice.pk):
        assert amount_text(tax.base, invoice.currency) in text
        assert amount_text(tax.tax, invoice.currency) in text
    for line in lines_of(invoice):
        assert amount_text(line.amount, invoice.currency) in text
        assert line.item_code in text


def test_an_invoice_says_everything_it_must():
    BankAccountFactory()
    customer = CustomerFactory(legal_name=LONG, vat_id="DE811569869")
    invoice = posted_invoice(
        (10, "10.00"), (3, "1234.567"), customer=customer, customer_reference="PO-4711"
    )

    text = words(reader_of(invoice))

    assert_says_every_total(invoice, text)
    for word in (invoice.number, "PO-4711", "DE811569869", "DE136695976", customer.code):
        assert word in text
    assert " ".join(LONG.split()[:2]) in text
    assert "DE89 3704 0044 0532 0130 00" in text
    assert "30 days net" in text


def test_a_german_customer_gets_it_in_german_to_the_cent():
    BankAccountFactory()
    invoice = posted_invoice((3, "1234.567"), customer=CustomerFactory(language="de"))

    text = words(reader_of(invoice))

    with override("de"):
        assert_says_every_total(invoice, text)
    for word in ("Rechnung", "Rechnungsbetrag", "Zahlen an", "Deutschland", "4.407,40 EUR"):
        assert word in text
    for word in ("Invoice", "Total due", "Germany"):
        assert word not in text


def test_it_is_made_once_and_kept_by_its_hash():
    invoice = posted_invoice()
    first = render_invoice_pdf(invoice.pk)

    with mock.patch.object(module, "render_pdf") as again:
        second = render_invoice_pdf(invoice.pk)

    assert second == first
    assert not again.called
    assert first.purpose == "canonical_pdf"
    assert first.name == f"{invoice.number}.pdf"
    assert read_file(first).startswith(b"%PDF-")


def test_whoever_comes_second_takes_the_document_of_the_first():
    invoice = posted_invoice()
    first = render_invoice_pdf(invoice.pk)

    answers = [None, first]
    with mock.patch.object(module.queries, "pdf_of", side_effect=lambda pk: answers.pop(0)):
        assert render_invoice_pdf(invoice.pk) == first

    assert Attachment.objects.filter(document_id=invoice.pk).count() == 1


def test_it_is_made_from_the_snapshot_alone():
    invoice = posted_invoice(customer=CustomerFactory(legal_name="As Posted Ltd"))
    Customer.objects.filter(pk=invoice.customer_id).update(legal_name="Renamed Ltd")

    text = words(reader_of(invoice))

    assert "As Posted Ltd" in text
    assert "Renamed" not in text


def test_sixty_lines_repeat_their_heads_and_keep_the_totals_together():
    invoice = posted_invoice(*[(n + 1, f"{n * 3.37 + 0.999:.3f}") for n in range(60)])

    reader = reader_of(invoice)

    assert len(reader.pages) > 1
    for page in reader.pages:
        assert invoice.number in page.extract_text()
    assert_says_every_total(invoice, words(reader))
    last = reader.pages[-1].extract_text()
    assert amount_text(invoice.net, "EUR") in last
    assert amount_text(invoice.gross, "EUR") in last


def test_a_credit_note_names_its_invoice_and_reason():
    invoice = posted_invoice((10, "10.00"))
    note = posted_credit(invoice, "7.50", kind=CreditKind.PRICE)

    text = words(reader_of(note))

    assert_says_every_total(note, text)
    assert "Credit note" in text
    assert invoice.number in text
    assert "Reason: wrong" in text
    assert "Please pay" not in text


def test_instalments_and_early_payment_are_spelt_out():
    terms = PaymentTerms.objects.create(
        code="HALVES", name="Half now, half later", discount_percent=2, discount_days=7
    )
    PaymentTermsLine.objects.create(terms=terms, sequence=1, share_percent=50)
    PaymentTermsLine.objects.create(terms=terms, sequence=2, remainder=True, days=30)
    invoice = posted_invoice((1, "100.01"), customer=CustomerFactory(terms=terms))

    text = words(reader_of(invoice))

    assert invoice.gross == D("119.01")
    assert "59.51" in text
    assert "59.50" in text
    offer = invoice.snapshot["early_discount"]
    assert printed_money(D(offer["payable"]), "EUR") in text


def test_tax_in_another_currency_is_stated_in_ours():
    CurrencyFactory(code="USD")
    ExchangeRateFactory(currency="USD", rate=D("0.915"))
    invoice = posted_invoice((1, "100.00"), customer=CustomerFactory(currency="USD"))

    text = words(reader_of(invoice))

    assert "119.00 USD" in text
    assert "17.39 EUR" in text
    assert "0.915" in text


def test_a_supply_without_tax_says_why():
    exempt = TaxCodeFactory(
        code="AE", category="AE", exemption_reason="Reverse charge: tax is owed by the buyer."
    )
    profile = TaxProfileFactory(code="EU", rules={"standard": exempt})
    invoice = posted_invoice(
        (1, "100.00"), customer=CustomerFactory(tax_profile=profile, vat_id="FR40303265045")
    )

    assert invoice.tax == 0
    assert "tax is owed by the buyer" in words(reader_of(invoice))


def test_a_discount_on_the_order_is_shown():
    invoice = posted_invoice((1, "100.00"), discount_amount=D("7.50"))

    text = words(reader_of(invoice))

    assert "−7.50" in text
    assert "92.50" in text


def test_a_draft_can_be_looked_at_and_nothing_is_kept():
    draft = drafted_invoice((10, "10.00"))

    text = words(PdfReader(io.BytesIO(preview_pdf(draft.pk))))

    assert "Draft" in text
    assert "119.00 EUR" in text
    assert not Attachment.objects.exists()


def test_a_draft_has_no_document():
    with pytest.raises(RuleViolation, match="not posted"):
        render_invoice_pdf(drafted_invoice().pk)


def test_a_machine_without_pango_posts_and_says_what_is_missing():
    invoice = posted_invoice()

    with (
        mock.patch("o2c.core.pdf.pdf_problem", return_value="PDF output needs Pango"),
        pytest.raises(PdfUnavailable, match="Pango"),
    ):
        render_invoice_pdf(invoice.pk, actor=SYSTEM)

    assert not Attachment.objects.exists()
