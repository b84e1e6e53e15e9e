"""What must be one figure after a replay: told by documents, open items, stock and ledger."""

from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Sum

from invoicing.models import Invoice, InvoiceKind
from o2c.ledger.models import Line, Role
from o2c.ledger.queries import balance
from o2c.masters.models import ItemKind
from o2c.rehearsal.replay.masters import World
from o2c.rehearsal.replay.reader import CURRENCY
from o2c.rehearsal.replay.resume import PREFIX
from o2c.stock.models import Balance, Move, MoveKind
from orders.models import Order, OrderLine
from receivables.models import Allocation, OpenItem, Payment
from reconciliation.models import BankLine
from shipping.models import Disposition, ReturnLine, ShipmentLine

ZERO = Decimal(0)


class Tie(NamedTuple):
    """A figure as different books tell it, in the file's currency or in pieces."""

    name: str
    figures: dict[str, Decimal]

    @property
    def holds(self) -> bool:
        return len(set(self.figures.values())) == 1

    def __str__(self) -> str:
        told = " = " if self.holds else " ≠ "
        return f"{self.name:<16}" + told.join(
            f"{book} {figure:,.2f}" for book, figure in self.figures.items()
        )


def ties(world: World) -> list[Tie]:
    """The figures of the replayed orders, customers, warehouse and bank account, book by book."""
    customers = Q(customer__in=world.customers.values(), currency=CURRENCY)
    return [_billed(), _owed(customers), _on_account(world), _banked(world), *_stocked(world)]


def _billed() -> Tie:
    """Orders of which nothing is left to bill were billed for what was ordered."""
    unbilled = OrderLine.objects.filter(quantity__gt=F("invoiced") + F("cancelled"))
    orders = Order.objects.filter(source_reference__startswith=PREFIX).exclude(
        pk__in=unbilled.values("order")
    )
    invoices = Invoice.objects.posted().invoices().filter(order__in=orders)
    return Tie("billed, net", {"orders": _sum(orders, "net"), "invoices": _sum(invoices, "net")})


def _owed(customers: Q) -> Tie:
    documents = Invoice.objects.posted().filter(customers)
    settled = Allocation.objects.filter(customers, credit_application=None)
    left = (
        _sum(documents.filter(kind=InvoiceKind.INVOICE), "gross")
        - _sum(documents.filter(kind=InvoiceKind.CREDIT_NOTE), "gross")
        - _sum(settled, "amount")
        - _sum(settled, "discount")
    )
    return Tie(
        "receivables",
        {
            "invoices less credit notes and payments": left,
            "open items": _sum(OpenItem.objects.filter(customers), "open_amount"),
            "ledger": _sum(Line.objects.filter(customers, account__role=Role.AR), "amount"),
        },
    )


def _on_account(world: World) -> Tie:
    """What customers paid beyond their invoices."""
    payments = Payment.objects.filter(customer__in=world.customers.values())
    unapplied = Line.objects.filter(
        customer__in=world.customers.values(), account__role=Role.UNAPPLIED_CASH, currency=CURRENCY
    )
    return Tie(
        "on account",
        {
            "payments less what they settled": sum((paid.unapplied for paid in payments), ZERO),
            "ledger": -_sum(unapplied, "amount"),
        },
    )


def _banked(world: World) -> Tie:
    explained = BankLine.objects.filter(account=world.bank_account, payment__isnull=False)
    payments = Payment.objects.filter(bank_account=world.bank_account)
    entries = Line.objects.filter(
        account__role=Role.BANK,
        entry__source_type=Payment._meta.label_lower,
        entry__source_id__in=payments.values("pk"),
    )
    return Tie(
        "bank",
        {
            "lines applied": _sum(explained, "amount"),
            "payments": sum((paid.total for paid in payments), ZERO),
            "ledger": _sum(entries, "amount"),
        },
    )


def _stocked(world: World) -> list[Tie]:
    """Pieces in the replay's warehouse; value of the whole house, which has one account for it."""
    here = Q(balance__location__warehouse=world.warehouse)
    own = Move.objects.filter(here, kind__in=[MoveKind.RECEIVE, MoveKind.ADJUST, MoveKind.COUNT])
    shipped = ShipmentLine.objects.filter(
        shipment__warehouse=world.warehouse, item__kind=ItemKind.STOCKED
    )
    back = ReturnLine.objects.filter(
        goods_return__shipment__warehouse=world.warehouse, disposition=Disposition.RESTOCK
    )
    lying = Balance.objects.filter(location__warehouse=world.warehouse)
    left = _sum(own, "quantity") - _sum(shipped, "quantity") + _sum(back, "received")
    return [
        Tie(
            "stock, pieces",
            {
                "received and corrected less shipped, plus returned": left,
                "on hand": _sum(lying, "on_hand"),
            },
        ),
        Tie(
            "stock, value",
            {
                "on hand": _sum(Balance.objects.all(), "value"),
                "ledger": balance(Role.INVENTORY),
            },
        ),
    ]


def _sum(rows: QuerySet[Any], field: str) -> Decimal:
    return Decimal(rows.aggregate(total=Sum(field))["total"] or ZERO)
