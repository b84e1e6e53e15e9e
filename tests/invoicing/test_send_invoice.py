"""Mailing invoices."""

import pytest

from invoicing.commands import mail_invoice, send_invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import OutgoingMessage
from o2c.core.pdf import pdf_problem
from o2c.masters.models import Contact
from tests.factories.masters import BankAccountFactory, CustomerFactory
from tests.given.invoicing import drafted_invoice, posted_credit, posted_invoice
from tests.given.mail import send_due

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(pdf_problem()), reason=pdf_problem()),
]


def payables(customer, email="ap@example.com", **contact):
    return Contact.objects.create(
        customer=customer, role="accounts_payable", name="Payables", email=email, **contact
    )


def test_an_invoice_goes_to_the_payables_desk_with_its_pdf(mailoutbox):
    BankAccountFactory()
    customer = CustomerFactory(email="office@example.com")
    payables(customer)
    invoice = posted_invoice((10, "10.00"), customer=customer, customer_reference="PO 7")

    message = send_invoice(invoice.pk)
    assert (message.state, mailoutbox) == ("queued", [])
    send_due()

    (email,) = mailoutbox
    assert email.to == ["ap@example.com"]
    assert email.subject == f"Invoice {invoice.number} from Nordwind Supply"
    assert "119.00 EUR" in email.body
    assert "PO 7" in email.body
    assert "<" not in email.body
    (attachment,) = email.attachments
    assert attachment[0] == f"{invoice.number}.pdf"
    assert attachment[1].startswith(b"%PDF-")


def test_without_payables_desk_it_goes_to_the_customer(mailoutbox):
    send_invoice(posted_invoice(customer=CustomerFactory(email="office@example.com")).pk)
    send_due()

    assert mailoutbox[0].to == ["office@example.com"]


def test_sending_again_sends_nothing(mailoutbox):
    invoice = posted_invoice(customer=CustomerFactory(email="office@example.com"))
    send_invoice(invoice.pk)
    send_due()

    send_invoice(invoice.pk)
    send_due()

    assert len(mailoutbox) == 1
    assert OutgoingMessage.objects.count() == 1


def test_a_credit_note_names_its_invoice(mailoutbox):
    invoice = posted_invoice(customer=CustomerFactory(email="office@example.com"))
    note = posted_credit(invoice)

    send_invoice(note.pk)
    send_due()

    assert mailoutbox[0].subject.startswith(f"Credit note {note.number}")
    assert invoice.number in mailoutbox[0].body


def test_customers_with_another_channel_get_no_mail(mailoutbox):
    customer = CustomerFactory(email="office@example.com", invoice_channel="print")

    assert send_invoice(posted_invoice(customer=customer).pk) is None
    assert mailoutbox == []


def test_a_customer_without_address_needs_a_person():
    invoice = posted_invoice(customer=CustomerFactory(email=""))

    with pytest.raises(RuleViolation, match="no e-mail address for invoices"):
        send_invoice(invoice.pk)


def test_a_draft_is_not_sent():
    with pytest.raises(RuleViolation, match="not posted"):
        send_invoice(drafted_invoice().pk)


def test_a_person_sends_it_elsewhere_with_a_line_of_his_own(mailoutbox, biller):
    invoice = posted_invoice(customer=CustomerFactory(email=""))

    mail_invoice(invoice.pk, to=["boss@example.com"], note="As promised.", actor=biller)
    mail_invoice(invoice.pk, to=["second@example.com"], actor=biller)
    assert send_due() == 2

    assert [email.to for email in mailoutbox] == [["boss@example.com"], ["second@example.com"]]
    assert "As promised." in mailoutbox[0].body


def test_one_press_of_the_button_sends_once(mailoutbox):
    invoice = posted_invoice()

    for _press in range(2):
        mail_invoice(invoice.pk, to=["a@example.com"], actor=SYSTEM, op_id="press-1")
    send_due()

    assert len(mailoutbox) == 1


def test_mailing_by_hand_needs_the_right(picker):
    invoice = posted_invoice()

    with pytest.raises(NotPermitted):
        mail_invoice(invoice.pk, to=["a@example.com"], actor=picker)


def test_a_draft_is_not_mailed_by_hand():
    with pytest.raises(RuleViolation, match="not posted"):
        mail_invoice(drafted_invoice().pk, to=["a@example.com"], actor=SYSTEM)
