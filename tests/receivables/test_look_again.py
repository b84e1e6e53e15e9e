"""A letter is looked at once more before it leaves: about what is still due, for what it costs."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from receivables.commands import (
    Share,
    allocate_payment,
    approve_dunning_run,
    note_bank_data,
    open_dispute,
    pause_dunning,
    propose_dunning,
    send_dunning_letters,
)
from receivables.models import DunningLetter, DunningNotice, ItemKind, OpenItem
from tests.conftest import person
from tests.factories.masters import BankAccountFactory, CurrencyFactory, CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today", "printed")]

TODAY = date(2026, 6, 30)
late = given.late


@pytest.fixture
def policy():
    return DunningPolicyFactory(
        pre_due=False,
        levels=[{"days": 5, "fee": "10.00", "interest_percent": "10"}, {"days": 20, "fee": "20"}],
    )


def approved():
    run = propose_dunning(actor=SYSTEM)
    return approve_dunning_run(run.pk, actor=SYSTEM)


def test_what_was_paid_disputed_or_paused_meanwhile_is_left_out(policy, printed):
    customer = CustomerFactory()
    paid, contested, rest = (late(15, customer=customer) for _ in range(3))
    paused = late(15)
    run = approved()
    payment = given.payment("100.00", customer=customer, on=TODAY)
    allocate_payment(payment.pk, shares=[Share(paid.pk, D("100.00"))], actor=SYSTEM)
    open_dispute(contested.pk, amount=D("100.00"), reason="damage", actor=SYSTEM)
    pause_dunning(paused.customer_id, until=TODAY, reason="x", actor=SYSTEM)

    assert send_dunning_letters(run.pk, actor=SYSTEM) == 1

    (part,) = printed.call_args.args[1]["currencies"]
    assert [line.document for line in part.lines] == [str(rest)]
    reasons = {n.open_item_id: n.dropped_reason for n in DunningNotice.objects.all()}
    assert reasons == {paid.pk: "paid", contested.pk: "disputed", rest.pk: "", paused.pk: "paused"}
    assert DunningLetter.objects.get(customer=paused.customer).dropped_at


def test_money_that_came_is_not_asked_for_though_nobody_has_applied_it(policy):
    item = late(15)
    run = approved()
    given.payment("100.00", customer=item.customer, on=TODAY)

    assert send_dunning_letters(run.pk, actor=SYSTEM) == 0
    assert DunningNotice.objects.get().dropped_reason == "covered"


@pytest.fixture
def watched(policy):
    """The policy wants bank data of three days; there is some of yesterday."""
    policy.bank_days = 3
    policy.save()
    note_bank_data(given.bank_account().pk, through_date=TODAY - timedelta(days=1), actor=SYSTEM)
    return policy


def test_what_may_have_been_paid_since_the_bank_was_last_looked_at_is_not_asked_for(watched):
    late(15)
    run = approved()

    with clock.at(TODAY + timedelta(days=3)):
        assert send_dunning_letters(run.pk, actor=SYSTEM) == 0
        assert DunningNotice.objects.get().get_dropped_reason_display() == "Bank data too old"
        note_bank_data(given.bank_account().pk, through_date=clock.today(), actor=SYSTEM)
        assert propose_dunning(actor=SYSTEM).notice_count == 1


def test_what_was_held_back_for_the_bank_stands_on_its_page_with_the_reason(watched, client):
    late(15)
    run = approved()
    with clock.at(TODAY + timedelta(days=3)):
        send_dunning_letters(run.pk, actor=SYSTEM)
    client.force_login(person("controller"))

    for page in (run.get_absolute_url(), DunningLetter.objects.get().get_absolute_url()):
        text = client.get(page).content.decode()
        assert "Bank data too old" in text
        assert "not sent" in text


def test_bank_data_of_another_currency_holds_nothing_back(watched):
    late(15)
    CurrencyFactory(code="USD")
    dollars = BankAccountFactory(code="USD", iban="", account_number="1", currency="USD")
    note_bank_data(dollars.pk, through_date=TODAY - timedelta(days=99), actor=SYSTEM)

    assert send_dunning_letters(approved().pk, actor=SYSTEM) == 1


def test_what_is_left_below_the_smallest_amount_is_not_asked_for(policy):
    policy.minimum = D("50.00")
    policy.save()
    item = late(15)
    run = approved()
    given.paid(item, "50.01")

    assert send_dunning_letters(run.pk, actor=SYSTEM) == 0
    assert DunningNotice.objects.get().dropped_reason == "below_minimum"


def test_when_the_sternest_item_is_paid_the_letter_becomes_milder(policy):
    customer = CustomerFactory()
    stern = late(15, customer=customer)
    given.sent_run(on=TODAY)
    with clock.at(TODAY + timedelta(days=10)):
        mild = late(6, customer=customer)
        run = approved()
        assert DunningLetter.objects.get(run=run).level.level == 2
        payment = given.payment("100.00", customer=customer, on=TODAY)
        allocate_payment(payment.pk, shares=[Share(stern.pk, D("100.00"))], actor=SYSTEM)
        send_dunning_letters(run.pk, actor=SYSTEM)

    letter = DunningLetter.objects.get(run=run)
    assert (letter.level.level, letter.fee) == (1, D("10.00"))
    assert mild.pk == DunningNotice.objects.get(letter=letter, sent_at__isnull=False).open_item_id


def test_what_was_asked_for_is_on_record_and_costs_its_own_percentage():
    DunningPolicyFactory(pre_due=False, levels=[{"days": 5, "fee_percent": "10"}])
    item = late(15)
    run = approved()
    given.paid(item, "60.00")

    send_dunning_letters(run.pk, actor=SYSTEM)

    assert DunningNotice.objects.get().amount == D("40.00")
    assert DunningLetter.objects.get().fee == D("4.00")
    assert OpenItem.objects.get(kind=ItemKind.CHARGE).original == D("4.00")


def test_a_letter_costs_no_more_than_was_approved(policy):
    late(15)
    run = approved()
    policy.levels.filter(level=1).update(fee=D("99.00"))

    send_dunning_letters(run.pk, actor=SYSTEM)

    assert DunningLetter.objects.get().fee == D("10.00")
