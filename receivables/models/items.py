"""The open item: one instalment of what a customer owes, or of what we owe a customer."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from o2c.core import clock, codes
from o2c.core.addresses import row_address
from o2c.core.days import DayKind
from o2c.core.expressions import digits_key_of, number_key_of
from o2c.core.fields import AmountField, DayField, RateField
from o2c.masters.rules.ranks import Rank
from receivables.rules.discount import NO_DISCOUNT, Discount, available_discount, is_early


class ItemKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    CHARGE = "charge", _("Late charge")
    OPENING = "opening", _("Opening balance")


class OpenItemQuerySet(models.QuerySet):
    def debts(self) -> Self:
        """Those the customer still owes."""
        return self.filter(open_amount__gt=0)

    def credits(self) -> Self:
        """Those we still owe the customer."""
        return self.filter(open_amount__lt=0)

    def overdue(self, today: date) -> Self:
        """Debts whose due date has passed."""
        return self.debts().filter(due_date__lt=today)


def _between_zero_and(bound: str, value: str) -> Q:
    """The CHECK that `value` never leaves the stretch from zero to `bound`, whatever its sign."""
    above = Q(**{f"{bound}__gte": 0, f"{value}__gte": 0, f"{value}__lte": F(bound)})
    below = Q(**{f"{bound}__lte": 0, f"{value}__lte": 0, f"{value}__gte": F(bound)})
    return above | below


def item_words(document_number: str, sequence: int) -> str:
    """What an item is called: its document, and which instalment of several."""
    return f"{document_number}/{sequence}" if sequence > 1 else document_number


class OpenItem(models.Model):
    """One instalment. Amounts in `currency`, credits negative; `base_*` in base currency.

    `original` is what was posted, `open_amount` what allocations have left of it. `customer` is
    the payer. `discount` is what may be deducted when all of `original` is paid by
    `discount_date`; `discount_tax` is the tax in it. Where a payment that came back has ended the
    discount, `agreed_discount_date` keeps the day agreed.
    """

    lock_rank = Rank.OPEN_ITEM
    known_by = "document_number"  # see o2c.web.sources

    kind = models.CharField(_("kind"), max_length=12, choices=ItemKind)
    invoice = models.ForeignKey(
        "invoicing.Invoice",
        models.PROTECT,
        null=True,
        related_name="open_items",
        verbose_name=_("invoice"),
    )
    letter = models.ForeignKey(
        "receivables.DunningLetter",
        models.PROTECT,
        null=True,
        related_name="charges",
        verbose_name=_("letter"),
    )
    sequence = models.PositiveSmallIntegerField(_("instalment"), default=1)
    document_number = models.CharField(_("document"), max_length=64)
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, null=True, related_name="+", verbose_name=_("order")
    )
    currency = models.CharField(_("currency"), max_length=3)
    exchange_rate = RateField(_("exchange rate"), default=1)
    original = AmountField(_("amount"))
    open_amount = AmountField(_("open"))
    base_original = AmountField()
    base_open = AmountField()
    posting_date = DayField(_("posted on"), kind=DayKind.PAST)
    document_date = DayField(_("date"), kind=DayKind.PAST)
    due_date = DayField(_("due"), kind=DayKind.PLANNED)
    discount_date = DayField(_("discount until"), kind=DayKind.PLANNED, null=True)
    agreed_discount_date = DayField(kind=DayKind.PLANNED, null=True)
    discount_percent = RateField(_("discount, %"), default=0)
    discount = AmountField(_("discount"), default=0)
    discount_tax = AmountField(default=0)
    recorded_at = models.DateTimeField(default=clock.now)

    objects = OpenItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("open item")
        verbose_name_plural = _("open items")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ItemKind.values), name="receivables_openitem_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(agreed_discount_date__isnull=True)
                | Q(discount_date__lt=F("agreed_discount_date")),
                name="receivables_openitem_discount_ends_early",
            ),
            models.CheckConstraint(
                condition=~Q(original=0) & _between_zero_and("original", "open_amount"),
                name="receivables_openitem_open_within_original",
                violation_error_message=_("More was applied than is open."),
            ),
            models.CheckConstraint(
                condition=_between_zero_and("base_original", "base_open"),
                name="receivables_openitem_base_open_within_original",
            ),
            models.CheckConstraint(
                condition=~Q(open_amount=0) | Q(base_open=0),
                name="receivables_openitem_settled_in_both",
            ),
            models.CheckConstraint(
                condition=_between_zero_and("original", "discount")
                & _between_zero_and("discount", "discount_tax"),
                name="receivables_openitem_discount_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[ItemKind.INVOICE, ItemKind.CREDIT_NOTE])
                & Q(invoice__isnull=False, letter__isnull=True)
                | Q(kind=ItemKind.CHARGE, invoice__isnull=True, letter__isnull=False)
                | Q(kind=ItemKind.OPENING, invoice__isnull=True, letter__isnull=True),
                name="receivables_openitem_has_its_document",
            ),
            models.UniqueConstraint(
                fields=["letter", "currency"], name="receivables_openitem_charge_once"
            ),
            models.UniqueConstraint(
                fields=["invoice", "sequence"], name="receivables_openitem_instalment_once"
            ),
            codes.once(
                "receivables_openitem_taken_over_once",
                "customer",
                field="document_number",
                where=Q(kind=ItemKind.OPENING),
                sentence=_("This document was taken over, perhaps in other capitals."),
            ),
            models.UniqueConstraint(
                # What an allocation's key points at: same customer, same currency.
                fields=["id", "customer", "currency"],
                name="receivables_openitem_allocation_key",
            ),
        ]
        indexes = [
            # All that aging asks for, so that it reads this and no row.
            models.Index(
                fields=["customer", "currency", "due_date"],
                include=["open_amount", "document_date", "posting_date", "recorded_at", "id"],
                condition=~Q(open_amount=0),
                name="receivables_openitem_open",
            ),
            # What a bank line may be about: an amount, a number however it is written (of settled
            # items, too: who names one pays nothing else), its digits.
            models.Index(
                fields=["open_amount"],
                condition=~Q(open_amount=0),
                name="receivables_openitem_amount",
            ),
            models.Index(number_key_of("document_number"), name="receivables_openitem_named"),
            models.Index(
                digits_key_of("document_number"),
                condition=~Q(open_amount=0),
                name="receivables_openitem_digits",
            ),
        ]

    def __str__(self) -> str:
        return item_words(self.document_number, self.sequence)

    def get_absolute_url(self) -> str:
        return row_address("receivables:open_item_detail", self.pk)

    @property
    def is_settled(self) -> bool:
        """Nothing is open any more: paid, credited or written off."""
        return self.open_amount == 0

    @property
    def money(self) -> Money:
        """What is open, for display."""
        return Money(self.open_amount, self.currency)

    @property
    def early_discount(self) -> Discount:
        """The discount of the whole item."""
        return Discount(self.discount, self.discount_tax)

    def discount_on(self, value_date: date) -> Discount:
        """What money of this value date may deduct when it settles all that is open.

        The item's discount in the share that is open: what was credited earns none.
        """
        if not is_early(value_date, self.discount_date):
            return NO_DISCOUNT
        return available_discount(
            self.early_discount, self.original, self.open_amount, self.currency
        )

    def days_overdue(self, today: date) -> int:
        """Days since the due date; negative before it."""
        return (today - self.due_date).days

    def signed(self, amount: Decimal) -> Decimal:
        """A positive amount with this item's sign."""
        return amount if self.original > 0 else -amount
