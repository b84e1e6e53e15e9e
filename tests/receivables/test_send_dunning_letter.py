"""Letters leave at most once, about what is still owed at that moment, and charge what they say."""

import io
from datetime import date, timedelta
from decimal import Decimal as D
from unittest import mock

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from o2c.core import clock
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.attachments import Attachment, read_file
from o2c.core.errors import Busy, RuleViolation
from o2c.core.models import OutgoingMessage
from o2c.core.pdf import pdf_problem
from o2c.ledger.queries import balance
from o2c.masters.models import ExchangeRate
from receivables.commands import (
    Share,
    allocate_payment,
    approve_dunning_run,
    approve_write_off,
    propose_dunning,
    request_write_off,
    send_dunning_letter,
    send_dunning_letters,
)
from receivables.models import DunningLetter, DunningNotice, ItemKind, OpenItem
from tests.factories.ledger import AccountFactory
from tests.factories.masters import (
    ContactFactory,
    CustomerFactory,
    ExchangeRateFactory,
)
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given
from tests.given.mail import send_due

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.skipif(bool(pdf_problem()), reason=str(pdf_problem())),
]

TODAY = date(2026, 6, 30)


@pytest.fixture
def policy():
    return DunningPolicyFactory(
        pre_due=False,
        levels=[{"days": 5, "fee": "10.00", "interest_percent": "10"}, {"days": 20, "fee": "20"}],
    )


def late(days, amount="100.00", **fields):
    return given.debt(amount, due=TODAY - timedelta(days=days), **fields)


def approved():
    run = propose_dunning(actor=SYSTEM)
    return approve_dunning_run(run.pk, actor=SYSTEM)


def printing():
    return mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF-1.7")


def send_all():
    with printing():
        return send_dunning_letters(approved().pk, actor=SYSTEM)


def test_a_letter_leaves_by_mail_with_its_pdf(policy):
    late(15, number="INV-1")
    run = approved()

    sent = send_dunning_letters(run.pk, actor=SYSTEM)
    send_due()

    letter = DunningLetter.objects.get()
    (message,) = mail.outbox
    assert sent == 1
    assert letter.sent_at == clock.now()
    assert message.subject == f"Reminder 1 {letter.number}"
    assert message.to == [letter.customer.email]
    assert [name for name, *_rest in message.attachments] == [f"{letter.number}.pdf"]
    assert read_file(Attachment.objects.get()).startswith(b"%PDF")
    assert OutgoingMessage.objects.get().at_most_once
    assert "Dear customer," in message.body
    assert f"The attached letter {letter.number} asks you to pay 110.41" in message.body


def test_a_german_customer_is_written_to_in_german(policy):
    late(15, customer=CustomerFactory(language="de"))
    run = approved()

    send_dunning_letters(run.pk, actor=SYSTEM)

    letter, message = DunningLetter.objects.get(), OutgoingMessage.objects.get()
    assert f"Mit dem beigefügten Schreiben {letter.number} bitten wir um" in message.body
    assert "110,41 EUR" in message.body
    reader = PdfReader(io.BytesIO(read_file(Attachment.objects.get())))
    document = "\n".join(page.extract_text() for page in reader.pages)
    document = document.replace("\N{NO-BREAK SPACE}", " ")
    for word in ("110,41 EUR", "Mahngebühr", "Verzugszinsen", "Zahlung", "Deutschland"):
        assert word in document


def test_it_leaves_once_however_often_it_is_asked_to(policy):
    late(15)
    run = approved()

    with mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF-1.7"):
        assert send_dunning_letters(run.pk, actor=SYSTEM) == 1
        assert send_dunning_letters(run.pk, actor=SYSTEM) == 0
        assert send_dunning_letter(DunningLetter.objects.get().pk, actor=SYSTEM) is False

    assert OutgoingMessage.objects.count() == 1


def test_nothing_leaves_before_a_person_has_approved(policy):
    late(15)
    run = propose_dunning(actor=SYSTEM)

    assert send_dunning_letters(run.pk, actor=SYSTEM) == 0
    assert send_dunning_letter(DunningLetter.objects.get().pk, actor=SYSTEM) is False


def test_dunning_contacts_get_it_before_accounts_payable(policy):
    item = late(15)
    ContactFactory(customer=item.customer, email="ap@x.example")
    ContactFactory(customer=item.customer, role="dunning", email="d@x.example", name="D")

    send_all()

    assert DunningLetter.objects.get().recipient == "d@x.example"


def test_without_an_address_it_is_printed(policy):
    item = late(15, customer=CustomerFactory(email=""))

    send_all()

    assert DunningLetter.objects.get(customer=item.customer).recipient == ""
    assert Attachment.objects.count() == 1
    assert not OutgoingMessage.objects.exists()


def test_a_letter_that_cannot_leave_keeps_no_other_back(policy):
    """Interest in a currency whose rate of the day nobody knows cannot be claimed."""
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.8"))
    stuck = late(15, customer=CustomerFactory(currency="USD"), currency="USD")
    other = late(15)
    run = approved()
    ExchangeRate.objects.all().delete()

    with printing(), pytest.raises(RuleViolation, match="USD"):
        send_dunning_letters(run.pk, actor=SYSTEM)

    assert DunningLetter.objects.get(sent_at__isnull=False).customer_id == other.customer_id
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.8"))
    with printing():
        assert send_dunning_letters(run.pk, actor=SYSTEM) == 1
    assert DunningNotice.objects.get(open_item=stuck).sent_at


def test_what_changes_while_it_is_printed_has_it_printed_anew(policy):
    customer = CustomerFactory()
    first, second = late(15, customer=customer), late(15, customer=customer)
    run = approved()
    printed = []

    def print_slowly(template, document, **_):
        printed.append([line.document for line in document["currencies"][0].lines])
        if len(printed) == 1:
            payment = given.payment("100.00", customer=customer, on=TODAY)
            allocate_payment(payment.pk, shares=[Share(first.pk, D("100.00"))], actor=SYSTEM)
        return b"%PDF"

    with mock.patch("receivables.commands.sending.render_pdf", print_slowly):
        assert send_dunning_letters(run.pk, actor=SYSTEM) == 1

    assert printed == [[str(first), str(second)], [str(second)]]


def test_a_letter_that_changes_again_and_again_is_not_forgotten(policy):
    """Its delivery is parked for a person, who has it tried again."""
    item = late(15)
    run = approved()

    def pay_while_it_prints(*_args, **_keywords):
        given.paid(item, "10.00")
        return b"%PDF"

    with (
        mock.patch("receivables.commands.sending.render_pdf", pay_while_it_prints),
        pytest.raises(Busy),
    ):
        send_dunning_letters(run.pk, actor=SYSTEM)

    with printing():
        assert send_dunning_letters(run.pk, actor=SYSTEM) == 1


def test_a_letter_approved_while_it_waited_counts_from_the_day_it_left(policy):
    """The days between two letters are the customer's days, not those of our desk."""
    late(15)
    run = propose_dunning(actor=SYSTEM)
    with clock.at(TODAY + timedelta(days=20)), printing():
        approve_dunning_run(run.pk, actor=SYSTEM)
        send_dunning_letters(run.pk, actor=SYSTEM)

    for days, notices in ((21, 0), (26, 0), (27, 1)):
        with clock.at(TODAY + timedelta(days=days)):
            assert propose_dunning(actor=SYSTEM).notice_count == notices


# -- charges ----------------------------------------------------------------------------------


def test_fee_and_interest_are_a_claim_that_survives_the_principal(policy, check_deferred):
    item = late(15)
    send_all()

    charge = OpenItem.objects.get(kind=ItemKind.CHARGE)
    assert charge.open_amount == D("10.41")
    payment = given.payment("100.00", customer=item.customer, on=TODAY)
    allocate_payment(payment.pk, shares=[Share(item.pk, D("100.00"))], actor=SYSTEM)

    charge.refresh_from_db()
    assert charge.open_amount == D("10.41")
    assert balance("AR", item.customer_id) == D("10.41")
    assert balance("REVENUE") == D("-10.41")
    check_deferred()


def test_charges_go_to_the_policys_account(policy):
    policy.charge_account = AccountFactory(kind="income")
    policy.save()
    late(15)

    send_all()

    assert balance("REVENUE") == 0


def test_the_printed_claim_is_principal_interest_and_fee(policy):
    late(15)
    run = approved()

    with mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF") as render:
        send_dunning_letters(run.pk, actor=SYSTEM)

    (part,) = render.call_args.args[1]["currencies"]
    assert (part.amount, part.interest, part.fee) == (D("100.00"), D("0.41"), D("10.00"))
    assert part.claim == D("110.41")


def test_fixed_and_percentage_fees_add_up_over_the_levels():
    DunningPolicyFactory(
        pre_due=False, days_between=1,
        levels=[{"days": 5, "fee": "10.00"}, {"days": 20, "fee_percent": "15"}],
    )  # fmt: skip
    item = late(15)

    balances = []
    for day in (TODAY, TODAY + timedelta(days=10)):
        with clock.at(day):
            send_all()
        balances.append(balance("AR", item.customer_id))

    assert balances == [D("110.00"), D("125.00")]


def test_a_charge_is_waived_by_a_write_off(policy):
    late(15)
    send_all()
    charge = OpenItem.objects.get(kind=ItemKind.CHARGE)

    request = request_write_off(
        charge.pk, amount=D("10.41"), reason="waived_charge", note="good customer", actor=SYSTEM
    )
    approve_write_off(request.pk, actor=SystemActor("another"))

    charge.refresh_from_db()
    assert charge.is_settled


def test_the_database_takes_one_live_notice_per_item_and_level(policy):
    late(15)
    propose_dunning(actor=SYSTEM)
    notice = DunningNotice.objects.get()
    notice.pk = None

    with pytest.raises(IntegrityError, match="once_per_level"), transaction.atomic():
        notice.save(force_insert=True)
