"""What others ask about invoices."""

from invoicing.queries.documents import (
    Claim,
    TaxChange,
    billing_lines,
    credit_notes_of,
    has_returned,
    invoices_with_parties,
    is_credit_note,
    lines_of,
    lines_to_post,
    mail_addresses,
    messages_about,
    messages_with_files,
    order_with_parties,
    pdf_of,
    posted_lines_of,
    proposed_credits,
    received_lines,
    tax_changes_of,
    tax_lines_of,
)
from invoicing.queries.invariants import INVARIANTS
from invoicing.queries.lists import listed_invoices, unbilled_shipments, unsent
from invoicing.queries.posting import PostingFacts, posting_facts

__all__ = [
    "INVARIANTS",
    "Claim",
    "PostingFacts",
    "TaxChange",
    "billing_lines",
    "credit_notes_of",
    "has_returned",
    "invoices_with_parties",
    "is_credit_note",
    "lines_of",
    "lines_to_post",
    "listed_invoices",
    "mail_addresses",
    "messages_about",
    "messages_with_files",
    "order_with_parties",
    "pdf_of",
    "posted_lines_of",
    "posting_facts",
    "proposed_credits",
    "received_lines",
    "tax_changes_of",
    "tax_lines_of",
    "unbilled_shipments",
    "unsent",
]
