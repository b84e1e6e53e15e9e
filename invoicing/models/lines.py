"""What an invoice bills, line by line, and the tax of each rate."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from invoicing.models.invoice import Invoice
from invoicing.models.triggers import frozen_with_invoice
from o2c.core.fields import AmountField, PriceField, QuantityField, RateField
from o2c.masters.rules.ranks import Rank


class InvoiceLine(models.Model):
    """So much of one order line, from one shipment line; on a credit note, of one invoice line.

    `unit_price` is for `price_per` units. `amount` is what is charged in the invoice's price basis
    after the line's discount; `document_discount` its share of the order's discount; `net` what
    remains without tax. `quantity` is 0 where a credit note gives back an amount only. `unit_cost`
    is what a unit cost us, in base currency. The counters say how much credit notes took back:
    `credited_quantity`, and `credited_amount` in the price basis.
    """

    lock_rank = Rank.INVOICE

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    line_number = models.PositiveIntegerField(_("line"))
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, related_name="invoice_lines")
    shipment_line = models.ForeignKey(
        "shipping.ShipmentLine", models.PROTECT, related_name="invoice_lines"
    )
    return_line = models.ForeignKey(
        "shipping.ReturnLine", models.PROTECT, null=True, related_name="credit_lines"
    )
    corrects_line = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="credit_lines"
    )
    item_code = models.CharField(_("item"), max_length=40)
    description = models.CharField(_("description"), max_length=200)
    unit = models.ForeignKey(
        "masters.Unit", models.PROTECT, related_name="+", verbose_name=_("unit")
    )
    quantity = QuantityField(_("quantity"))
    unit_price = PriceField(_("price"))
    price_per = RateField(_("price for"), default=1)
    discount_percent = RateField(_("discount, %"), default=0)
    amount = AmountField(_("amount"))
    document_discount = AmountField(_("share of document discount"), default=0)
    net = AmountField(_("net"))
    tax_category = models.CharField(_("tax category"), max_length=2)
    tax_percent = RateField(_("tax, %"))
    unit_cost = PriceField(_("unit cost"), default=0)
    credited_quantity = QuantityField(_("credited quantity"), default=0)
    credited_amount = AmountField(_("credited amount"), default=0)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["line_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "line_number"], name="invoicing_invoiceline_number_once"
            ),
            models.UniqueConstraint(
                fields=["invoice", "corrects_line"], name="invoicing_invoiceline_corrected_once"
            ),
            models.UniqueConstraint(
                fields=["invoice", "shipment_line"],
                condition=Q(corrects_line__isnull=True),
                name="invoicing_invoiceline_shipped_once",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | Q(quantity=0, corrects_line__isnull=False),
                name="invoicing_invoiceline_quantity",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, net__gte=0, unit_price__gte=0, unit_cost__gte=0)
                & Q(price_per__gt=0),
                name="invoicing_invoiceline_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(tax_percent__range=(0, 100)) & Q(discount_percent__range=(0, 100)),
                name="invoicing_invoiceline_percents",
            ),
            models.CheckConstraint(
                condition=Q(credited_quantity__gte=0, credited_quantity__lte=F("quantity")),
                name="invoicing_invoiceline_credited_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(credited_amount__gte=0)
                & Q(credited_amount__lte=F("amount") - F("document_discount")),
                name="invoicing_invoiceline_credited_within_amount",
            ),
        ]
        triggers = frozen_with_invoice("credited_quantity", "credited_amount")

    def __str__(self) -> str:
        return f"{self.line_number}: {self.description}"

    @property
    def corrected_id(self) -> int:
        """The invoice line that a credit note's line takes back."""
        assert self.corrects_line_id is not None, "not a line of a credit note"
        return self.corrects_line_id

    @property
    def charged(self) -> Decimal:
        """What the customer was charged for it, in the invoice's price basis."""
        return self.amount - self.document_discount

    @property
    def creditable_quantity(self) -> Decimal:
        """Not yet taken back by posted credit notes."""
        return self.quantity - self.credited_quantity

    @property
    def creditable_amount(self) -> Decimal:
        """Likewise, in the price basis."""
        return self.charged - self.credited_amount


class TaxLine(models.Model):
    """The tax of one category and percent: base and tax in the invoice's currency.

    On a credit note both are less the early discount it carries: `discount` net, and its tax.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="tax_lines")
    category = models.CharField(_("category"), max_length=2)
    percent = RateField(_("percent"))
    base = AmountField(_("taxable"))
    tax = AmountField(_("tax"))
    discount = AmountField(_("early discount"), default=0)
    discount_tax = AmountField(default=0)
    #: why no tax is charged, in words for the PDF and as VATEX code for machines
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reason_code = models.CharField(max_length=30, blank=True)

    class Meta:
        verbose_name = _("tax line")
        verbose_name_plural = _("tax lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "category", "percent"], name="invoicing_taxline_group_once"
            ),
            models.CheckConstraint(
                condition=Q(base__gte=0, tax__gte=0, percent__range=(0, 100)),
                name="invoicing_taxline_not_negative",
            ),
        ]
        triggers = frozen_with_invoice()

    def __str__(self) -> str:
        return f"{self.category} {self.percent.normalize():f} %"
