"""Posting many drafts, one transaction each: a bad one does not stop the rest."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from invoicing.commands.posting import post_invoice
from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.errors import FormRefused, RuleViolation


@dataclass
class PostingRun:
    """What came of it: the posted invoices, and why the others were refused."""

    posted: list[Invoice] = field(default_factory=list)
    refused: list[tuple[int, RuleViolation]] = field(default_factory=list)


def post_invoices(
    invoice_ids: Iterable[int], *, actor: Actor, invoice_date: date | None = None
) -> PostingRun:
    """Post these drafts in this order. A RuleViolation of one is noted and the next one comes.

    Raises FormRefused where no draft can be posted for the form that asks.
    """
    require(actor, "invoicing.post_invoice")
    run = PostingRun()
    for invoice_id in invoice_ids:
        try:
            run.posted.append(post_invoice(invoice_id, actor=actor, invoice_date=invoice_date))
        except FormRefused:
            raise
        except RuleViolation as refusal:
            run.refused.append((invoice_id, refusal))
    return run


def post_drafts(on_date: date | None = None, *, actor: Actor, limit: int = 500) -> PostingRun:
    """Post the drafts made until on_date (today), oldest first, dated today; at most `limit`."""
    drafts = Invoice.objects.invoices().unposted()
    due = drafts.filter(invoice_date__lte=on_date or clock.today()).order_by("pk")
    return post_invoices(list(due.values_list("pk", flat=True)[:limit]), actor=actor)
