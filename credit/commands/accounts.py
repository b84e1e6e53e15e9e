"""Credit accounts: opened, limited, blocked, fed with what is overdue."""

from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from djmoney.money import Money

from credit.models import CreditAccount, CreditAuthority, CreditLimit, LimitKind, RiskClass
from credit.queries.authority import require_authority
from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import update_rows
from o2c.core.commands import command, hold, lock, lock_where
from o2c.core.days import AnyDay, PlannedDay
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.money import ZERO, minor_units, round_amount, round_to
from o2c.core.transitions import begin, save_document, transition
from o2c.masters.models import Customer
from o2c.masters.queries import rate_on

#: days overdue that may be allowed: ten years
LONGEST_OVERDUE = 3650


@command
def open_account(
    customer_id: int, *, actor: Actor, first_order_cleared: bool = False
) -> CreditAccount:
    """The credit account of a payer, opened in the customer's currency when there is none yet."""
    require(actor, "credit.open_account")
    found = lock_where(CreditAccount, customer_id=customer_id)
    return found[0] if found else new_account(customer_id, actor, first_order_cleared)


def new_account(customer_id: int, actor: Actor, first_order_cleared: bool = False) -> CreditAccount:
    """Open the account of a payer who has none, or hold the one somebody else just opened.

    The customer's row is the gate for two who open at once. It is taken after rank 30, which is
    safe: whoever holds it waits for nothing that has an account.
    """
    gate = Customer._default_manager.select_for_update(no_key=True, of=("self",))
    customer = gate.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound(_("Customer %(pk)s does not exist.") % {"pk": customer_id})
    existing = CreditAccount.objects.filter(customer=customer).values_list("pk", flat=True).first()
    if existing:
        return lock(CreditAccount, existing)
    account = CreditAccount(
        customer=customer,
        currency=customer.currency,
        first_order_cleared=first_order_cleared,
    )
    return hold(begin(account, actor=actor, event="opened", customer=customer.code))


@command
def set_limit(
    account_id: int,
    *,
    amount: Decimal,
    reason: str,
    actor: Actor,
    kind: str = LimitKind.PERMANENT,
    valid_from: AnyDay | None = None,
    valid_to: AnyDay | None = None,
) -> CreditLimit:
    """Let the payer owe so much, in the account's currency, from one day to another.

    A new permanent limit ends the one before it the day before; one set for the same day
    replaces it. Temporary and insured limits need an end. Raises RuleViolation when the amount
    exceeds the actor's authority, no reason is given, or another limit of the kind is in the way.
    """
    require(actor, "credit.set_limit")
    if not reason.strip():
        raise RuleViolation(_("Say why the limit is set."), field="reason")
    account = lock(CreditAccount, account_id)
    valid_from = valid_from or clock.today()
    _refuse_limit(account, amount, kind, valid_from, valid_to)
    require_authority(actor, amount * rate_on(account.currency, clock.today()))
    present = limits_of(account, kind)
    limit = _replaced_or_new(account, present, kind, valid_from, valid_to)
    limit.amount = Money(amount, account.currency)  # type: ignore[assignment]  # untyped field
    limit.valid_to = valid_to
    limit.reason = reason.strip()[:200]
    limit.approved_by = actor.get_username()
    limit.save()
    save_document(
        account,
        actor=actor,
        event="limit_set",
        reason=limit.reason,
        kind=kind,
        amount=round_amount(amount, account.currency),
        currency=account.currency,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return limit


def limits_of(account: CreditAccount, kind: str) -> list[CreditLimit]:
    """The limits of a kind; the account's lock guards them."""
    return list(CreditLimit.objects.filter(account=account, kind=kind).order_by("valid_from"))


def _refuse_limit(
    account: CreditAccount, amount: Decimal, kind: str, valid_from: date, valid_to: date | None
) -> None:
    if kind not in LimitKind.values:
        raise RuleViolation(
            _("“%(given)s” is no kind of limit. There are: %(known)s.")
            % {"given": kind[:40], "known": ", ".join(LimitKind.values)},
            field="kind",
        )
    if not amount.is_finite() or not ZERO <= amount < Decimal(10) ** 12:
        raise RuleViolation(
            _("A limit is zero or more, with at most 12 digits before the point."), field="amount"
        )
    if round_to(amount, minor_units(account.currency)) != amount:
        raise RuleViolation(
            _("%(currency)s has no such small amounts.") % {"currency": account.currency},
            field="amount",
        )
    if kind != LimitKind.PERMANENT and valid_to is None:
        raise RuleViolation(_("Say until when this limit is valid."), field="valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise RuleViolation(_("The validity ends before it begins."), field="valid_to")


def _replaced_or_new(
    account: CreditAccount,
    present: list[CreditLimit],
    kind: str,
    valid_from: date,
    valid_to: date | None,
) -> CreditLimit:
    """The row to write: that of the same first day, else a new one after the present is ended."""
    for limit in present:
        if limit.valid_from == valid_from:
            _refuse_overlap(limit, present, valid_from, valid_to)
            return limit
    if kind == LimitKind.PERMANENT:
        for limit in present:
            runs_on = limit.valid_to is None or limit.valid_to >= valid_from
            if limit.valid_from < valid_from and runs_on:
                limit.valid_to = valid_from - timedelta(days=1)
                limit.save()
    _refuse_overlap(None, present, valid_from, valid_to)
    return CreditLimit(account=account, kind=kind, valid_from=valid_from)


def _refuse_overlap(
    own: CreditLimit | None, present: list[CreditLimit], valid_from: date, valid_to: date | None
) -> None:
    for limit in present:
        ends_before = limit.valid_to is not None and limit.valid_to < valid_from
        begins_after = valid_to is not None and limit.valid_from > valid_to
        if limit is not own and not ends_before and not begins_after:
            raise RuleViolation(
                _("Another limit of this kind is valid from %(day)s.")
                % {"day": limit.valid_from.isoformat()},
                field="valid_from",
            )


@command
def set_authority(role: str, amount: Decimal | None, *, actor: Actor) -> CreditAuthority:
    """Let a role decide up to an amount in the base currency; None is no ceiling.

    Raises RuleViolation for a role that does not exist or an amount that is none.
    """
    require(actor, "credit.set_authority")
    # The role's row is the gate for two who set its first authority at once.
    if not Group.objects.select_for_update(no_key=True).filter(name=role):
        raise RuleViolation(_("There is no role “%(role)s”.") % {"role": role[:40]}, field="role")
    if amount is not None and not (amount.is_finite() and ZERO <= amount < Decimal(10) ** 12):
        raise RuleViolation(
            _("An authority is zero or more, with at most 12 digits before the point."),
            field="amount",
        )
    found = lock_where(CreditAuthority, role=role)
    authority = found[0] if found else CreditAuthority(role=role)
    authority.amount = amount
    authority.save()
    return authority


@command
def block_account(account_id: int, *, reason: str, actor: Actor) -> CreditAccount:
    """Hold every order of the payer from now on.

    What is released and not shipped is called back right after (`checks.hold_blocked_payer`).
    """
    if not reason.strip():
        raise RuleViolation(_("Say why the account is blocked."), field="reason")
    account = lock(CreditAccount, account_id)
    account.stop_reason = reason.strip()[:200]
    return transition(account, "block", actor=actor, reason=account.stop_reason)


@command
def unblock_account(account_id: int, *, actor: Actor) -> CreditAccount:
    """Let orders be checked by limit and rules again."""
    return transition(lock(CreditAccount, account_id), "unblock", actor=actor)


@command
def clear_account(account_id: int, *, reason: str, actor: Actor) -> CreditAccount:
    """Count the payer as known, so that its first order need not be held."""
    require(actor, "credit.clear_account")
    if not reason.strip():
        raise RuleViolation(_("Say how the payer is known."), field="reason")
    account = lock(CreditAccount, account_id)
    account.first_order_cleared = True
    return save_document(account, actor=actor, event="cleared", reason=reason.strip())


@command
def classify_account(
    account_id: int, *, risk_class: str, overdue_days_allowed: int | None, actor: Actor
) -> CreditAccount:
    """Set how risky the payer is, and how late its oldest item may be before orders are held.

    What is so already is not set again. Raises RuleViolation for a class or a number of days
    there is none of.
    """
    require(actor, "credit.classify_account")
    _refuse_class(risk_class, overdue_days_allowed)
    account = lock(CreditAccount, account_id)
    if (account.risk_class, account.overdue_days_allowed) == (risk_class, overdue_days_allowed):
        return account
    account.risk_class = risk_class
    account.overdue_days_allowed = overdue_days_allowed
    return save_document(
        account,
        actor=actor,
        event="classified",
        risk_class=risk_class,
        overdue_days_allowed=overdue_days_allowed,
    )


def _refuse_class(risk_class: str, overdue_days_allowed: int | None) -> None:
    if risk_class not in RiskClass.values:
        raise RuleViolation(
            _("“%(given)s” is no risk class. There are: %(known)s.")
            % {"given": risk_class[:40], "known": ", ".join(RiskClass.values)},
            field="risk_class",
        )
    if overdue_days_allowed is not None and not 0 <= overdue_days_allowed <= LONGEST_OVERDUE:
        raise RuleViolation(
            _("The days overdue allowed are between 0 and %(most)s, or none at all.")
            % {"most": LONGEST_OVERDUE},
            field="overdue_days_allowed",
        )


@command
def feed_overdue(
    customer_id: int, *, base_amount: Decimal, oldest_due_date: PlannedDay | None, actor: Actor
) -> CreditAccount | None:
    """Take over from receivables what the payer owes too late, in the base currency.

    The account keeps it in its own currency at today's rate. Nothing
    is opened for a payer who owes nothing. Raises MasterMissing when a rate is missing.
    """
    found = lock_where(CreditAccount, customer_id=customer_id)
    if not found and not base_amount:
        return None
    account = found[0] if found else new_account(customer_id, actor)
    amount, due = ZERO, None
    if base_amount > 0:
        rate = rate_on(account.currency, clock.today())
        amount, due = round_amount(base_amount / rate, account.currency), oldest_due_date
    if (account.overdue_amount, account.oldest_due_date) != (amount, due):
        account.overdue_amount, account.oldest_due_date = amount, due
        update_rows([account], ["overdue_amount", "oldest_due_date"])
    return account
