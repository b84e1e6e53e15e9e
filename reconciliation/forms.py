"""What the last stage asks people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from o2c.core.money import ZERO
from o2c.masters.models import BankAccount, Customer
from o2c.web.forms import Form, TextField, amount_field
from o2c.web.imports import ImportForm
from receivables.models import OpenItem
from reconciliation.models import BankLine
from reconciliation.rules import Share

ITEMS_SHOWN = 60


class StatementForm(ImportForm):
    """A bank's file and the account it is about."""

    account = forms.ModelChoiceField(BankAccount.objects.filter(active=True), label=_("Account"))

    field_order = ["account", "file", "dry_run"]

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["account_code"] = given.pop("account").code
        return given


class ReasonForm(Form):
    """Why."""

    reason = TextField(label=_("Reason"), max_length=200)


class PayerForm(Form):
    """Who paid; the open items of that customer come next."""

    payer = forms.CharField(label=_("Customer code"), max_length=30)

    def clean_payer(self) -> Customer:
        found = Customer.objects.filter(code__iexact=self.cleaned_data["payer"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no customer with this code."))
        return found


class ChoiceForm(Form):
    """How much of a bank line goes to which open item. What is left goes on account."""

    def __init__(self, *args: Any, line: BankLine, payer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line, self.payer = line, payer
        items = OpenItem.objects.debts().filter(customer=payer, currency=line.currency)
        self.items = list(items.order_by("due_date", "pk")[:ITEMS_SHOWN])
        for item in self.items:
            self.fields[f"item_{item.pk}"] = amount_field(
                label=_("%(item)s, due %(due)s, open %(open)s")
                % {
                    "item": item,
                    "due": item.due_date,
                    "open": f"{item.open_amount:.2f}",
                },
                required=False,
                min_value=0,
            )

    def shares(self) -> list[Share]:
        """The amounts given, one share each."""
        given = {item.pk: self.cleaned_data.get(f"item_{item.pk}") or ZERO for item in self.items}
        return [Share(item_id, amount) for item_id, amount in given.items() if amount > 0]
