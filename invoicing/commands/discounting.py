"""Counting on invoices what their payers took off for paying early."""

from collections.abc import Mapping
from decimal import Decimal

from invoicing.models import Invoice
from o2c.core.actors import Actor
from o2c.core.bulk import add_to_counters
from o2c.core.commands import command


@command
def record_discounts(discounts: Mapping[int, tuple[Decimal, Decimal]], *, actor: Actor) -> None:
    """Add to the early discounts of invoices: by invoice the whole of it, and its tax.

    In the invoices' currencies; negative when it is taken back. Called by receivables, which
    holds open items already: the counter is added by an update that waits for nobody
    who could wait for an item.
    """
    add_to_counters(
        Invoice,
        {
            pk: {"discount_taken": amount, "discount_tax_taken": tax}
            for pk, (amount, tax) in discounts.items()
        },
    )
