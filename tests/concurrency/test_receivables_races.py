"""R02, R08: many hands on one payment, one item, one credit, one day's reminders."""

from datetime import date, timedelta
from decimal import Decimal as D
from functools import partial
from unittest import mock

import pytest
from django.db import IntegrityError

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import Busy, RuleViolation, StaleVersion
from o2c.core.models import JobRun, OutgoingMessage
from o2c.core.verify import run_all
from o2c.masters.commands import amend_master
from receivables.commands import (
    OpeningItem,
    PaymentShare,
    Share,
    allocate_credit,
    allocate_payment,
    approve_dunning_run,
    pause_dunning,
    propose_daily_dunning,
    propose_dunning,
    record_payment,
    record_promise,
    reverse_allocations,
    send_dunning_letters,
    take_over_items,
)
from receivables.models import (
    Allocation,
    DunningNotice,
    DunningProfile,
    DunningRun,
    OpenItem,
    Payment,
    Promise,
    Repayment,
)
from tests.concurrency.race import constraint_off, locks_off, lost, race, won
from tests.factories.masters import CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = date(2026, 6, 30)
FAR = clock.today() + timedelta(days=1000)
REFEREE = ("receivables_openitem", "receivables_openitem_open_within_original")
REFEREE_IN_BASE = ("receivables_openitem", "receivables_openitem_base_open_within_original")


def broken():
    """The ids of the invariants that do not hold."""
    proof = ["E3", "E8", "F1", "F2", "F5", "F9", "F10", "F12", "G1", "G2", "G3", "G4"]
    return [finding.invariant.id for finding in run_all(only=proof) if not finding.holds]


def apply(payment, item, amount="100.00"):
    return partial(allocate_payment, payment.pk, shares=[Share(item.pk, D(amount))], actor=SYSTEM)


def one_payment_two_items():
    customer = CustomerFactory()
    items = [given.debt("100.00", customer=customer) for _ in range(2)]
    payment = given.payment("100.00", customer=customer)
    return [apply(payment, item) for item in items]


def two_payments_one_item():
    customer = CustomerFactory()
    item = given.debt("100.00", customer=customer)
    return [apply(given.payment("100.00", customer=customer), item) for _ in range(2)]


@pytest.mark.parametrize("contest", [one_payment_two_items, two_payments_one_item])
def test_the_second_clerk_sees_what_is_left_and_is_told(contest):
    outcomes = race(*contest())

    (refusal,) = lost(outcomes)
    assert isinstance(refusal, RuleViolation)
    assert Allocation.objects.count() == 1
    assert broken() == []


def test_without_the_lock_one_payment_is_spent_twice():
    contenders = one_payment_two_items()

    with locks_off():
        outcomes = race(*contenders)

    assert len(won(outcomes)) == 2
    assert "F2" in broken()


def test_without_the_lock_the_loser_crashes_into_the_referee():
    contenders = two_payments_one_item()

    with locks_off():
        outcomes = race(*contenders)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError]
    assert broken() == []


def test_without_lock_and_referee_one_item_is_paid_twice():
    contenders = two_payments_one_item()

    with constraint_off(*REFEREE), constraint_off(*REFEREE_IN_BASE), locks_off():
        outcomes = race(*contenders)
        assert len(won(outcomes)) == 2
        assert "F1" in broken()


def test_eight_clerks_apply_one_payment_to_one_item_once():
    customer = CustomerFactory()
    item = given.debt("100.00", customer=customer)
    payment = given.payment("80.00", customer=customer)

    outcomes = race(*[apply(payment, item, "10.00")] * 8)

    item.refresh_from_db()
    assert lost(outcomes) == []
    assert item.open_amount == D("20.00")
    assert broken() == []


def two_refunds_of_one_overpayment():
    customer = CustomerFactory()
    given.payment("800.00", customer=customer)
    refund = given.receipt("800.00", customer=customer, direction="out")
    return [partial(record_payment, refund, actor=SYSTEM) for _ in range(2)]


def beyond_of_all():
    return sorted(Payment.objects.filter(direction="out").values_list("beyond", flat=True))


def test_of_two_refunds_at_once_the_second_needs_approval():
    assert lost(race(*two_refunds_of_one_overpayment())) == []

    assert beyond_of_all() == [0, D("800.00")]
    assert broken() == []


def test_without_the_lock_both_refunds_leave_unasked():
    contest = two_refunds_of_one_overpayment()

    with locks_off():
        race(*contest)

    assert beyond_of_all() == [0, 0]


def test_a_refund_and_the_overpayment_meet_once():
    customer = CustomerFactory()
    received = given.payment("800.00", customer=customer)
    refund = given.payment("800.00", customer=customer, direction="out")
    sides = [(received, refund), (refund, received)]

    outcomes = race(
        *(
            partial(
                allocate_payment,
                one.pk,
                payments=[PaymentShare(other.pk, D("800.00"))],
                actor=SYSTEM,
            )
            for one, other in sides
        )
    )

    (refusal,) = lost(outcomes)
    assert "Nothing is left of" in str(refusal)
    assert Repayment.objects.count() == 1
    assert broken() == []


def two_uses_of_one_credit():
    customer = CustomerFactory()
    items = [given.debt("100.00", customer=customer) for _ in range(2)]
    credit = given.debt("-100.00", customer=customer)
    shares = [[Share(item.pk, D("100.00"))] for item in items]
    return [partial(allocate_credit, credit.pk, shares=share, actor=SYSTEM) for share in shares]


def test_one_credit_is_used_once_and_the_second_clerk_is_told():
    (refusal,) = lost(race(*two_uses_of_one_credit()))

    assert isinstance(refusal, RuleViolation)
    assert str(refusal).endswith("is no open credit; there is nothing of it to be used.")
    assert broken() == []


def test_without_the_lock_the_second_use_crashes_into_the_referee():
    contenders = two_uses_of_one_credit()

    with locks_off():
        (crash,) = lost(race(*contenders))

    assert isinstance(crash, IntegrityError)
    assert broken() == []


def four_ways_back():
    customer = CustomerFactory()
    item, payment = given.debt("100.00", customer=customer), given.payment(customer=customer)
    apply(payment, item)()
    return [partial(reverse_allocations, payment.pk, reason="x", actor=SYSTEM)] * 4


def test_an_allocation_is_taken_back_once_and_the_others_are_told():
    refusals = lost(race(*four_ways_back()))

    number = Payment.objects.get().number
    assert [type(refusal) for refusal in refusals] == [RuleViolation] * 3
    assert {str(refusal) for refusal in refusals} == {f"All of {number} was already taken back."}
    assert broken() == []


def test_without_the_lock_the_others_crash_into_the_referee():
    contenders = four_ways_back()

    with locks_off():
        crashes = lost(race(*contenders))

    assert [type(crash) for crash in crashes] == [IntegrityError] * 3
    assert broken() == []


# -- what a customer says, and what the books before ours say ----------------------------------


def two_promises_about_one_item():
    with clock.at(TODAY):
        item = given.debt("100.00")
    promise = partial(record_promise, item.pk, amount=D("50.00"), promised_date=TODAY)
    return [on_the_day(promise)] * 2


def test_of_two_promises_noted_at_once_one_stands_and_the_other_clerk_is_told():
    outcomes = race(*two_promises_about_one_item())

    assert all(isinstance(error, Busy) for error in lost(outcomes))
    assert Promise.objects.filter(state="open").count() == 1


def test_without_the_lock_the_second_promise_crashes_into_the_referee():
    contenders = two_promises_about_one_item()

    with locks_off():
        outcomes = race(*contenders)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError]


def one_file_taken_over_twice():
    day = given.POSTED
    row = OpeningItem(CustomerFactory().pk, "OLD-1", "EUR", D("10.00"), day, day, day, row=1)
    account_id = given.opening_account().pk
    return [partial(take_over_items, [row], account_id=account_id, actor=SYSTEM)] * 2


def test_debts_taken_over_by_two_at_once_are_here_once_and_the_second_is_told():
    (refusal,) = lost(race(*one_file_taken_over_twice()))

    assert isinstance(refusal, RuleViolation)
    assert refusal.row == 1
    assert OpenItem.objects.count() == 1


def test_without_the_lock_the_second_file_crashes_into_the_referee():
    contenders = one_file_taken_over_twice()

    with locks_off():
        outcomes = race(*contenders)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError]


# -- what is special about a customer ---------------------------------------------------------


def a_pause_and_a_policy():
    """A clerk pauses a customer's reminders while the administrator gives it a policy."""
    profile = DunningProfile.objects.create(customer=CustomerFactory())
    opened = DunningProfile.objects.get(pk=profile.pk)
    opened.policy = DunningPolicyFactory()
    pause = partial(pause_dunning, profile.customer_id, until=FAR, reason="call first")
    return [partial(pause, actor=SYSTEM), partial(amend_master, opened, actor=SYSTEM)]


def test_a_pause_keeps_the_policy_that_was_given_at_the_same_moment():
    outcomes = race(*a_pause_and_a_policy())

    profile = DunningProfile.objects.get()
    assert all(isinstance(error, StaleVersion) for error in lost(outcomes))
    assert profile.version == 1 + len(won(outcomes))
    assert profile.paused_until == FAR
    assert (profile.policy is not None) == (lost(outcomes) == [])


def test_without_the_lock_one_of_the_two_is_lost():
    contenders = a_pause_and_a_policy()

    with locks_off():
        outcomes = race(*contenders)

    profile = DunningProfile.objects.get()
    assert (len(won(outcomes)), profile.version) == (2, 2)
    assert profile.paused_until is None or profile.policy is None


def test_eight_clerks_pause_a_customer_whom_nobody_knows_yet():
    pause = partial(pause_dunning, CustomerFactory().pk, until=FAR, actor=SYSTEM)

    outcomes = race(*[partial(pause, reason=f"call {nr} first") for nr in range(8)])

    assert lost(outcomes) == []
    assert DunningProfile.objects.get().version == 8


# -- the day's reminders ----------------------------------------------------------------------


def late_payer():
    DunningPolicyFactory(pre_due=False, levels=[{"days": 5, "fee": "10.00"}])
    return given.debt("100.00", due=date(2026, 6, 1))


def on_the_day(action, **arguments):
    """A action on TODAY; the clock of the test does not reach into another thread."""

    def do():
        with clock.at(TODAY):
            return action(actor=SYSTEM, **arguments)

    return do


def test_two_beats_and_a_person_propose_one_run():
    late_payer()

    outcomes = race(
        on_the_day(propose_daily_dunning),
        on_the_day(propose_daily_dunning),
        on_the_day(propose_dunning),
    )

    assert all(isinstance(error, RuleViolation) for error in lost(outcomes))
    assert DunningRun.objects.count() == 1
    assert JobRun.objects.filter(name="dunning").count() <= 1
    assert DunningNotice.objects.count() == 1
    assert broken() == []


def test_without_the_lock_the_second_run_crashes_into_the_referee():
    late_payer()

    with locks_off():
        outcomes = race(*[on_the_day(propose_dunning)] * 2)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError]
    assert DunningRun.objects.count() == 1


def test_two_workers_send_one_letter_with_one_charge():
    item = late_payer()
    with clock.at(TODAY):
        run = propose_dunning(actor=SYSTEM)
        approve_dunning_run(run.pk, actor=SYSTEM)

    with mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF"):
        outcomes = race(*[on_the_day(partial(send_dunning_letters, run.pk))] * 4)

    assert sorted(outcomes) == [0, 0, 0, 1]
    assert OutgoingMessage.objects.count() == 1
    assert item.customer_id
    assert broken() == []


def test_without_the_lock_a_letter_would_be_charged_twice():
    late_payer()
    with clock.at(TODAY):
        run = propose_dunning(actor=SYSTEM)
        approve_dunning_run(run.pk, actor=SYSTEM)

    with (
        mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF"),
        locks_off(),
    ):
        outcomes = race(*[on_the_day(partial(send_dunning_letters, run.pk))] * 2)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError]
    assert broken() == []
