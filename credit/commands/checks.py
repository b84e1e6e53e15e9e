"""The credit gate: every order passes here before the warehouse sees it.

The account's row lock is taken before anything is read, so two orders cannot spend the same
credit. A passing order is released in the same transaction; any other waits for a person.
"""

from typing import Any

from django.utils.translation import gettext as _

from credit.commands.accounts import new_account
from credit.models import CheckState, CreditAccount, CreditCheck
from credit.queries.authority import has_shaped, require_authority
from credit.queries.exposure import CreditPicture, exposure
from credit.queries.sentences import rule_sentences
from credit.rules import Decision, Standing, decide
from o2c.core import clock
from o2c.core.actors import SYSTEM, Actor, require
from o2c.core.commands import command, lock, lock_now, lock_where
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.money import ZERO, convert, round_amount
from o2c.core.transitions import begin, save_document, transition
from o2c.masters.queries import company
from orders.commands import change_hold, hold_order, release_order
from orders.models import HoldKind, Order, OrderState


class CreditRefused(RuleViolation):
    """A change of an order that credit does not allow."""

    status = 409


class OwnOrder(NotPermitted):
    """Nobody decides about the credit of an order they made or changed themselves."""


@command
def check_order(order_id: int, *, actor: Actor) -> CreditCheck | None:
    """Decide whether a confirmed order may be released; asks again for one on credit hold.

    Does nothing for orders in any other state.
    """
    account = _lock_account_of(order_id, actor)
    order = lock(Order, order_id)
    if order.state == OrderState.CONFIRMED:
        return _check(account, order, None)
    if order.state == OrderState.ON_HOLD and order.is_held_by_credit:
        held = lock_where(CreditCheck, order_id=order.pk, state=CheckState.HELD)
        return _check(account, order, held[0] if held else None)
    return None


@command
def check_reopened_order(order_id: int, *, actor: Actor) -> CreditCheck:
    """Let an amended order go on only if credit allows its new value; else refuse the change.

    Runs in the amending transaction, which holds the order already. The account comes out of
    turn, so it is taken without waiting: who would have to wait is told to try again.
    Raises CreditRefused with every rule that fired.
    """
    order = lock(Order, order_id)
    waiting = CreditAccount.objects.filter(customer_id=order.payer_id)
    account = lock_now(waiting) or new_account(order.payer_id, actor)
    picture = exposure(order.payer_id, order_id=order.pk)
    decision = decide(picture.exposure, _standing(account, picture), clock.today())
    if not decision.passes:
        raise CreditRefused(
            _("Credit does not allow this change of %(order)s. %(reasons)s")
            % {"order": order, "reasons": _reasons(decision, picture)}
        )
    return _pass(account, order, picture, decision)


@command
def recheck_check(check_id: int, *, actor: Actor) -> CreditCheck:
    """A person asks again: a payment has come, a limit was raised. May release the order.

    About a rejected order this is a new question; the answer before stays on record.
    """
    require(actor, "credit.recheck_check")
    account, order, check = _lock_for_decision(check_id)
    if check.state == CheckState.HELD:
        return _check(account, order, check) or check
    if check.state == CheckState.REJECTED and order.is_held_by_credit:
        held = lock_where(CreditCheck, order_id=order.pk, state=CheckState.HELD)
        return _check(account, order, held[0] if held else None, again=True) or check
    return check


@command
def recheck_payer(customer_id: int, *, actor: Actor) -> list[CreditCheck]:
    """Ask again for all orders of a payer on credit hold, oldest first: money may have come."""
    found = lock_where(CreditAccount, customer_id=customer_id)
    if not found:
        return []
    orders = lock_where(
        Order, payer_id=customer_id, state=OrderState.ON_HOLD, hold_kind=HoldKind.CREDIT
    )
    held = {
        check.order_id: check
        for check in lock_where(
            CreditCheck, order_id__in=[order.pk for order in orders], state=CheckState.HELD
        )
    }
    checks = [_check(found[0], order, held.get(order.pk)) for order in orders]
    return [check for check in checks if check is not None]


@command
def recheck_account(account_id: int, *, actor: Actor) -> list[CreditCheck]:
    """Ask again after a limit, a block or what we know of the payer has changed."""
    return recheck_payer(lock(CreditAccount, account_id).customer_id, actor=actor)


@command
def hold_blocked_payer(account_id: int, *, actor: Actor) -> list[CreditCheck]:
    """Call back what is released and not shipped of a payer whose account is blocked.

    Nothing more of it is picked, packed or dispatched until a person decides order by order, or
    the account is open again. What has shipped is billed as ever.
    """
    account = lock(CreditAccount, account_id)
    if not account.blocked:
        return []
    states = [OrderState.RELEASED, OrderState.IN_FULFILLMENT]
    orders = lock_where(Order, payer_id=account.customer_id, state__in=states)
    return [check for order in orders if (check := _check(account, order, None)) is not None]


@command
def approve_check(check_id: int, *, reason: str, actor: Actor) -> CreditCheck:
    """Release a held order on this person's authority.

    Raises OwnOrder for who made or changed the order, AboveAuthority above the ceiling of the
    actor's roles, RuleViolation without a reason.
    """
    reason = _required(reason)
    account, order, check = _lock_for_decision(check_id)
    _require_another_with_authority(check, order, actor)
    _note_decision(check, actor, reason)
    amount = round_amount(check.amount, check.currency)
    transition(check, "approve", actor=actor, reason=reason, amount=amount)
    if not account.first_order_cleared:
        account.first_order_cleared = True
        save_document(account, actor=actor, event="cleared", check=check.number)
    release_order(order.pk, actor=SYSTEM)
    return check


@command
def reject_check(check_id: int, *, reason: str, actor: Actor) -> CreditCheck:
    """Refuse a held order. It stays on hold with this reason; sales may reduce or cancel it.

    Raises as `approve_check` does: a no is as much a decision as a yes.
    """
    reason = _required(reason)
    _account, order, check = _lock_for_decision(check_id)
    _require_another_with_authority(check, order, actor)
    _note_decision(check, actor, reason)
    transition(check, "reject", actor=actor, reason=reason)
    change_hold(
        order.pk, reason=_("Credit was refused: %(reason)s") % {"reason": reason}, actor=SYSTEM
    )
    return check


@command
def withdraw_check(order_id: int, *, actor: Actor) -> CreditCheck | None:
    """Close the question about an order that was cancelled."""
    _lock_account_of(order_id, actor)
    lock(Order, order_id)
    held = lock_where(CreditCheck, order_id=order_id, state=CheckState.HELD)
    if not held:
        return None
    _note_decision(held[0], actor, "")
    return transition(held[0], "withdraw", actor=actor)


def _required(reason: str) -> str:
    if not reason.strip():
        raise RuleViolation(_("Give a reason; it is kept with the decision."), field="reason")
    return reason.strip()[:500]


def _lock_account_of(order_id: int, actor: Actor) -> CreditAccount:
    """Lock the credit account of an order's payer, opened when there is none."""
    payer = Order.objects.filter(pk=order_id).values("payer_id")
    found = lock_where(CreditAccount, customer_id__in=payer)
    if found:
        return found[0]
    payer_id = payer.values_list("payer_id", flat=True).first()
    if payer_id is None:
        raise NotFound(_("Order %(pk)s does not exist.") % {"pk": order_id})
    return new_account(payer_id, actor)


def _lock_for_decision(check_id: int) -> tuple[CreditAccount, Order, CreditCheck]:
    """Lock account, order and check, in the order of their ranks."""
    keys = CreditCheck.objects.filter(pk=check_id).values_list("account_id", "order_id").first()
    if keys is None:
        raise NotFound(_("Check %(pk)s does not exist.") % {"pk": check_id})
    account = lock(CreditAccount, keys[0])
    order = lock(Order, keys[1])
    return account, order, lock(CreditCheck, check_id)


def _require_another_with_authority(check: CreditCheck, order: Order, actor: Actor) -> None:
    """Four eyes: not who made or changed the order, and only up to the ceiling of the roles."""
    if actor.get_username() == check.requested_by:
        raise OwnOrder(
            _("You made %(order)s yourself; somebody else must decide.") % {"order": order}
        )
    if has_shaped(order.pk, actor.get_username()):
        raise OwnOrder(
            _("You changed %(order)s yourself; somebody else must decide.") % {"order": order}
        )
    base_currency = company().base_currency
    require_authority(actor, convert(order.gross, order.exchange_rate, base_currency))


def _note_decision(check: CreditCheck, actor: Actor, reason: str) -> None:
    check.decided_by = actor.get_username()
    check.decided_at = clock.now()
    check.reason = reason


def _standing(account: CreditAccount, picture: CreditPicture) -> Standing:
    return Standing(
        limit=picture.limit,
        blocked=account.blocked,
        stop_reason=account.stop_reason,
        known_customer=account.first_order_cleared,
        hold_new_customers=picture.hold_new_customers,
        overdue_amount=round_amount(ZERO + account.overdue_amount, account.currency),
        oldest_due_date=account.oldest_due_date,
        overdue_days_allowed=account.overdue_days_allowed,
    )


def _check(
    account: CreditAccount, order: Order, held: CreditCheck | None, *, again: bool = False
) -> CreditCheck | None:
    """Ask the rules about an order and do what they say. Account, order and held are locked.

    What a person has refused is asked `again` only by a person, or when the order has changed.
    """
    if held is None and not again and order.state == OrderState.ON_HOLD and _was_rejected(order):
        return None
    picture = exposure(order.payer_id, order_id=order.pk)
    decision = decide(picture.exposure, _standing(account, picture), clock.today())
    if decision.passes and held is None:
        return _pass(account, order, picture, decision)
    if decision.passes:
        assert held is not None
        _fill(held, account, order, picture, decision)
        _note_decision(held, SYSTEM, "")
        transition(held, "cure", actor=SYSTEM, exposure=_facts(held)["exposure"])
        release_order(order.pk, actor=SYSTEM)
        return held
    if held is not None:
        return _refresh(held, account, order, picture, decision)
    return _hold(account, order, picture, decision)


def _pass(
    account: CreditAccount, order: Order, picture: CreditPicture, decision: Decision
) -> CreditCheck:
    check = CreditCheck(state=CheckState.APPROVED)
    _fill(check, account, order, picture, decision)
    _note_decision(check, SYSTEM, "")
    begin(check, actor=SYSTEM, event="passed", **_facts(check))
    release_order(order.pk, actor=SYSTEM)
    return check


def _hold(
    account: CreditAccount, order: Order, picture: CreditPicture, decision: Decision
) -> CreditCheck:
    check = CreditCheck(state=CheckState.HELD)
    _fill(check, account, order, picture, decision)
    begin(check, actor=SYSTEM, event="held", **_facts(check))
    reasons = _reasons(decision, picture)
    if order.state == OrderState.ON_HOLD:
        change_hold(order.pk, reason=reasons, actor=SYSTEM)
    else:
        hold_order(order.pk, reason=reasons, kind=HoldKind.CREDIT, actor=SYSTEM)
    return check


def _refresh(
    held: CreditCheck,
    account: CreditAccount,
    order: Order,
    picture: CreditPicture,
    decision: Decision,
) -> CreditCheck:
    """Bring the figures of an open question up to date; write only when they have changed."""
    before = (held.order_gross, held.amount, held.exposure, held.limit_amount, held.rules)
    _fill(held, account, order, picture, decision)
    if before != (held.order_gross, held.amount, held.exposure, held.limit_amount, held.rules):
        save_document(held, actor=SYSTEM, event="rechecked", **_facts(held))
        change_hold(order.pk, reason=_reasons(decision, picture), actor=SYSTEM)
    return held


def _was_rejected(order: Order) -> bool:
    """Whether a person has said no to the order as it is now."""
    last = CreditCheck.objects.filter(order=order).order_by("-pk").first()
    return (
        last is not None and last.state == CheckState.REJECTED and last.order_gross == order.gross
    )


def _fill(
    check: CreditCheck,
    account: CreditAccount,
    order: Order,
    picture: CreditPicture,
    decision: Decision,
) -> None:
    check.account = account
    check.order = order
    check.order_gross = order.gross
    check.requested_by = order.created_by
    check.currency = picture.currency
    check.amount = picture.exposure.this_order
    check.exposure = picture.exposure.total
    check.limit_amount = picture.limit
    check.waterfall = picture.exposure.as_json()
    check.rules = [rule.as_json() for rule in decision.fired]
    check.rule_version = decision.rule_version


def _facts(check: CreditCheck) -> dict[str, Any]:
    limit = check.limit_amount
    return {
        "order": check.order.number,
        "amount": round_amount(check.amount, check.currency),
        "exposure": round_amount(check.exposure, check.currency),
        "limit": None if limit is None else round_amount(limit, check.currency),
        "currency": check.currency,
        "rules": [rule["rule"] for rule in check.rules],
    }


def _reasons(decision: Decision, picture: CreditPicture) -> str:
    return " ".join(rule_sentences([r.as_json() for r in decision.fired], picture.currency))
