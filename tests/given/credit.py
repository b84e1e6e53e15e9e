"""Customers with limits and debts, and orders that have met the credit gate."""

from datetime import date
from decimal import Decimal

from credit.commands import block_account, check_order, hold_blocked_payer, set_limit
from credit.models import CreditAccount, CreditCheck
from o2c.core.actors import SYSTEM
from o2c.ledger.commands import Posting, post_entry
from o2c.masters.models import Customer
from tests.factories.credit import CreditAccountFactory
from tests.factories.masters import CustomerFactory
from tests.given.ledger import chart
from tests.given.orders import confirmed_order


def customer_with_limit(limit=None, **customer) -> Customer:
    """A known customer; `limit` is permanent and in the customer's currency."""
    made = CustomerFactory(**customer)
    account = CreditAccountFactory(customer=made)
    if limit is not None:
        set_limit(
            account.pk,
            amount=Decimal(limit),
            valid_from=date(2020, 1, 1),
            reason="known payer",
            actor=SYSTEM,
        )
    return made


def debt(customer: Customer, amount, *, currency="EUR", base_amount=None, role="AR") -> None:
    """A balance of the customer in the ledger: debit positive."""
    chart()
    amount = Decimal(amount)
    base = amount if base_amount is None else Decimal(base_amount)
    other_side = Posting("GOODS_RECEIVED", -amount, currency, -base)
    post_entry(
        ("masters.customer", customer.pk),
        f"given {role} {amount} {currency}",
        date(2026, 1, 15),
        [Posting(role, amount, currency, base, customer_id=customer.pk), other_side],
        actor=SYSTEM,
    )


def checked_order(**draft) -> tuple[object, CreditCheck]:
    """A confirmed order and the check that followed."""
    order = confirmed_order(**draft)
    check_order(order.pk, actor=SYSTEM)  # the flow may have done so already
    order.refresh_from_db()
    return order, CreditCheck.objects.filter(order=order).latest("pk")


def account_of(customer: Customer) -> CreditAccount:
    return CreditAccount.objects.get(customer=customer)


def blocked(customer: Customer) -> CreditAccount:
    """The account, blocked, and what follows it done."""
    account = block_account(account_of(customer).pk, reason="Insolvency filed", actor=SYSTEM)
    hold_blocked_payer(account.pk, actor=SYSTEM)
    return account


def raised_limit(customer: Customer, amount) -> CreditAccount:
    """The account, with another limit; nobody has been asked again yet."""
    account = account_of(customer)
    set_limit(
        account.pk,
        amount=Decimal(amount),
        valid_from=date(2020, 1, 1),
        reason="known payer",
        actor=SYSTEM,
    )
    return account
