"""Invoices and credit notes: drafts that live freely, and posted ones that never change."""

from invoicing.models.invoice import (
    CreditKind,
    Invoice,
    InvoiceKind,
    InvoiceQuerySet,
    InvoiceState,
)
from invoicing.models.lines import InvoiceLine, TaxLine

__all__ = [
    "CreditKind",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceQuerySet",
    "InvoiceState",
    "TaxLine",
]
