"""Whose a statement is, and what keeps it from being kept in that account."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.core.commands import lock_where
from o2c.core.day_checks import days_of, faults_of
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import round_amount
from o2c.core.number_keys import code_key
from o2c.masters.models import BankAccount
from reconciliation.adapters import StatementRecord
from reconciliation.rules import names_account

MOST = Decimal(10**15)  # amounts are kept below it

Owned = list[tuple[StatementRecord, BankAccount | None]]


def owned_by(records: Sequence[StatementRecord], code: str) -> Owned:
    """Each statement with the account of ours it is about, None where we keep none.

    Our accounts are locked: who imports the same file at the same time sees what is here then.
    Raises RuleViolation when no statement is ours, or none is about the account with this code.
    """
    accounts = lock_where(BankAccount, active=True)
    demanded = next((one for one in accounts if code_key(one.code) == code_key(code)), None)
    if code and demanded is None:
        raise RuleViolation(
            _("There is no bank account “%(code)s”.") % {"code": code}, field="account"
        )
    owned = [(record, _owner(record, accounts, demanded)) for record in records]
    found = {account.pk for _record, account in owned if account}
    refuse_if(
        [
            foreign(record, demanded)
            for record in records
            if not found or (demanded and demanded.pk not in found)
        ]
    )
    return owned


def _owner(
    record: StatementRecord, accounts: Iterable[BankAccount], demanded: BankAccount | None
) -> BankAccount | None:
    """The account a statement is about; of several: the demanded, else by currency."""
    named = [
        account
        for account in accounts
        if names_account(record.account, iban=account.iban, account_number=account.account_number)
    ]
    if demanded in named:
        return demanded
    same_currency = [account for account in named if account.currency == record.currency]
    return next(iter(same_currency or named), None)


def foreign(record: StatementRecord, demanded: BankAccount | None) -> RuleViolation:
    """That a statement is about none of our accounts, or not about the demanded one."""
    said = {"id": record.statement_id, "theirs": record.account}
    if not record.account:
        text = _("Statement %(id)s names no account.") % said
    elif demanded is None:
        text = _("Statement %(id)s is about account %(theirs)s, which we do not keep.") % said
    else:
        text = _("Statement %(id)s is about account %(theirs)s, not %(code)s.") % {
            **said,
            "code": demanded.code,
        }
    return RuleViolation(text, field="account")


def faults(record: StatementRecord, account: BankAccount) -> Iterator[RuleViolation]:
    """Why the statement cannot be kept in this account; a row is its entry."""
    named = {"id": record.statement_id, "code": account.code, "ours": account.currency}
    if record.currency and record.currency != account.currency:
        yield RuleViolation(
            _("Statement %(id)s is in %(theirs)s; %(code)s is kept in %(ours)s.")
            % {**named, "theirs": record.currency},
            field="currency",
        )
        return
    for number, entry in enumerate(record.entries, 1):
        if entry.currency != account.currency:
            yield RuleViolation(
                _("Statement %(id)s: the entry is in %(theirs)s; %(code)s is kept in %(ours)s.")
                % {**named, "theirs": entry.currency or "?"},
                field="currency",
                row=number,
            )
        elif not _can_be_kept(entry.amount, account.currency):
            yield _not_kept(entry.amount, named, row=number)
    for balance in (record.opening, record.closing):
        if balance is not None and not _can_be_kept(balance, account.currency):
            yield _not_kept(balance, named, row=None)
    # what is pending is shown only, so its days may still come
    for fault in faults_of(days_of(replace(record, pending=()))):
        row = None if fault.row is None else fault.row + 1
        yield RuleViolation(str(fault), field=fault.field, row=row)


def _can_be_kept(amount: Decimal, currency: str) -> bool:
    return abs(amount) < MOST and round_amount(amount, currency) == amount


def _not_kept(amount: Decimal, named: dict[str, str], *, row: int | None) -> RuleViolation:
    return RuleViolation(
        _(
            "Statement %(id)s: %(amount)s is not an amount of %(ours)s: "
            "too large, or too many decimals."
        )
        % {**named, "amount": f"{amount:f}"[:40]},
        field="amount",
        row=row,
    )
