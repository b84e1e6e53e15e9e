"""What the verbs of billing ask for."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from invoicing import queries
from invoicing.commands.crediting import NO_CLAIM, QUANTITY_KINDS
from invoicing.models import CreditKind, InvoiceLine
from o2c.core import clock
from o2c.core.days import DayKind
from o2c.web.forms import DayField, Form, TextField, amount_field, quantity_field
from shipping.models import Shipment


class ShipmentField(forms.ModelChoiceField):
    """A shipment by its number, customer and order."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} · {obj.customer.name} · {obj.order.number}"


class BillForm(Form):
    shipment = ShipmentField(label=_("Shipment"), queryset=Shipment.objects.none())

    def build(self) -> None:
        self.fields["shipment"].queryset = queries.unbilled_shipments()  # type: ignore[attr-defined]


class PostForm(Form):
    """Under which date a document is posted."""

    invoice_date = DayField(kind=DayKind.PAST, label=_("Date"), initial=clock.today)


class PostDraftsForm(Form):
    on_date = DayField(kind=DayKind.PAST, label=_("Drafts until"), initial=clock.today)


class CreditRow(NamedTuple):
    """One invoice line on the credit form, with what is left of it and where to type."""

    line: InvoiceLine
    left_quantity: Decimal
    left_amount: Decimal
    quantity: Any
    amount: Any


class CreditForm(Form):
    """What to take back of a posted invoice: quantities or amounts, by line."""

    knows_document = True

    kind = forms.ChoiceField(label=_("Why"), choices=CreditKind)
    reason = TextField(label=_("Reason, printed on the credit note"), max_length=500, lines=True)
    everything = forms.BooleanField(label=_("Credit everything that is left"), required=False)

    def build(self) -> None:
        self.invoice_lines = list(queries.lines_of(self.document.pk))
        self.claims = queries.proposed_credits([self.document.pk])
        for line in self.invoice_lines:
            self.fields[f"quantity_{line.pk}"] = quantity_field(
                label=_("Quantity of line %(line)s") % {"line": line.line_number}, required=False
            )
            self.fields[f"amount_{line.pk}"] = amount_field(
                label=_("Amount of line %(line)s") % {"line": line.line_number},
                required=False,
                min_value=0,
            )

    def rows(self) -> Iterator[CreditRow]:
        for line in self.invoice_lines:
            claim = self.claims.get(line.pk, NO_CLAIM)
            yield CreditRow(
                line,
                line.creditable_quantity - claim.quantity,
                line.creditable_amount - claim.amount,
                self[f"quantity_{line.pk}"],
                self[f"amount_{line.pk}"],
            )

    def arguments(self) -> dict[str, Any]:
        asked: dict[str, Any] = {"quantities": None, "amounts": None}
        if not self.cleaned_data["everything"]:
            quantities, amounts = self._typed("quantity"), self._typed("amount")
            by_quantity = self.cleaned_data["kind"] in QUANTITY_KINDS
            asked["quantities"] = quantities if by_quantity or quantities else None
            asked["amounts"] = amounts if not by_quantity or amounts else None
        return {**asked, "kind": self.cleaned_data["kind"], "reason": self.cleaned_data["reason"]}

    def _typed(self, what: str) -> dict[int, Decimal]:
        return {
            line.pk: figure
            for line in self.invoice_lines
            if (figure := self.cleaned_data.get(f"{what}_{line.pk}"))
        }


class MailForm(Form):
    """To whom a posted document is mailed."""

    knows_document = True

    to = TextField(label=_("To"), max_length=500, help_text=_("Several with commas between."))
    note = TextField(label=_("Your message"), max_length=1000, lines=True, required=False)

    def build(self) -> None:
        self.fields["to"].initial = ", ".join(queries.mail_addresses(self.document.bill_to))

    def clean_to(self) -> list[str]:
        addresses = [part.strip() for part in self.cleaned_data["to"].split(",") if part.strip()]
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(
                    _("“%(address)s” is not an e-mail address."), params={"address": address}
                ) from None
        return addresses
