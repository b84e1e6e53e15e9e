"""Price lists: general ones, and contracts with one customer."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.core.fields import PriceField, QuantityField, RateField
from o2c.masters.models.base import Coded, CurrencyCodeField, Dated, Recorded, no_overlap
from o2c.masters.models.items import Item


class PriceList(Coded):
    """Prices in one currency. A list with a customer is a contract and goes before all others."""

    currency = CurrencyCodeField()
    tax_included = models.BooleanField(_("prices include tax"), default=False)
    customer = models.ForeignKey(
        "masters.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contract_lists",
        verbose_name=_("only for"),
    )

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        constraints = [
            *Coded.Meta.constraints,
            models.UniqueConstraint(
                # Two contracts side by side would leave the price to chance.
                fields=["customer", "currency"],
                condition=Q(active=True),
                name="masters_pricelist_one_contract",
                violation_error_message=_("The customer has a contract in this currency."),
            ),
        ]


class PriceListItem(Recorded, Dated):
    """The price of one stock unit from `min_quantity` on, less `discount_percent`."""

    price_list = models.ForeignKey(
        PriceList, models.PROTECT, related_name="entries", verbose_name=_("price list")
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    min_quantity = QuantityField(_("from quantity"), default=0)
    price = PriceField(_("price"))
    discount_percent = RateField(
        _("discount, %"), default=0, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        indexes = [models.Index(fields=["item", "price_list"], name="masters_price_by_item")]
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                # EN 16931 BR-27: a unit price is not negative; free goods are 0.
                condition=Q(price__gte=0),
                name="masters_pricelistitem_price",
                violation_error_message=_("A price is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(min_quantity__gte=0), name="masters_pricelistitem_min_quantity"
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__range=(0, 100)),
                name="masters_pricelistitem_discount",
                violation_error_message=_("A discount lies between 0 and 100 percent."),
            ),
            no_overlap("masters_pricelistitem_no_overlap", "price_list", "item", "min_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.price_list.code}/{self.item.code}: {self.price.normalize():f}"
