"""What the last stage asks people."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from o2c.core.money import ZERO
from o2c.masters.models import BankAccount, Customer
from o2c.web.formats import amount_text, date_text
from o2c.web.forms import CodeField, Form, amount_field
from o2c.web.imports import ImportForm
from receivables.models import OpenItem, Payment
from reconciliation import queries
from reconciliation.models import BankLine
from reconciliation.rules import Share

ITEMS_SHOWN = 60


class StatementForm(ImportForm):
    """A bank's file and, if the clerk wants to be sure, the account it is about."""

    account = forms.ModelChoiceField(
        BankAccount.objects.filter(active=True),
        label=_("Account"),
        required=False,
        empty_label=_("As the file says"),
    )

    reinstate = forms.BooleanField(
        label=_("Reinstate statements that were replaced"),
        help_text=_("Should a correction be wrong: the statement before it takes its place again."),
        required=False,
    )

    field_order = ["account", "file", "reinstate", "dry_run"]

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        account = given.pop("account")
        given["account_code"] = account.code if account else ""
        return given


class KnownForm(Form):
    """Which of the payments that the books have already; those that are offered may be it."""

    knows_document = True

    def offer(self, payments: list[Payment]) -> None:
        self.fields["payment"] = forms.TypedChoiceField(
            label=_("Payment"),
            choices=[(payment.pk, str(payment)) for payment in payments],
            coerce=int,
            error_messages={
                "required": _("Choose a payment."),
                "invalid_choice": _("Choose a payment."),
            },
        )

    def arguments(self) -> dict[str, Any]:
        return {"payment_id": self.cleaned_data["payment"]}


class JoinForm(KnownForm):
    """The payment that was entered by hand before the line came."""

    def build(self) -> None:
        self.offer(queries.payments_it_may_be(self.document))


class ReturnForm(KnownForm):
    """The payment that the line takes back."""

    def build(self) -> None:
        self.offer(queries.payments_it_may_return(self.document))


class PayerForm(Form):
    """Who paid; the open items of that customer come next."""

    payer = CodeField(
        Customer.objects.all(),
        label=_("Customer code"),
        suggest=0,
        error_messages={"invalid_choice": _("There is no customer with this code.")},
    )


class ChoiceForm(Form):
    """How much of a bank line goes to which open item. What is left goes on account."""

    def __init__(self, *args: Any, line: BankLine, payer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line, self.payer = line, payer
        items = OpenItem.objects.filter(customer=payer, currency=line.currency)
        items = items.debts() if line.amount > 0 else items.credits()
        self.items = list(items.order_by("due_date", "pk")[:ITEMS_SHOWN])
        for item in self.items:
            self.fields[f"item_{item.pk}"] = amount_field(
                label=self._label(item), required=False, min_value=0
            )

    def _label(self, item: OpenItem) -> str:
        """What is open of an item, and what settles it when it came in time."""
        currency, discount = self.line.currency, item.discount_on(self.line.value_date).amount
        values = {
            "item": item,
            "due": date_text(item.due_date),
            "open": amount_text(abs(item.open_amount), currency),
            "less": amount_text(item.open_amount - discount, currency),
        }
        if discount:
            return _("%(item)s, due %(due)s, open %(open)s, paid early %(less)s") % values
        return _("%(item)s, due %(due)s, open %(open)s") % values

    def clean(self) -> dict[str, Any]:
        return {**self.cleaned_data, "shares": self._shares()}

    def _shares(self) -> list[Share]:
        """The amounts given, one share each; what settles an item early takes its discount."""
        given = ((item, self.cleaned_data.get(f"item_{item.pk}") or ZERO) for item in self.items)
        return [self._share(item, amount) for item, amount in given if amount > 0]

    def _share(self, item: OpenItem, amount: Decimal) -> Share:
        discount = item.discount_on(self.line.value_date).amount
        return Share(item.pk, amount, discount if amount + discount == item.open_amount else ZERO)
