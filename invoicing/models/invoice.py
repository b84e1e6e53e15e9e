"""The invoice and the credit note: one document, two kinds."""

from typing import Self

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from invoicing.models.triggers import DATES_DO_NOT_RUN_BACK, changed_when_posted, no_truncate
from invoicing.rules.crediting import Discount
from o2c.core.days import DayKind
from o2c.core.expressions import search_index
from o2c.core.fields import AmountField, DayField, RateField
from o2c.core.models import Document, DocumentQuerySet
from o2c.core.states import Amount, StateField, condition, state_known, step, tones
from o2c.masters.rules.ranks import Rank


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class InvoiceState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Waiting for approval")  # credit notes only: their draft
    POSTED = "posted", _("Posted")
    CANCELLED = "cancelled", _("Cancelled")

    tones = tones(
        draft="neutral pencil",
        proposed="attention hourglass",
        posted="success stamp",
        cancelled="neutral ban",
    )


class CreditKind(models.TextChoices):
    """Why money is given back. The first two credit quantities, the others amounts."""

    RETURN = "return", _("Goods returned")
    CORRECTION = "correction", _("Billed wrongly, to be billed again")
    PRICE = "price", _("Price correction")
    GOODWILL = "goodwill", _("Goodwill")


S = InvoiceState
UNPOSTED = (S.DRAFT, S.PROPOSED)


@condition(_("It has no lines."))
def has_lines(invoice: "Invoice") -> bool:
    return invoice.line_count > 0


DISCOUNT_COUNTERS = (
    *("discount_taken", "discount_tax_taken", "discount_carried", "discount_tax_carried"),
)


class InvoiceQuerySet(DocumentQuerySet):
    def unposted(self) -> Self:
        """Drafts of invoices and proposed credit notes."""
        return self.filter(state__in=UNPOSTED)

    def posted(self) -> Self:
        return self.filter(state=S.POSTED)

    def invoices(self) -> Self:
        return self.filter(kind=InvoiceKind.INVOICE)

    def credit_notes(self) -> Self:
        return self.filter(kind=InvoiceKind.CREDIT_NOTE)


def invoice_words(number: str | None, kind: str, pk: int) -> str:
    """What an invoice or credit note is called; drafts have no number yet."""
    return number or f"{InvoiceKind(kind).label} #{pk}"


class Invoice(Document):
    """What a customer owes for one shipment, or (credit note) what we give back of an invoice.

    Amounts are in `currency` and never negative: a credit note is a positive document of its
    kind. `exchange_rate` is the base currency for one unit of it. With `tax_included` unit prices
    and line amounts contain the tax. `untaxed_percent` of them is left out of the tax: the early
    discount of terms that always reduce it. A posted one has everything that is printed or sent in
    `snapshot`, and only what its credit notes and payments count still moves: `credited`, gross;
    `discount_taken` by paying early, of it tax; and `discount_carried` by credit notes, which do
    not give back what was never paid. On a credit note the last is its own share.
    """

    lock_rank = Rank.INVOICE
    other_events = {
        "drafted": _("Drafted"),
        "proposed": _("Proposed"),
    }
    fact_words = {
        "order": _("Order"),
        "shipment": _("Shipment"),
        "invoice": _("Invoice"),
        "kind": _("Kind"),
        "number": _("Number"),
        "gross": Amount(_("Total")),
        "reason": _("Reason"),
    }

    kind = models.CharField(
        _("kind"), max_length=12, choices=InvoiceKind, default=InvoiceKind.INVOICE
    )
    number = models.CharField(_("number"), max_length=32, null=True, unique=True)  # noqa: DJ001  # drafts have none
    series = models.CharField(max_length=40, blank=True, editable=False)
    state = StateField(InvoiceState, default=S.DRAFT, verbose_name=_("state"))
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, related_name="invoices", verbose_name=_("order")
    )
    shipment = models.ForeignKey(
        "shipping.Shipment", models.PROTECT, related_name="invoices", verbose_name=_("shipment")
    )
    goods_return = models.ForeignKey(
        "shipping.Return",
        models.PROTECT,
        null=True,
        related_name="credit_notes",
        verbose_name=_("return"),
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    bill_to = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("bill to")
    )
    payer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("payer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    exchange_rate = RateField(_("exchange rate"), default=1)
    terms = models.ForeignKey(
        "masters.PaymentTerms", models.PROTECT, related_name="+", verbose_name=_("payment terms")
    )
    tax_included = models.BooleanField(_("prices include tax"), default=False)
    untaxed_percent = RateField(_("left out of the tax, %"), default=0)
    invoice_date = DayField(_("date"), kind=DayKind.PAST)
    delivery_date = DayField(_("supplied on"), kind=DayKind.PAST, null=True)
    net = AmountField(_("net"))
    tax = AmountField(_("tax"))
    gross = AmountField(_("total"))
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="credit_notes",
        verbose_name=_("corrects"),
    )
    credit_kind = models.CharField(_("why"), max_length=12, choices=CreditKind, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    credited = AmountField(_("credited"), default=0)
    discount_taken = AmountField(_("early discount taken"), default=0)
    discount_tax_taken = AmountField(default=0)
    discount_carried = AmountField(_("early discount in credit notes"), default=0)
    discount_tax_carried = AmountField(default=0)
    snapshot = models.JSONField(null=True, editable=False, encoder=DjangoJSONEncoder)
    entry = models.ForeignKey(
        "ledger.Entry", models.PROTECT, null=True, related_name="+", verbose_name=_("entry")
    )
    posted_at = models.DateTimeField(_("posted at"), null=True)

    objects = InvoiceQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            state_known(InvoiceState, "invoicing_invoice_state_known"),
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("tax")) & Q(net__gte=0, tax__gte=0),
                name="invoicing_invoice_gross_is_net_and_tax",
            ),
            models.CheckConstraint(
                condition=Q(state=S.POSTED)
                & Q(
                    number__isnull=False,
                    snapshot__isnull=False,
                    posted_at__isnull=False,
                    line_count__gt=0,
                )
                & ~Q(series="")
                & (Q(entry__isnull=False) | Q(gross=0))  # free goods without cost post nothing
                | ~Q(state=S.POSTED)
                & Q(
                    number__isnull=True,
                    snapshot__isnull=True,
                    posted_at__isnull=True,
                    entry__isnull=True,
                    series="",
                    credited=0,
                ),
                name="invoicing_invoice_posted_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=InvoiceKind.INVOICE,
                    corrects__isnull=True,
                    goods_return__isnull=True,
                    credit_kind="",
                )
                & ~Q(state=S.PROPOSED)
                | Q(
                    kind=InvoiceKind.CREDIT_NOTE,
                    corrects__isnull=False,
                    credit_kind__in=CreditKind.values,
                    credited=0,
                )
                & ~Q(reason="")
                & ~Q(state=S.DRAFT),
                name="invoicing_invoice_kind_is_sound",
            ),
            models.CheckConstraint(
                condition=Q(credited__gte=0, credited__lte=F("gross")),
                name="invoicing_invoice_credited_within_gross",
            ),
            models.CheckConstraint(
                condition=Q(untaxed_percent__gte=0, untaxed_percent__lt=100),
                name="invoicing_invoice_untaxed_percent",
            ),
            models.CheckConstraint(
                condition=Q(exchange_rate__gt=0), name="invoicing_invoice_exchange_rate"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="invoicing_invoice_currency_iso"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True)
                | Q(kind=InvoiceKind.INVOICE, number__regex=r"^INV-\d{4}-\d{6,}$")
                | Q(kind=InvoiceKind.CREDIT_NOTE, number__regex=r"^CN-\d{4}-\d{6,}$"),
                name="invoicing_invoice_number_of_its_kind",
            ),
            models.UniqueConstraint(
                fields=["shipment"],
                condition=Q(state=S.DRAFT, kind=InvoiceKind.INVOICE),
                name="invoicing_invoice_one_draft_per_shipment",
            ),
            models.UniqueConstraint(
                fields=["goods_return", "corrects"],
                condition=~Q(state=S.CANCELLED),
                name="invoicing_invoice_return_credited_once",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="invoicing_invoice_by_customer"),
            models.Index(fields=["state", "kind", "-id"], name="invoicing_invoice_by_state"),
            models.Index(
                fields=["series", "-invoice_date"],
                condition=Q(state=S.POSTED),
                name="invoicing_invoice_by_series",
            ),
            search_index("invoicing_invoice_search", "number"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="posted_stays",
                operation=pgtrigger.Update,
                condition=changed_when_posted("credited", *DISCOUNT_COUNTERS),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            no_truncate(),
            DATES_DO_NOT_RUN_BACK,
        ]

    @step(
        S.DRAFT, S.POSTED, label=_("Post"), event="posted", past=_("Posted"), conditions=[has_lines]
    )
    def post(self) -> None:
        """Give it a number for good, book it and open what is owed."""

    @step(
        S.PROPOSED,
        S.POSTED,
        label=_("Approve and post"),
        event="posted",
        past=_("Posted"),
        conditions=[has_lines],
    )
    def approve(self) -> None:
        """Grant the credit note: number it, book it and open what we owe."""

    @step(
        [S.DRAFT, S.PROPOSED],
        S.CANCELLED,
        label=_("Cancel"),
        event="cancelled",
        past=_("Cancelled"),
    )
    def cancel(self) -> None:
        """Put the draft aside; what it would have billed can be billed again."""

    def __str__(self) -> str:
        return invoice_words(self.number, self.kind, self.pk)

    @property
    def is_credit_note(self) -> bool:
        return self.kind == InvoiceKind.CREDIT_NOTE

    @property
    def corrected_id(self) -> int:
        """The invoice that a credit note takes back."""
        assert self.corrects_id is not None, "not a credit note"
        return self.corrects_id

    @property
    def discount_left(self) -> Discount:
        """The early discount taken that no credit note carries yet."""
        gross = self.discount_taken - self.discount_carried
        tax = self.discount_tax_taken - self.discount_tax_carried
        return Discount(gross - tax, tax)

    @property
    def sign(self) -> int:
        """1 for what is owed to us, -1 for what we owe."""
        return -1 if self.is_credit_note else 1

    @property
    def total(self) -> Money:
        """The gross total with its currency, for display."""
        return Money(self.gross, self.currency)
