"""Getting hold of an invoice: its order first, as every writer of billing does."""

from django.utils.translation import gettext as _

from invoicing.models import Invoice
from o2c.core.commands import lock, lock_where
from o2c.core.locks import NotFound
from orders.models import Order


def lock_order_of(invoice_id: int, *, related: tuple[str, ...] = ()) -> Order:
    """Lock the order of an invoice. One statement. Raises NotFound."""
    orders = lock_where(Order, invoices=invoice_id, related=related)
    if not orders:
        raise NotFound(_("Invoice %(pk)s does not exist.") % {"pk": invoice_id})
    return orders[0]


def lock_invoice(order: Order, invoice_id: int) -> Invoice:
    """Lock an invoice of a locked order. One statement."""
    invoice = lock(Invoice, invoice_id)
    invoice.order = order
    return invoice
