"""What the lists of billing show."""

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Greatest

from invoicing.models import Invoice, InvoiceKind, InvoiceState
from o2c.core.fields import AmountField
from o2c.core.models import MessageState, OutgoingMessage
from o2c.masters.models import BillingPolicy, InvoiceChannel
from shipping.models import Shipment, ShipmentLine, ShipmentState


def listed_invoices() -> QuerySet[Invoice]:
    """Invoices with `mail_state`, that of their latest message (None when there is none), and
    `owed_gross`, `owed_net`, `owed_tax`: their amounts, negative for credit notes."""
    outgoing = OutgoingMessage.objects.filter(
        document_type=Invoice._meta.label_lower, document_id=OuterRef("pk")
    )
    return Invoice.objects.annotate(
        mail_state=Subquery(outgoing.order_by("-pk").values("state")[:1]),
        **{f"owed_{name}": _owed(name) for name in ("gross", "net", "tax")},
    )


def _owed(name: str) -> Case:
    return Case(
        When(kind=InvoiceKind.CREDIT_NOTE, then=-F(name)),
        default=F(name),
        output_field=AmountField(),
    )


def unsent(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Posted ones that should have reached the customer by mail and have not."""
    sent = OutgoingMessage.objects.filter(
        document_type=Invoice._meta.label_lower,
        document_id=OuterRef("pk"),
        state=MessageState.SENT,
    )
    return invoices.filter(
        ~Exists(sent),
        state=InvoiceState.POSTED,
        bill_to__invoice_channel=InvoiceChannel.EMAIL,
    )


def unbilled_shipments() -> QuerySet[Shipment]:
    """Shipments with something to bill by their order's policy and no draft for it."""
    waits = Q(order__billing_policy=BillingPolicy.DELIVERED)
    due = (~waits & Q(state=ShipmentState.DISPATCHED)) | Q(state=ShipmentState.DELIVERED)
    line = ShipmentLine.objects.filter(shipment=OuterRef("pk"))
    kept = line.filter(quantity__gt=F("returned") + F("invoiced"))
    accepted = line.filter(quantity__gt=Greatest("returned", "refused") + F("invoiced"))
    drafts = Invoice.objects.filter(
        shipment=OuterRef("pk"), state=InvoiceState.DRAFT, kind=InvoiceKind.INVOICE
    )
    return (
        Shipment.objects.filter(due, ~Exists(drafts))
        .filter((~waits & Exists(kept)) | (waits & Exists(accepted)))
        .select_related("order", "customer")
        .order_by("pk")
    )
