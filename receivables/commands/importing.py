"""Open items of the books before ours, from a file."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.codes import with_codes
from o2c.core.commands import attempt, command
from o2c.core.days import DayKind, PastDay
from o2c.core.errors import RuleViolation
from o2c.core.number_keys import code_key
from o2c.ledger.models import Account, AccountKind
from o2c.masters.models import Customer
from o2c.tabular import Code, Day, Number, Record, RowError, read_records, read_sheet
from o2c.tabular.imports import ImportResult
from receivables.commands.items import OpeningItem, take_over_items, taken_over

OPEN_ITEM_COLUMNS = [
    Code(name="customer", required=True, aliases=("customer_code",)),
    Code(name="document", required=True, max_length=64, aliases=("document_number", "invoice")),
    Number(name="amount", required=True, decimals=4),
    Code(name="currency", max_length=3),
    Day(name="document_date", kind=DayKind.PAST, required=True, aliases=("date",)),
    Day(name="due_date", kind=DayKind.PLANNED, required=True, aliases=("due",)),
]


@command(timeout_s=300)
def import_open_items(
    file_name: str,
    data: bytes,
    *,
    posting_date: PastDay,
    account_code: str = "",
    dry_run: bool = False,
    actor: Actor,
) -> ImportResult:
    """Take over what a CSV or XLSX file lists as open when these books begin.

    Columns: customer, document, amount (credits negative), document_date, due_date, and if wanted
    currency (the customer's when empty). All is posted on `posting_date` against the account with
    this code, by default the only account of equity. All or nothing: any error refuses the file.
    What was taken over with the same figures before is skipped. A dry run does all of it and keeps
    nothing. Locks the account.
    """
    require(actor, "receivables.take_over_items")
    result = ImportResult("open_items", file_name, dry_run)
    try:
        account = _account(account_code)
        read = read_records(read_sheet(file_name, data), OPEN_ITEM_COLUMNS)
    except RuleViolation as refusal:
        result.refuse(refusal)
        return result
    result.errors += read.errors
    result.notes += read.notes
    result.rows = len(read.records) + len({error.row for error in read.errors})
    found = _items(result, [*read.records, *read.broken], posting_date)
    items = _not_here(result, found)
    if result.refused or not items:
        return result
    try:
        with attempt() as part:
            take_over_items(items, account_id=account.pk, actor=actor)
            if dry_run:
                part.take_back()
    except RuleViolation as refusal:
        result.refuse(refusal)
        return result
    result.created = len(items)
    result.add_sums((item.currency, item.amount) for item in items)
    return result


def _account(code: str) -> Account:
    """The account the items are booked against. Raises RuleViolation."""
    accounts = Account.objects.filter(active=True)
    found = with_codes(accounts, [code]) if code else accounts.filter(kind=AccountKind.EQUITY)
    if found.count() == 1:
        return found.get()
    if code:
        fault = _("There is no ledger account “%(code)s”.") % {"code": code[:40]}
    else:
        fault = _("Say which ledger account the opening items are booked against.")
    raise RuleViolation(fault, field="account")


def _items(
    result: ImportResult, records: Sequence[Record], posting_date: date
) -> list[OpeningItem]:
    """The rows as items; what is wrong goes into the result.

    Rows that could not be read in full are looked at as well, so that one try shows all faults.
    """
    wanted = {record.values.get("customer", "") for record in records}
    customers = {code_key(one.code): one for one in with_codes(Customer.objects.all(), wanted)}
    items = []
    for record in records:
        values = record.values
        customer = customers.get(code_key(values.get("customer", "")))
        faults = _faults(record, customer, posting_date)
        result.errors += faults
        if customer is None or faults or result.refused:
            continue
        items.append(
            OpeningItem(
                customer_id=customer.pk,
                document_number=values["document"],
                currency=(values.get("currency") or customer.currency).upper(),
                amount=values["amount"],
                document_date=values["document_date"],
                due_date=values["due_date"],
                posting_date=posting_date,
                row=record.row,
            )
        )
    return items


def _faults(record: Record, customer: Customer | None, posting_date: date) -> list[RowError]:
    """What is wrong with a row, by field; nothing about a field that could not be read."""
    values, found = record.values, {}
    if customer is None:
        found["customer"] = _("There is no such customer.")
    if values.get("amount") == 0:
        found["amount"] = _("What is open is more or less than nothing.")
    if "document_date" in values and values["document_date"] > posting_date:
        found["document_date"] = _("It is after the day on which the items are posted.")
    return [
        RowError(record.row, field, str(values[field]), message)
        for field, message in found.items()
        if field in values
    ]


def _not_here(result: ImportResult, items: Sequence[OpeningItem]) -> list[OpeningItem]:
    """Those that were not taken over before with the same figures."""
    there = {
        (one.customer_id, code_key(one.document_number)): (one.original, one.currency)
        for one in taken_over(item.document_number for item in items)
    }
    new = [
        item
        for item in items
        if there.get((item.customer_id, code_key(item.document_number)))
        != (item.amount, item.currency)
    ]
    result.skipped = len(items) - len(new)
    return new
