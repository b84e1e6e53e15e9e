"""Our own company, the currencies it deals in, and its bank accounts."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.core.fields import DayField, RateField
from o2c.masters.models.base import (
    CURRENCY_PATTERN,
    Coded,
    CurrencyCodeField,
    PostalAddress,
    Recorded,
)
from o2c.web.formats import date_text


def default_aging_buckets() -> list[int]:
    """Upper ends in days of the aging buckets; what is older falls into the last one."""
    return [30, 60, 90]


class Company(Recorded, PostalAddress):
    """The company whose books these are. There is exactly one row; policies live here too."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name"), max_length=200)
    legal_name = models.CharField(_("legal name"), max_length=200)
    vat_id = models.CharField(_("VAT id"), max_length=20, blank=True)
    tax_number = models.CharField(
        _("tax number"),
        max_length=40,
        blank=True,
        help_text=_("Of the tax office, where there is no VAT id."),
    )
    registration = models.CharField(_("register entry"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    base_currency = CurrencyCodeField(verbose_name=_("base currency"))

    credit_unapplied_counts = models.BooleanField(
        _("unapplied cash lowers exposure"),
        default=False,
        help_text=_("Money received but not yet applied counts for the customer's credit limit."),
    )
    credit_new_customer_hold = models.BooleanField(
        _("hold first orders"),
        default=True,
        help_text=_("The first order of a customer waits for the credit manager."),
    )
    over_delivery_percent = RateField(_("over-delivery tolerance, %"), default=0)
    under_delivery_percent = RateField(_("under-delivery tolerance, %"), default=0)
    aging_buckets = models.JSONField(_("aging buckets, days"), default=default_aging_buckets)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            *PostalAddress.Meta.constraints,
            models.CheckConstraint(
                condition=Q(id=1),
                name="masters_company_only_one",
                violation_error_message=_("There is one company only."),
            ),
            models.CheckConstraint(
                condition=Q(over_delivery_percent__range=(0, 100)),
                name="masters_company_over_delivery_percent",
            ),
            models.CheckConstraint(
                condition=Q(under_delivery_percent__range=(0, 100)),
                name="masters_company_under_delivery_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the company, which needs no key."""
        return reverse("masters:company_detail")


class Currency(Recorded):
    """A currency the company deals in. `minor_units` is the ISO number of decimals."""

    code = models.CharField(
        _("code"), max_length=3, unique=True, validators=[RegexValidator(CURRENCY_PATTERN)]
    )
    name = models.CharField(_("name"), max_length=100)
    minor_units = models.PositiveSmallIntegerField(_("decimals"))
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=CURRENCY_PATTERN), name="masters_currency_code_iso"
            ),
            models.CheckConstraint(
                # Amount columns hold four decimals; ISO 4217 needs no more.
                condition=Q(minor_units__lte=4),
                name="masters_currency_minor_units",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ExchangeRate(Recorded):
    """What one unit of `currency` is worth in the base currency, from `date` until the next."""

    currency = CurrencyCodeField()
    date = DayField(_("date"), kind=DayKind.PLANNED)
    rate = RateField(_("rate"), help_text=_("Base currency for one unit of this currency."))
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "date"],
                name="masters_exchangerate_once_a_day",
                violation_error_message=_("This currency already has a rate on this day."),
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=0),
                name="masters_exchangerate_rate_positive",
                violation_error_message=_("A rate is greater than zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency}, {date_text(self.date)}: {self.rate.normalize():f}"


class BankAccount(Coded):
    """An account of ours that customers pay into."""

    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    account_number = models.CharField(
        _("account number"),
        max_length=40,
        blank=True,
        help_text=_("Where there is no IBAN: the number as the bank's statements write it."),
    )
    bank_name = models.CharField(_("bank"), max_length=100, blank=True)
    currency = CurrencyCodeField()

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(iban="", account_number=""),
                name="masters_bankaccount_identified",
                violation_error_message=_("A bank account needs an IBAN or an account number."),
            ),
            models.UniqueConstraint(
                # One IBAN may carry accounts in several currencies.
                fields=["iban", "currency"],
                condition=~Q(iban=""),
                name="masters_bankaccount_iban_once",
                violation_error_message=_("This IBAN is already in use."),
            ),
        ]

    def identifiers(self) -> dict[str, Any]:
        """How a statement may name this account."""
        return {"iban": self.iban, "account_number": self.account_number, "bic": self.bic}
