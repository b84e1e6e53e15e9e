"""The chart of accounts a company starts with."""

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.commands import command
from o2c.ledger.models import Account, AccountKind, Role
from o2c.masters.models import BankAccount

#: Role -> code, name, kind. Names are what the books say, not what a screen says.
CHART: dict[Role, tuple[str, str, AccountKind]] = {
    Role.BANK: ("1000", "Bank", AccountKind.ASSET),
    Role.BANK_SUSPENSE: ("1090", "Bank lines to be explained", AccountKind.ASSET),
    Role.AR: ("1200", "Trade receivables", AccountKind.ASSET),
    Role.INVENTORY: ("1400", "Inventory", AccountKind.ASSET),
    Role.SHIPPED_NOT_INVOICED: ("1450", "Goods shipped, not invoiced", AccountKind.ASSET),
    Role.GOODS_RECEIVED: ("2000", "Goods received, not billed", AccountKind.LIABILITY),
    Role.UNAPPLIED_CASH: ("2100", "Customer payments not applied", AccountKind.LIABILITY),
    Role.TAX: ("2200", "Sales tax owed", AccountKind.LIABILITY),
    Role.REVENUE: ("4000", "Sales revenue", AccountKind.INCOME),
    Role.DISCOUNT: ("4100", "Early payment discounts", AccountKind.EXPENSE),
    Role.COGS: ("5000", "Cost of goods sold", AccountKind.EXPENSE),
    Role.STOCK_ADJUSTMENT: ("5100", "Stock adjustments", AccountKind.EXPENSE),
    Role.WRITE_OFF: ("6000", "Receivables written off", AccountKind.EXPENSE),
    Role.BANK_CHARGES: ("6100", "Bank charges", AccountKind.EXPENSE),
    Role.FX_DIFFERENCE: ("6200", "Exchange differences", AccountKind.EXPENSE),
    Role.ROUNDING: ("6300", "Rounding differences", AccountKind.EXPENSE),
}


@command
def install_chart(*, actor: Actor) -> list[Account]:
    """Add the accounts that are missing: one per role, and one per bank account of ours.

    What is there stays as it is; running twice changes nothing. Returns what was added.
    """
    require(actor, "ledger.add_account")
    accounts = list(Account.objects.all())
    roles = {account.role for account in accounts}
    codes = {account.code for account in accounts}
    banks = {account.bank_account_id for account in accounts if account.bank_account_id}
    added = [
        Account(code=_free(code, codes), name=name, kind=kind, role=role)
        for role, (code, name, kind) in CHART.items()
        if role not in roles
    ]
    added += [
        Account(
            code=_free("1001", codes),
            name=_("Bank %(name)s") % {"name": bank.name},
            kind=AccountKind.ASSET,
            role=Role.BANK,
            bank_account=bank,
        )
        for bank in BankAccount.objects.exclude(pk__in=banks).order_by("pk")
    ]
    for account in added:
        account.save()  # one by one: each has its history
    return added


def _free(code: str, taken: set[str]) -> str:
    """The first code from `code` upwards that is not taken; it is taken now."""
    number = int(code)
    while str(number) in taken:
        number += 1
    taken.add(str(number))
    return str(number)
