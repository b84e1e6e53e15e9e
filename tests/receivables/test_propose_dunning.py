"""The daily proposal: who is reminded of what, who is left alone and why."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from receivables.commands import (
    Share,
    allocate_payment,
    approve_dunning_run,
    discard_dunning_run,
    note_bank_data,
    open_dispute,
    pause_dunning,
    propose_dunning,
    record_promise,
    send_dunning_letters,
)
from receivables.models import (
    DunningExclusion,
    DunningLetter,
    DunningNotice,
    DunningProfile,
    DunningRun,
)
from tests.factories.masters import CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

TODAY = date(2026, 6, 30)


@pytest.fixture
def policy():
    return DunningPolicyFactory()


def late(days, amount="100.00", **fields):
    return given.debt(amount, due=TODAY - timedelta(days=days), **fields)


def proposed():
    """(document, level, amount) of every notice, and (document, reason, amount) of every rest."""
    run = propose_dunning(actor=SYSTEM)
    notices = DunningNotice.objects.filter(letter__run=run).order_by("pk")
    return (
        [(n.open_item.document_number, n.level, n.amount) for n in notices],
        [(e.open_item.document_number, e.reason, e.amount) for e in run.exclusions.order_by("pk")],
    )


def test_one_letter_per_customer_at_the_highest_level_of_its_items(policy):
    customer = CustomerFactory()
    late(9, number="A", customer=customer)
    late(50, number="B", customer=customer)
    late(-2, number="C", customer=customer)
    late(9, number="D")
    late(4, number="too early")

    notices, rest = proposed()

    run = DunningRun.objects.get()
    assert notices == [
        ("B", 1, D("100.00")),
        ("A", 1, D("100.00")),
        ("C", 0, D("100.00")),
        ("D", 1, D("100.00")),
    ]
    assert rest == []
    assert (run.letter_count, run.notice_count, run.excluded_count) == (2, 4, 0)
    assert DunningLetter.objects.get(customer=customer).level.level == 1
    facts = Event.objects.get(name="dunning_run.proposed").facts
    assert facts == {"date": "2026-06-30", "letters": 2, "items": 4, "excluded": 0}


def test_levels_rise_from_letter_to_letter_and_end_when_paid(policy):
    item = late(0, number="A")
    day = TODAY

    def run(days):
        with clock.at(day + timedelta(days=days)):
            notices, rest = proposed()
            live = DunningRun.objects.latest("pk")
        return notices, rest, live

    assert run(4)[0] == []
    notices, _rest, first = run(5)
    assert notices == [("A", 1, D("100.00"))]
    assert run(30)[:2] == ([], [("A", "waiting", D("100.00"))])
    with clock.at(day + timedelta(days=30)):
        approve_dunning_run(first.pk, actor=SYSTEM)
        send_dunning_letters(first.pk, actor=SYSTEM)
    with clock.at(day + timedelta(days=31)):
        pause_dunning(
            item.customer_id, until=day + timedelta(days=32), reason="call them", actor=SYSTEM
        )
    assert run(31)[:2] == ([], [("A", "paused", D("100.00"))])
    assert run(33)[:2] == ([], [("A", "too_recent", D("100.00"))])
    assert run(37)[0] == [("A", 2, D("100.00"))]
    with clock.at(day + timedelta(days=34)):
        payment = given.payment("100.00", customer=item.customer, on=day + timedelta(days=34))
        allocate_payment(payment.pk, shares=[Share(item.pk, D("100.00"))], actor=SYSTEM)
    assert run(60)[:2] == ([], [])


def test_disputes_promises_and_unapplied_money_are_left_alone_for_their_amount(policy):
    disputed, promised, covered = (
        late(9, number=number, customer=CustomerFactory()) for number in "DPC"
    )
    open_dispute(disputed.pk, amount=D("30.00"), reason="price", actor=SYSTEM)
    record_promise(promised.pk, amount=D("100.00"), promised_date=TODAY, actor=SYSTEM)
    given.payment("60.00", customer=covered.customer, on=TODAY)

    notices, rest = proposed()

    assert notices == [("D", 1, D("70.00")), ("C", 1, D("40.00"))]
    assert rest == [
        ("D", "disputed", D("30.00")),
        ("P", "promised", D("100.00")),
        ("C", "covered", D("60.00")),
    ]


def test_an_open_credit_covers_like_money(policy):
    customer = CustomerFactory()
    late(9, number="A", customer=customer)
    given.debt("-100.00", customer=customer)

    assert proposed() == ([], [("A", "covered", D("100.00"))])


def test_a_promise_whose_day_has_passed_protects_no_more(policy):
    item = late(9, number="A")
    with clock.at(TODAY - timedelta(days=5)):
        record_promise(
            item.pk, amount=D("100.00"), promised_date=TODAY - timedelta(days=1), actor=SYSTEM
        )

    assert proposed()[0] == [("A", 1, D("100.00"))]


@pytest.mark.parametrize(("known_days_ago", "level"), [(None, None), (4, None), (3, 1), (0, 1)])
def test_nobody_is_reminded_while_the_bank_was_not_looked_at(known_days_ago, level):
    DunningPolicyFactory(bank_days=3)
    late(9, number="A")
    if known_days_ago is not None:
        note_bank_data(
            given.bank_account().pk,
            through_date=TODAY - timedelta(days=known_days_ago),
            actor=SYSTEM,
        )

    notices, rest = proposed()

    assert notices == ([("A", 1, D("100.00"))] if level else [])
    assert rest == ([] if level else [("A", "stale_bank", D("100.00"))])


def test_a_policy_of_its_own_and_a_smallest_amount(policy):
    strict = DunningPolicyFactory(is_default=False, levels=[{"days": 1}], pre_due=False)
    mine, other = late(2, number="A"), late(9, "4.99", number="B")
    DunningProfile.objects.create(customer=mine.customer, policy=strict)
    policy.minimum = D("5.00")
    policy.save()

    notices, rest = proposed()

    assert notices == [("A", 1, D("100.00"))]
    assert rest == [("B", "below_minimum", D("4.99"))]
    assert other.pk


def test_fee_and_interest_are_proposed_with_the_letter():
    DunningPolicyFactory(
        levels=[{"days": 5, "fee": "10.00", "interest_percent": "10"}], pre_due=False
    )
    late(15, number="A")

    propose_dunning(actor=SYSTEM)

    assert DunningLetter.objects.get().fee == D("10.00")
    assert DunningNotice.objects.get().interest == D("0.41")


def test_interest_is_for_the_balance_there_was_and_charged_once():
    DunningPolicyFactory(
        days_between=1,
        levels=[{"days": 5, "interest_percent": "10"}, {"days": 20, "interest_percent": "10"}],
        pre_due=False,
    )
    item = given.debt("365.00", posted=date(2026, 5, 1), due=date(2026, 5, 31))
    given.sent_run(on=date(2026, 6, 10))
    payment = given.payment("182.50", customer=item.customer, on=date(2026, 6, 20))
    allocate_payment(payment.pk, shares=[Share(item.pk, D("182.50"))], actor=SYSTEM)

    propose_dunning(actor=SYSTEM)

    interests = DunningNotice.objects.order_by("pk").values_list("interest", flat=True)
    assert list(interests) == [D("1.00"), D("1.50")]  # 10 days; then 10 whole and 10 half ones


def test_there_is_one_live_run_a_day(policy):
    first = propose_dunning(actor=SYSTEM)

    with pytest.raises(RuleViolation, match=f"{first} of 30 Jun 2026 is there already. Discard it"):
        propose_dunning(actor=SYSTEM)
    discard_dunning_run(first.pk, reason="wrong day", actor=SYSTEM)

    assert propose_dunning(actor=SYSTEM).pk != first.pk


def test_what_was_approved_today_is_not_said_to_be_discarded_first(policy):
    late(9)
    approve_dunning_run(propose_dunning(actor=SYSTEM).pk, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="The next run is for another day"):
        propose_dunning(actor=SYSTEM)


def test_nobody_is_reminded_today_of_what_will_be_late_tomorrow(policy):
    late(4)

    with pytest.raises(RuleViolation, match="Run date: 1 Jul 2026 does not lie between") as refused:
        propose_dunning(run_date=TODAY + timedelta(days=1), actor=SYSTEM)

    assert refused.value.field == "run_date"
    assert not DunningRun.objects.exists()


def test_without_a_policy_a_person_is_told():
    with pytest.raises(RuleViolation, match="no default dunning policy"):
        propose_dunning(actor=SYSTEM)


def test_late_charges_are_not_dunned_themselves():
    DunningPolicyFactory(levels=[{"days": 5, "fee": "10.00"}], pre_due=False)
    late(9, number="A")
    given.sent_run(on=TODAY)

    with clock.at(TODAY + timedelta(days=60)):
        assert proposed() == ([], [])


def test_a_run_costs_the_same_for_two_customers_and_for_twenty(policy, count_statements):
    for _ in range(2):
        late(9)
    with count_statements() as two:
        discard = propose_dunning(actor=SYSTEM)
    discard_dunning_run(discard.pk, reason="wrong day", actor=SYSTEM)
    for _ in range(18):
        late(9)
    with count_statements() as twenty:
        propose_dunning(actor=SYSTEM)

    assert int(two) == int(twenty) <= 22, str(twenty)


def test_what_was_left_alone_is_kept(policy):
    pause_dunning(late(9).customer_id, until=TODAY, reason="x", actor=SYSTEM)

    propose_dunning(actor=SYSTEM)

    assert DunningExclusion.objects.get().get_reason_display() == "Customer paused"


def test_a_sales_clerk_may_not(policy, clerk):
    with pytest.raises(NotPermitted):
        propose_dunning(actor=clerk)
