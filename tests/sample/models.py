from django.db import models
from django.utils.translation import gettext_lazy as _

from o2c.core.fields import AmountField, QuantityField
from o2c.core.history import CommercialHistory
from o2c.core.models import Document
from o2c.core.states import StateField, condition, number_from_id, state_known, step, tones


class ParcelState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    LOST = "lost", "Lost"

    tones = tones(
        draft="neutral pencil",
        sent="info mail-check",
    )


@condition("The parcel has no address.")
def has_address(parcel: "Parcel") -> bool:
    return bool(parcel.address)


@condition("The parcel is empty.")
def has_content(parcel: "Parcel") -> bool:
    return parcel.value > 0


class Parcel(Document):
    lock_rank = 40
    other_events = {
        "wrapped": _("Wrapped"),
        "amended": _("Amended"),
    }

    number = number_from_id("PA")
    state = StateField(ParcelState, default=ParcelState.DRAFT)
    address = models.CharField(max_length=100, blank=True)
    value = AmountField(default=0)
    history = CommercialHistory(excluded_fields=("number", "state", "version"))

    class Meta:
        constraints = [state_known(ParcelState, "sample_parcel_state_known")]

    @step(
        "draft",
        "sent",
        label="Send",
        event="sent",
        past=_("Sent"),
        conditions=[has_address, has_content],
    )
    def send(self) -> None:
        """Give it to the carrier."""

    @step(["draft", "sent"], "lost", label="Lose", event="lost", past=_("Lost"))
    def lose(self) -> None:
        """Nobody knows where it is."""


class Piece(models.Model):
    lock_rank = 50

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="pieces")
    quantity = QuantityField()
    taken = QuantityField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(taken__gte=0, taken__lte=models.F("quantity")),
                name="sample_piece_taken_within_quantity",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
