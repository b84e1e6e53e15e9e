"""The pages of billing and the outbox."""

from datetime import date
from unittest import mock

import pytest
from django.urls import reverse

from invoicing.models import Invoice
from o2c.core import clock, mail
from o2c.core.actors import SYSTEM
from o2c.core.models import OutgoingMessage
from o2c.core.pdf import pdf_problem
from tests.factories.masters import CustomerFactory, german_rates
from tests.given.invoicing import (
    dispatched,
    draft_of,
    drafted_invoice,
    lines_of,
    planned,
    posted_credit,
    posted_invoice,
    proposed_credit,
    released,
    shipped,
)
from tests.web_budget import assert_detail_budget, assert_list_budget

pytestmark = pytest.mark.django_db

needs_pdf = pytest.mark.skipif(bool(pdf_problem()), reason=pdf_problem())


def page_of(invoice, verb="") -> str:
    if verb:
        return reverse("invoicing:invoice_act", args=[invoice.pk, verb])
    return reverse("invoicing:invoice_detail", args=[invoice.pk])


class TestTheList:
    def test_tabs_hold_drafts_proposals_posted_credit_notes_and_unsent(self, bilal):
        draft = drafted_invoice()
        invoice = posted_invoice((10, "10.00"))
        note = posted_credit(invoice, 1)
        proposal = proposed_credit(invoice, 1)

        def rows(tab):
            page = bilal.get(reverse("invoicing:invoice_list"), {"tab": tab})
            return {row.pk for row in page.context["listing"].page.rows}

        assert rows("drafts") == {draft.pk}
        assert rows("approve") == {proposal.pk}
        assert rows("posted") == {invoice.pk}
        assert rows("credit_notes") == {note.pk}
        assert rows("unsent") == {invoice.pk, note.pk}
        assert rows("all") == {draft.pk, invoice.pk, note.pk, proposal.pk}

    def test_a_sent_invoice_is_no_longer_unsent(self, bilal):
        invoice = posted_invoice()
        message = mail.queue_message(
            invoice, dedup_key="x", to=["a@example.com"], subject="s", body="b", actor=SYSTEM
        )
        mail.send_message(message.pk, actor=SYSTEM)

        page = bilal.get(reverse("invoicing:invoice_list"), {"tab": "unsent"})

        assert not page.context["listing"].page.rows

    def test_the_list_costs_the_same_for_any_number_of_rows(self, boss):
        def make(number):
            draft = drafted_invoice()
            Invoice.objects.filter(pk=draft.pk).update(state="cancelled")
            draft.refresh_from_db()
            Invoice.objects.bulk_create(
                Invoice(**{**fields(draft), "pk": None}) for _ in range(number - 1)
            )

        def fields(draft):
            return {f.attname: getattr(draft, f.attname) for f in draft._meta.fields}

        assert_list_budget(boss, f"{reverse('invoicing:invoice_list')}?tab=all", make)

    def test_a_credit_note_counts_against_the_total(self, bilal):
        posted_credit(posted_invoice((10, "10.00")), 4)

        page = bilal.get(reverse("invoicing:invoice_list"), {"tab": "all"})

        text = page.content.decode()
        assert "\N{MINUS SIGN}47.60" in text
        assert "71.40" in text

    def test_it_exports_what_it_shows(self, bilal):
        invoice = posted_invoice((10, "10.00"))

        response = bilal.get(reverse("invoicing:invoice_list"), {"tab": "all", "export": "csv"})

        text = b"".join(response.streaming_content).decode()
        assert invoice.number in text
        assert "119.00" in text

    def test_without_the_right_it_is_closed(self, pablo):
        assert pablo.get(reverse("invoicing:invoice_list")).status_code == 403


class TestTheDetail:
    def test_it_shows_lines_tax_instalments_entry_and_mail(self, boss):
        invoice = posted_invoice((10, "10.00"), (3, "0.35"))
        note = posted_credit(invoice, 1)

        page = boss.get(page_of(invoice)).content.decode()

        for word in (invoice.number, invoice.entry.number, note.number, "Not sent yet"):
            assert word in page
        assert lines_of(invoice)[1].item_code in page
        assert "Instalments" in page

    def test_a_credit_note_shows_what_it_corrects(self, boss):
        invoice = posted_invoice((10, "10.00"))
        note = proposed_credit(invoice, 1)

        page = boss.get(page_of(note)).content.decode()

        assert invoice.number in page
        assert "wrong" in page

    def test_it_keeps_its_budget(self, boss):
        assert_detail_budget(boss, page_of(posted_invoice(*[(2, "3.50")] * 12)))

    def test_a_machine_without_pango_says_why_there_is_no_pdf(self, boss):
        invoice = posted_invoice()

        with mock.patch("invoicing.views.pdf_problem", return_value="PDF output needs Pango"):
            page = boss.get(page_of(invoice)).content.decode()

        assert "PDF output needs Pango" in page

    def test_the_clerk_who_bills_may_post_and_not_approve(self, bilal):
        draft, note = drafted_invoice(), proposed_credit(posted_invoice())

        offers = {
            document.pk: {o.verb for o in bilal.get(page_of(document)).context["offers"]}
            for document in (draft, note)
        }

        assert "post" in offers[draft.pk]
        assert "approve" not in offers[note.pk]


class TestVerbs:
    def test_posting_asks_first_and_then_numbers(self, bilal):
        draft = drafted_invoice()

        assert b"cannot be changed afterwards" in bilal.get(page_of(draft, "post")).content
        response = bilal.post(
            page_of(draft, "post"), {"invoice_date": draft.invoice_date.isoformat()}
        )

        assert response.status_code == 303
        draft.refresh_from_db()
        assert (draft.state, draft.number[-1]) == ("posted", "1")

    def test_a_refusal_is_shown_on_the_form(self, bilal):
        draft = drafted_invoice()

        response = bilal.post(page_of(draft, "post"), {"invoice_date": "2000-01-01"})

        assert response.status_code == 422
        assert b"supplied on" in response.content

    def test_crediting_by_line_leads_to_the_proposal(self, bilal):
        invoice = posted_invoice((10, "10.00"))
        line = lines_of(invoice)[0]
        form = bilal.get(page_of(invoice, "credit"))
        assert f"quantity_{line.pk}".encode() in form.content

        response = bilal.post(
            page_of(invoice, "credit"),
            {"kind": "correction", "reason": "wrong price", f"quantity_{line.pk}": "3"},
        )

        note = Invoice.objects.get(state="proposed")
        assert response.status_code == 303
        assert response["Location"] == page_of(note)
        assert note.net == 30
        assert note.created_by == "bilal"

    def test_crediting_everything_needs_no_figures(self, bilal):
        invoice = posted_invoice((10, "10.00"))

        bilal.post(page_of(invoice, "credit"), {"kind": "price", "reason": "x", "everything": "on"})

        assert Invoice.objects.get(state="proposed").gross == invoice.gross

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"kind": "correction", "reason": "x"}, "Nothing is to be credited"),
            ({"kind": "correction", "reason": ""}, "required"),
            ({"kind": "correction", "reason": "x", "quantity": "11"}, "only 10 is left"),
            ({"kind": "correction", "reason": "x", "quantity": "1e5"}, "not a number"),
            ({"kind": "correction", "reason": "x", "quantity": "-1"}, "0 or more"),
            ({"kind": "price", "reason": "x", "quantity": "1"}, "amounts are credited"),
            ({"kind": "price", "reason": "x", "amount": "0.001"}, "at most 2 decimals"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(self, bilal, data, message):
        invoice = posted_invoice((10, "10.00"))
        line = lines_of(invoice)[0]
        named = {f"{k}_{line.pk}" if k in ("quantity", "amount") else k: v for k, v in data.items()}

        response = bilal.post(page_of(invoice, "credit"), named)

        assert response.status_code == 422
        assert message in response.content.decode()
        assert not Invoice.objects.filter(state="proposed").exists()

    def test_the_controller_approves(self, corinna):
        note = proposed_credit(posted_invoice())

        response = corinna.post(
            page_of(note, "approve"), {"invoice_date": note.invoice_date.isoformat()}
        )

        assert response.status_code == 303
        note.refresh_from_db()
        assert note.number.startswith("CN-")

    def test_a_posted_correction_is_billed_again(self, bilal):
        note = posted_credit(posted_invoice((10, "10.00")))

        response = bilal.post(page_of(note, "bill_again"))

        assert response["Location"] == page_of(Invoice.objects.get(state="draft"))

    def test_a_draft_is_cancelled_with_a_reason(self, bilal):
        draft = drafted_invoice()

        bilal.post(page_of(draft, "cancel"), {"reason": "too early"})

        draft.refresh_from_db()
        assert draft.state == "cancelled"

    def test_unknown_verbs_and_documents_are_not_found(self, bilal):
        draft = drafted_invoice()

        assert bilal.post(page_of(draft, "explode")).status_code == 404
        assert bilal.get("/invoicing/999999/").status_code == 404
        assert bilal.post("/invoicing/999999/post/").status_code == 404

    def test_a_clerk_without_the_right_is_refused(self, clara):
        draft = drafted_invoice()

        response = clara.post(
            page_of(draft, "post"), {"invoice_date": draft.invoice_date.isoformat()}
        )

        assert response.status_code == 403
        draft.refresh_from_db()
        assert draft.state == "draft"

    @needs_pdf
    def test_mailing_offers_the_known_address(self, bilal):
        invoice = posted_invoice(customer=CustomerFactory(email="office@example.com"))

        assert b"office@example.com" in bilal.get(page_of(invoice, "send")).content
        response = bilal.post(page_of(invoice, "send"), {"to": "a@b.example, c@d.example"})

        assert response.status_code == 303
        assert OutgoingMessage.objects.get().to == "a@b.example, c@d.example"

    def test_mailing_refuses_what_is_no_address(self, bilal):
        invoice = posted_invoice()

        response = bilal.post(page_of(invoice, "send"), {"to": "nobody"})

        assert response.status_code == 422
        assert "not an e-mail address" in response.content.decode()


class TestBillingByHand:
    def test_a_shipment_that_was_not_billed_is_offered_and_drafted(self, bilal):
        with mock.patch("invoicing.commands.drafting.is_due", return_value=False):
            shipment = shipped()
        url = reverse("invoicing:invoice_new")
        assert shipment.number in bilal.get(url).content.decode()

        response = bilal.post(url, {"shipment": shipment.pk})

        assert response["Location"] == page_of(Invoice.objects.get())

    def test_a_billed_shipment_is_not_offered(self, bilal):
        invoice = posted_invoice()

        response = bilal.post(reverse("invoicing:invoice_new"), {"shipment": invoice.shipment_id})

        assert response.status_code == 422

    def test_all_drafts_are_posted_at_once(self, bilal):
        drafts = [drafted_invoice(), drafted_invoice()]
        url = reverse("invoicing:drafts_post")
        assert bilal.get(url).status_code == 200

        response = bilal.post(url, {"on_date": drafts[0].invoice_date.isoformat()})

        assert response.status_code == 303
        assert Invoice.objects.posted().count() == 2

    @pytest.mark.parametrize("key", ["", "used for something else"])
    def test_a_form_that_may_not_act_posts_no_draft_and_says_so_once(self, bilal, key):
        day = drafted_invoice().invoice_date.isoformat()
        url = reverse("invoicing:drafts_post")
        if key:
            bilal.post(url, {"on_date": day, "op_id": key})
        drafted_invoice()
        before = Invoice.objects.posted().count()

        response = bilal.post(url, {"on_date": day, "more": "1", "op_id": key})

        assert response.status_code == 422
        said = "already sent with other content" if key else "without its operation key"
        assert response.content.decode().count(said) == 1
        assert Invoice.objects.posted().count() == before


@needs_pdf
class TestThePdf:
    def test_it_is_served_and_made_on_the_first_request(self, bilal):
        invoice = posted_invoice()

        response = bilal.get(reverse("invoicing:invoice_pdf", args=[invoice.pk]))

        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF-")
        assert response["Content-Disposition"] == f'inline; filename="{invoice.number}.pdf"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]

    def test_it_can_be_saved_under_its_number(self, bilal):
        invoice = posted_invoice()

        response = bilal.get(reverse("invoicing:invoice_pdf", args=[invoice.pk]), {"download": ""})

        assert response["Content-Disposition"].startswith("attachment")

    def test_a_draft_has_a_preview(self, bilal):
        response = bilal.get(reverse("invoicing:invoice_pdf", args=[drafted_invoice().pk]))

        assert response.content.startswith(b"%PDF-")

    def test_it_has_the_guard_of_the_page(self, client, pablo):
        invoice = posted_invoice()
        url = reverse("invoicing:invoice_pdf", args=[invoice.pk])

        assert client.get(url).status_code == 302, "to the login"
        assert pablo.get(url).status_code == 403


def test_the_admin_shows_invoices_and_changes_nothing(boss):
    invoice = posted_invoice()
    url = reverse("admin:invoicing_invoice_change", args=[invoice.pk])

    assert invoice.number in boss.get(url).content.decode()
    assert boss.post(url, {"gross": "1"}).status_code == 403
    assert boss.get(reverse("admin:invoicing_invoice_changelist")).status_code == 200


def test_a_tax_that_changed_between_order_and_supply_is_named_on_the_draft(bilal):
    german_rates()
    with clock.at(date(2020, 6, 20)):
        order = released((1, "100.00"))
    with clock.at(date(2020, 7, 5)):
        draft = draft_of(dispatched(planned(order)[0]))

    page = bilal.get(page_of(draft)).content.decode().replace("\xa0", " ")

    assert "1 line was ordered with 19 % (Standard rate) tax and supplied on" in page
    assert "5 Jul 2020</time>: it is billed with 16 % (Standard rate)." in page
