"""The documents behind moves that no order asked for: receipt, transfer, adjustment, count.

Each is done the moment it is written; a mistake is put right by another one. Their lines are
the moves they made.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.fields import DayField, QuantityField
from o2c.core.history import CommercialHistory
from o2c.core.models import Document
from o2c.core.states import StateField, number_from_id, state_known, tones
from o2c.core.triggers import append_only
from o2c.masters.rules.ranks import Rank


class StockState(models.TextChoices):
    DONE = "done", _("Done")

    tones = tones(
        done="success check",
    )


class StockDocument(Document):
    """What the four have in common. `moved_on` is the business date the ledger posts under."""

    fact_words = {
        "lines": _("Lines"),
        "differences": _("Differences"),
        "reference": _("Reference"),
        "reason": _("Reason"),
    }
    state = StateField(StockState, default=StockState.DONE)
    warehouse = models.ForeignKey(
        "masters.Warehouse", models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    moved_on = DayField(_("date"), kind=DayKind.PAST, default=clock.today)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    history = CommercialHistory(inherit=True, excluded_fields=("number", "state", "version"))

    lock_rank = Rank.GOODS_DOCUMENT

    class Meta:
        abstract = True

    @classmethod
    def source_type(cls) -> str:
        """How moves and ledger entries name this kind of document."""
        return cls._meta.label_lower


class StockReceipt(StockDocument):
    """Goods came in. `reference` is the supplier's delivery note."""

    number = number_from_id("GR")

    other_events = {
        "received": _("Received"),
    }

    class Meta:
        verbose_name = _("goods receipt")
        verbose_name_plural = _("goods receipts")
        constraints = [state_known(StockState, "stock_stockreceipt_state_known")]


class StockTransfer(StockDocument):
    """Goods went from one location to another."""

    number = number_from_id("ST")

    other_events = {
        "transferred": _("Transferred"),
    }

    class Meta:
        verbose_name = _("stock transfer")
        verbose_name_plural = _("stock transfers")
        constraints = [state_known(StockState, "stock_stocktransfer_state_known")]


class StockAdjustment(StockDocument):
    """The book was wrong, or goods broke; somebody says why."""

    number = number_from_id("SA")

    other_events = {
        "adjusted": _("Adjusted"),
    }

    class Meta:
        verbose_name = _("stock adjustment")
        verbose_name_plural = _("stock adjustments")
        constraints = [
            state_known(StockState, "stock_stockadjustment_state_known"),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="stock_stockadjustment_has_reason",
                violation_error_message=_("An adjustment needs a reason."),
            ),
        ]


class StockCount(StockDocument):
    """Somebody counted a location; the book follows what was found."""

    number = number_from_id("SC")
    location = models.ForeignKey(
        "masters.Location", models.PROTECT, related_name="+", verbose_name=_("location")
    )

    other_events = {
        "counted": _("Counted"),
    }

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        constraints = [state_known(StockState, "stock_stockcount_state_known")]


class StockCountLine(models.Model):
    """What the book said and what was found, differences or not."""

    count = models.ForeignKey(StockCount, models.PROTECT, related_name="lines")
    balance = models.ForeignKey("stock.Balance", models.PROTECT, related_name="+")
    expected = QuantityField(_("expected"))
    counted = QuantityField(_("counted"))

    class Meta:
        verbose_name = _("count line")
        verbose_name_plural = _("count lines")
        constraints = [
            models.UniqueConstraint(fields=["count", "balance"], name="stock_stockcountline_once"),
            models.CheckConstraint(
                condition=Q(counted__gte=0, expected__gte=0),
                name="stock_stockcountline_not_negative",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.counted} ({self.expected})"
