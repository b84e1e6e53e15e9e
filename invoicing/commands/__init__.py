"""Everything that writes invoices and credit notes.

Every writer holds the lock on the order first, then order lines, shipment lines, invoices.
"""

from invoicing.commands.approving import CreditedTwice, approve_credit_note, bill_again
from invoicing.commands.batch import PostingRun, post_drafts, post_invoices
from invoicing.commands.cancelling import cancel_invoice
from invoicing.commands.crediting import draft_credit_note
from invoicing.commands.discounting import record_discounts
from invoicing.commands.drafting import draft_invoice
from invoicing.commands.posting import BilledTwice, DateRanBack, post_invoice
from invoicing.commands.rendering import preview_pdf, render_invoice_pdf, restore_invoice_pdf
from invoicing.commands.returning import draft_credit_for_return
from invoicing.commands.sending import mail_invoice, send_invoice

__all__ = [
    "BilledTwice",
    "CreditedTwice",
    "DateRanBack",
    "PostingRun",
    "approve_credit_note",
    "bill_again",
    "cancel_invoice",
    "draft_credit_for_return",
    "draft_credit_note",
    "draft_invoice",
    "mail_invoice",
    "post_drafts",
    "post_invoice",
    "post_invoices",
    "preview_pdf",
    "record_discounts",
    "render_invoice_pdf",
    "restore_invoice_pdf",
    "send_invoice",
]
