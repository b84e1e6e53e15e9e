from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from credit.commands import OwnOrder, approve_check, check_order, recheck_check, reject_check
from credit.models import CheckState, CreditCheck
from credit.queries.authority import AboveAuthority
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.masters.models import Company
from orders import commands
from orders.commands import LineChange, LineDraft, OrderDraft
from orders.models import Order, OrderState
from tests.conftest import person
from tests.factories.credit import CreditAuthorityFactory
from tests.factories.masters import CustomerFactory
from tests.factories.orders import OrderFactory
from tests.given import orders as given_orders
from tests.given.credit import account_of, checked_order, customer_with_limit
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """An order of 119.00 held for a limit of 100.00, and its check."""
    return checked_order(customer=customer_with_limit("100.00"), lines=[(10, "10.00")])


def test_v01_an_override_releases_the_order_and_is_recorded(held, credit_manager):
    order, check = held
    CreditAuthorityFactory()

    approve_check(check.pk, reason="Paid by card today.", actor=credit_manager)

    order.refresh_from_db()
    check.refresh_from_db()
    assert order.state == OrderState.RELEASED
    assert (check.state, check.overridden) == (CheckState.APPROVED, True)
    assert (check.decided_by, check.reason) == ("chris", "Paid by card today.")
    event = Event.objects.get(name="check.approved")
    assert (event.actor, event.facts["reason"]) == ("chris", "Paid by card today.")
    assert event.facts["amount"] == "119.00"
    asked = Event.objects.get(name="check.held").facts
    assert (asked["amount"], asked["exposure"], asked["limit"]) == ("119.00", "119.00", "100.00")


@pytest.mark.parametrize("decide", [approve_check, reject_check])
def test_nobody_decides_about_his_own_order(decide, credit_manager):
    customer = customer_with_limit("1.00")
    CreditAuthorityFactory()
    order, check = checked_order(customer=customer)
    CreditCheck.objects.filter(pk=check.pk).update(requested_by="chris")

    with pytest.raises(NotPermitted, match="somebody else"):
        decide(check.pk, reason="I know him.", actor=credit_manager)

    order.refresh_from_db()
    assert order.state == OrderState.ON_HOLD


@pytest.fixture
def both(credit_manager):
    """A person who has been given both duties, which roles alone would keep apart."""
    credit_manager.groups.add(Group.objects.get(name="sales clerk"))
    CreditAuthorityFactory()
    return type(credit_manager).objects.get(pk=credit_manager.pk)


def raised_by(actor, order):
    """The actor has one unit more delivered of an order that is held."""
    order.refresh_from_db()
    change = LineChange(lines_of(order)[0].pk, quantity=Decimal(11))
    commands.amend_order(order.pk, changes=[change], version=order.version, actor=actor)
    check_order(order.pk, actor=SYSTEM)


@pytest.mark.parametrize("decide", [approve_check, reject_check])
def test_who_amended_the_order_does_not_decide_about_it(decide, held, both):
    order, check = held
    raised_by(both, order)

    with pytest.raises(OwnOrder, match=f"You changed {order} yourself; somebody else must decide"):
        decide(check.pk, reason="I know him.", actor=both)

    order.refresh_from_db()
    assert order.state == OrderState.ON_HOLD


def test_nor_when_somebody_else_has_amended_it_since(held, both):
    order, check = held
    raised_by(both, order)
    cut(order, 10)

    with pytest.raises(OwnOrder):
        approve_check(check.pk, reason="I know him.", actor=both)


def test_nor_who_edited_the_draft(both):
    """Somebody else's draft of one unit became an order of ten in this person's hands."""
    customer = customer_with_limit("100.00")
    order = OrderFactory(customer=customer, lines=[(1, "10.00")])
    draft = OrderDraft(customer.pk, [LineDraft(lines_of(order)[0].item.code, Decimal(10))])
    commands.edit_draft(order.pk, draft, version=order.version, actor=both)
    commands.submit_order(order.pk, actor=SYSTEM)
    commands.confirm_order(order.pk, actor=SYSTEM)
    check = check_order(order.pk, actor=SYSTEM)

    with pytest.raises(OwnOrder, match="You changed"):
        approve_check(check.pk, reason="I know him.", actor=both)


def test_who_only_confirmed_it_may_decide(held, both):
    """Confirming asks for nothing: it promises what somebody else has asked for."""
    order = given_orders.submitted_order(
        customer=customer_with_limit("100.00"), lines=[(10, "10.00")]
    )
    commands.confirm_order(order.pk, actor=both)
    check = check_order(order.pk, actor=SYSTEM)

    assert approve_check(check.pk, reason="paid", actor=both).state == CheckState.APPROVED


def test_the_database_refuses_an_own_approval_and_one_without_a_reason(held):
    _order, check = held
    approved = CreditCheck.objects.filter(pk=check.pk)
    done = {"state": "approved", "overridden": True, "decided_at": "2026-01-01T00:00Z"}

    for wrong in (
        {"decided_by": "clara", "requested_by": "clara", "reason": "x"},
        {"decided_by": "chris", "reason": " "},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            approved.update(**done, **wrong)


@pytest.mark.parametrize("decide", [approve_check, reject_check])
def test_authority_ends_at_its_ceiling_in_the_base_currency(decide, held, credit_manager):
    _order, check = held
    CreditAuthorityFactory(amount=Decimal("118.99"))
    CreditAuthorityFactory(role="controller")

    with pytest.raises(AboveAuthority, match="controller"):
        decide(check.pk, reason="please", actor=credit_manager)

    type(CreditAuthorityFactory()).objects.filter(role="credit manager").update(
        amount=Decimal("119.00")
    )
    decide(check.pk, reason="please", actor=credit_manager)


@pytest.mark.parametrize("decide", [approve_check, reject_check])
def test_a_role_without_authority_decides_nothing(decide, held, credit_manager):
    _order, check = held

    with pytest.raises(AboveAuthority):
        decide(check.pk, reason="please", actor=credit_manager)


@pytest.mark.parametrize("role", ["sales clerk", "auditor", "controller"])
def test_other_roles_may_not_approve(held, role):
    _order, check = held
    CreditAuthorityFactory(role=role)

    with pytest.raises(NotPermitted):
        approve_check(check.pk, reason="please", actor=person(role))


@pytest.mark.parametrize("decide", [approve_check, reject_check])
def test_a_decision_needs_a_reason(held, decide, credit_manager):
    CreditAuthorityFactory()

    with pytest.raises(RuleViolation) as refused:
        decide(held[1].pk, reason=" ", actor=credit_manager)

    assert refused.value.field == "reason"


def test_a_decision_is_made_once(held, credit_manager):
    CreditAuthorityFactory()
    reject_check(held[1].pk, reason="no", actor=credit_manager)

    with pytest.raises(TransitionRefused):
        approve_check(held[1].pk, reason="yes", actor=credit_manager)


def cut(order, quantity) -> Order:
    order.refresh_from_db()
    change = LineChange(lines_of(order)[0].pk, quantity=Decimal(quantity))
    return commands.amend_order(order.pk, changes=[change], version=order.version, actor=SYSTEM)


def test_a_held_order_that_is_cut_is_cured_by_the_next_check(held):
    order, check = held
    cut(order, 8)

    check_order(order.pk, actor=SYSTEM)

    order.refresh_from_db()
    check.refresh_from_db()
    assert (order.state, check.state) == (OrderState.RELEASED, CheckState.APPROVED)
    assert not check.overridden


def test_a_held_order_that_is_still_too_much_has_new_figures(held):
    order, check = held
    cut(order, 9)

    check_order(order.pk, actor=SYSTEM)

    order.refresh_from_db()
    check.refresh_from_db()
    assert (check.state, check.exposure) == (CheckState.HELD, Decimal("107.10"))
    assert "7.10" in order.hold_reason


def test_a_raised_limit_cures_when_somebody_asks_again(held, credit_manager):
    order, check = held
    limits = account_of(check.account.customer).limits
    limits.update(amount=Decimal(119))

    recheck_check(check.pk, actor=credit_manager)

    order.refresh_from_db()
    assert order.state == OrderState.RELEASED


def test_approving_a_first_order_makes_the_customer_known(credit_manager):
    customer = CustomerFactory()
    CreditAuthorityFactory()
    Company.objects.update(credit_new_customer_hold=True)
    _order, check = checked_order(customer=customer)

    approve_check(check.pk, reason="Register checked.", actor=credit_manager)

    assert account_of(customer).first_order_cleared
    second, _check = checked_order(customer=customer)
    assert second.state == OrderState.RELEASED
