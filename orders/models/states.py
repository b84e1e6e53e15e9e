"""The states of an order, in which groups others ask about them, and how it came in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from o2c.core.states import tones


class OrderState(models.TextChoices):
    """The stage the whole order has reached. Partial progress shows as quantities on its lines."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    CONFIRMED = "confirmed", _("Confirmed")
    ON_HOLD = "on_hold", _("On hold")
    RELEASED = "released", _("Released")
    IN_FULFILLMENT = "in_fulfillment", _("In fulfillment")
    SHIPPED = "shipped", _("Shipped")
    INVOICED = "invoiced", _("Invoiced")
    PAID = "paid", _("Paid")
    RECONCILED = "reconciled", _("Reconciled")
    CANCELLED = "cancelled", _("Cancelled")

    tones = tones(
        draft="neutral pencil",
        submitted="attention inbox",
        confirmed="info check",
        on_hold="attention pause",
        released="info circle-arrow-right",
        in_fulfillment="active package-open",
        shipped="success truck",
        invoiced="success receipt-text",
        paid="success circle-check",
        reconciled="success badge-check",
        cancelled="neutral ban",
    )


class HoldKind(models.TextChoices):
    """Who may end a hold: the credit manager decides, or whoever may resume orders."""

    CREDIT = "credit", _("Credit")
    MANUAL = "manual", _("By hand")


class Channel(models.TextChoices):
    """How the order came in."""

    ENTRY = "entry", _("Entered")
    IMPORT = "import", _("Imported")
    API = "api", _("API")


S = OrderState

#: The warehouse has it, and customers are promised its goods.
GRANTED = (S.RELEASED, S.IN_FULFILLMENT, S.SHIPPED)
#: The customer has our promise and not all goods are out.
PROMISED = (S.CONFIRMED, S.ON_HOLD, S.RELEASED, S.IN_FULFILLMENT)
#: Everything that left and stayed is billed.
BILLED = (S.INVOICED, S.PAID, S.RECONCILED)
#: Nothing more is to be done by anybody.
CLOSED = (S.RECONCILED, S.CANCELLED)
