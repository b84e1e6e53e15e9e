"""Payment terms: when which part of an invoice is due, and what paying early is worth."""

from collections.abc import Sequence
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.core.fields import AmountField, RateField
from o2c.masters.models.base import Coded, Recorded
from o2c.masters.rules import terms as rules


class DiscountTaxMode(models.TextChoices):
    """What an early-payment discount does to the tax. All three are lawful somewhere."""

    REDUCED_WHEN_TAKEN = rules.REDUCED_WHEN_TAKEN, _("Tax is reduced if the discount is taken")
    ALWAYS_REDUCED = rules.ALWAYS_REDUCED, _("Tax is always on the discounted amount")
    NEVER_REDUCED = rules.NEVER_REDUCED, _("Tax is never reduced")


class PaymentTerms(Coded):
    """Due dates and early-payment discount agreed with a customer."""

    discount_percent = RateField(
        _("early discount, %"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    discount_days = models.PositiveSmallIntegerField(_("discount days"), null=True, blank=True)
    discount_tax_mode = models.CharField(
        _("tax under discount"),
        max_length=20,
        choices=DiscountTaxMode,
        default=DiscountTaxMode.REDUCED_WHEN_TAKEN,
    )

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(discount_percent=0, discount_days__isnull=True)
                | Q(discount_percent__gt=0, discount_percent__lt=100, discount_days__isnull=False),
                name="masters_paymentterms_discount_whole",
                violation_error_message=_("A discount needs both a percent and its days."),
            ),
            models.CheckConstraint(
                condition=Q(discount_tax_mode__in=DiscountTaxMode.values),
                name="masters_paymentterms_tax_mode_known",
            ),
        ]

    @property
    def untaxed_percent(self) -> Decimal:
        """How much of every amount the tax of a document leaves out: 10 means 10 %."""
        return self.plan_with(()).untaxed_percent

    def plan(self) -> rules.Terms:
        """These terms as plain values for `rules.terms`. Reads `lines`: prefetch them."""
        lines = sorted(self.lines.all(), key=lambda line: line.sequence)
        return self.plan_with([line.part() for line in lines])

    def plan_with(self, parts: Sequence[rules.TermsPart]) -> rules.Terms:
        """These terms with other lines."""
        return rules.Terms(
            discount_percent=self.discount_percent,
            discount_days=self.discount_days,
            discount_tax_mode=self.discount_tax_mode,
            lines=parts,
        )


class PaymentTermsLine(Recorded):
    """One instalment: how much (a share, a fixed amount or the rest) and when.

    The due date is the invoice date plus months, plus days, then moved to the end of that month,
    then plus extra days, then moved to the day of month. In this order; nothing else is implied.
    """

    terms = models.ForeignKey(
        PaymentTerms, models.PROTECT, related_name="lines", verbose_name=_("payment terms")
    )
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=1)
    share_percent = RateField(_("share, %"), null=True, blank=True)
    fixed_amount = AmountField(_("fixed amount"), null=True, blank=True)
    remainder = models.BooleanField(_("the rest"), default=False)
    days = models.PositiveSmallIntegerField(_("days"), default=0)
    months = models.PositiveSmallIntegerField(_("months"), default=0)
    end_of_month = models.BooleanField(_("end of month"), default=False)
    extra_days = models.PositiveSmallIntegerField(_("days after the end of month"), default=0)
    day_of_month = models.PositiveSmallIntegerField(_("day of month"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment terms line")
        verbose_name_plural = _("payment terms lines")
        constraints = [
            models.UniqueConstraint(
                fields=["terms", "sequence"], name="masters_paymenttermsline_sequence_once"
            ),
            models.UniqueConstraint(
                fields=["terms"],
                condition=Q(remainder=True),
                name="masters_paymenttermsline_one_remainder",
                violation_error_message=_("Only one line takes the rest."),
            ),
            models.CheckConstraint(
                condition=Q(share_percent__gt=0, fixed_amount__isnull=True, remainder=False)
                | Q(share_percent__isnull=True, fixed_amount__gt=0, remainder=False)
                | Q(share_percent__isnull=True, fixed_amount__isnull=True, remainder=True),
                name="masters_paymenttermsline_one_kind",
                violation_error_message=_("A line is a share, a fixed amount or the rest."),
            ),
            models.CheckConstraint(
                condition=Q(share_percent__isnull=True) | Q(share_percent__lte=100),
                name="masters_paymenttermsline_share",
            ),
            models.CheckConstraint(
                condition=Q(day_of_month__isnull=True) | Q(day_of_month__range=(1, 31)),
                name="masters_paymenttermsline_day_of_month",
                violation_error_message=_("A day of the month lies between 1 and 31."),
            ),
            models.CheckConstraint(
                condition=Q(extra_days=0) | Q(end_of_month=True),
                name="masters_paymenttermsline_extra_days",
                violation_error_message=_("Days after the end of month need “end of month”."),
            ),
            models.CheckConstraint(
                # Keeps every due date inside the calendar the database and PDF can show.
                condition=Q(days__lte=3660, months__lte=120, extra_days__lte=3660),
                name="masters_paymenttermsline_within_ten_years",
                violation_error_message=_("Nothing is due later than in ten years."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terms.code}/{self.sequence}"

    def part(self) -> rules.TermsPart:
        """This line as plain values."""
        return rules.TermsPart(
            share_percent=self.share_percent,
            fixed_amount=self.fixed_amount,
            days=self.days,
            months=self.months,
            end_of_month=self.end_of_month,
            extra_days=self.extra_days,
            day_of_month=self.day_of_month,
        )
