"""Using what we owe a customer for what the customer owes."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock, lock_all, lock_where
from o2c.core.days import PastDay
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.money import ZERO
from o2c.core.transitions import begin, refuse_blocked, transition
from o2c.ledger.models import Role
from o2c.web.formats import date_text
from receivables.commands.allocations import applied_facts
from receivables.commands.applying import (
    Booking,
    base_currency_of,
    book,
    clear,
    mirror,
    refuse_wrong_shares,
)
from receivables.models import Allocation, CreditApplication, ItemKind, OpenItem
from receivables.rules import allocation as rules
from receivables.rules.allocation import Owed, Share


@command
def allocate_credit(
    credit_item_id: int,
    *,
    shares: Sequence[Share],
    effective_date: PastDay | None = None,
    actor: Actor,
) -> CreditApplication:
    """Use a credit for the customer's debts, in part or whole; one transaction, no residue.

    Locks the credit and the items together. Raises RuleViolation.
    """
    require(actor, "receivables.apply_credit_application")
    items = lock_all(OpenItem, [credit_item_id, *(share.open_item_id for share in shares)])
    credit = items.pop(credit_item_id, None)
    if credit is None:
        raise NotFound(_("Credit %(pk)s does not exist.") % {"pk": credit_item_id})
    return _apply(credit, shares, items, effective_date, actor)


@command
def apply_credit_note(invoice_id: int, *, actor: Actor) -> list[CreditApplication]:
    """Use a posted credit note for the invoice it corrects, as far as that is open.

    Converges: what is used up or has nothing to settle is left as it is. Other documents are none
    of its business. Locks all open items concerned.
    """
    credited = OpenItem.objects.filter(invoice_id=invoice_id, kind=ItemKind.CREDIT_NOTE)
    corrected = credited.values_list("invoice__corrects_id", flat=True).first()
    if corrected is None:
        return []
    items = lock_where(OpenItem, invoice_id__in=[invoice_id, corrected])
    applications = []
    for credit in [item for item in items if item.open_amount < 0]:
        debts = {
            item.pk: item
            for item in items
            if item.open_amount > 0 and item.customer_id == credit.customer_id
        }
        owed = [Owed(item.pk, item.due_date, item.open_amount) for item in debts.values()]
        if shares := rules.oldest_first(-credit.open_amount, owed):
            applications.append(_apply(credit, shares, debts, None, actor))
    return applications


@command
def reverse_credit_application(
    application_id: int,
    *,
    reason: str,
    effective_date: PastDay | None = None,
    actor: Actor,
) -> CreditApplication:
    """Give the credit back and reopen what it had settled; the exact mirror is posted.

    Locks the application, then its items. Raises RuleViolation.
    """
    if not reason.strip():
        raise RuleViolation(_("Say why the credit is given back."), field="reason")
    application = lock(CreditApplication, application_id)
    require(actor, CreditApplication.permission("reverse"))
    refuse_blocked(application, "reverse")
    found = list(application.allocations.filter(reverses__isnull=True).order_by("pk"))
    item_ids = [application.credit_item_id, *(a.open_item_id for a in found)]
    items = lock_all(OpenItem, item_ids)
    credit = items[application.credit_item_id]
    mirrors = []
    for allocation in found:
        allocation.open_item = items[allocation.open_item_id]
        day = max(effective_date or clock.today(), allocation.effective_date)
        mirrors.append(mirror(allocation, day))
        credit.open_amount -= allocation.amount
        credit.base_open -= allocation.base_amount
    transition(application, "reverse", actor=actor, reason=reason.strip(), **applied_facts(mirrors))
    _book(application, mirrors, credit, "take back", effective_date, actor)
    return application


def _apply(
    credit: OpenItem,
    shares: Sequence[Share],
    items: Mapping[int, OpenItem],
    effective_date: date | None,
    actor: Actor,
) -> CreditApplication:
    if credit.open_amount >= 0:
        raise RuleViolation(
            _("%(item)s is no open credit; there is nothing of it to be used.") % {"item": credit}
        )
    refuse_wrong_shares(
        shares,
        items,
        customer_id=credit.customer_id,
        currency=credit.currency,
        left=-credit.open_amount,
    )
    application = CreditApplication(
        credit_item=credit,
        customer_id=credit.customer_id,
        currency=credit.currency,
        amount=sum((share.amount for share in shares), ZERO),
    )
    chosen = [items[share.open_item_id] for share in shares]
    base_currency = base_currency_of([credit, *chosen])
    allocations = [
        _use(credit, share, item, base_currency, effective_date)
        for share, item in zip(shares, chosen, strict=True)
    ]
    facts = {"credit": str(credit), **applied_facts(allocations)}
    begin(application, actor=actor, event="applied", **facts)
    for allocation in allocations:
        allocation.credit_application = application
    _book(application, allocations, credit, "apply", effective_date, actor)
    return application


def _use(
    credit: OpenItem,
    share: Share,
    item: OpenItem,
    base_currency: str,
    effective_date: date | None,
) -> Allocation:
    first_day = rules.effective_date([credit.posting_date, item.posting_date])
    if effective_date is not None and effective_date < first_day:
        raise RuleViolation(
            _("%(item)s: this can count from %(day)s at the earliest.")
            % {"item": item, "day": date_text(first_day)},
            field="effective_date",
        )
    base = rules.base_of_part(share.amount, -credit.open_amount, -credit.base_open, base_currency)
    credit.open_amount += share.amount
    credit.base_open += base
    allocation = clear(item, share, base_currency, base_amount=base)
    allocation.credit_item = credit
    allocation.effective_date = effective_date or first_day
    return allocation


def _book(
    application: CreditApplication,
    allocations: Sequence[Allocation],
    credit: OpenItem,
    purpose: str,
    effective_date: date | None,
    actor: Actor,
) -> None:
    booking = Booking(
        allocations,
        source=(application._meta.label_lower, application.pk),
        purpose=purpose,
        debit=Role.AR,
        description=credit.document_number,
        day_is_chosen=effective_date is not None,
    )
    book([booking], actor=actor)
