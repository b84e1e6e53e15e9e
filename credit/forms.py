"""What the pages of credit ask for."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from credit.commands.accounts import LONGEST_OVERDUE
from credit.models import CreditAccount, LimitKind, RiskClass
from o2c.core.days import DayKind
from o2c.masters.models import Customer
from o2c.web.forms import CodeField, DayField, Form, TextField, amount_field


class LimitForm(Form):
    """How much a payer may owe, and when."""

    knows_document = True
    kind = forms.ChoiceField(label=_("Kind"), choices=LimitKind.choices)
    amount = amount_field(label=_("Amount"), min_value=0)
    valid_from = DayField(
        kind=DayKind.ANY, label=_("Valid from"), required=False, help_text=_("Empty: today.")
    )
    valid_to = DayField(
        kind=DayKind.ANY,
        label=_("Valid to"),
        required=False,
        help_text=_("The last day. Temporary and insured limits need one."),
    )
    reason = TextField(label=_("Reason"), max_length=200)

    def build(self) -> None:
        if self.document is not None:
            self.fields["amount"].help_text = _("In %(currency)s, the account's currency.") % {
                "currency": self.document.currency
            }


class ClassifyForm(Form):
    """How careful to be with a payer."""

    risk_class = forms.ChoiceField(label=_("Risk class"), choices=RiskClass.choices)
    overdue_days_allowed = forms.IntegerField(
        label=_("Days overdue allowed"),
        min_value=0,
        max_value=LONGEST_OVERDUE,
        required=False,
        help_text=_("Orders are held when the oldest item is later. Empty: never for that."),
    )


class AuthorityForm(Form):
    """Up to how much a role may decide."""

    role = forms.ModelChoiceField(Group.objects.order_by("name"), label=_("Role"))
    amount = amount_field(
        label=_("Up to"),
        min_value=0,
        required=False,
        help_text=_("Per order and limit, in the base currency. Empty: no ceiling."),
    )


class AccountForm(Form):
    """Whose account is opened."""

    customer = CodeField(
        Customer._default_manager.filter(active=True, credit_account=None), label=_("Payer")
    )
    first_order_cleared = forms.BooleanField(
        label=_("A known customer: the first order need not be held"), required=False
    )


def present_class(account: CreditAccount) -> dict[str, Any]:
    """What a classification starts from."""
    return {
        "risk_class": account.risk_class,
        "overdue_days_allowed": account.overdue_days_allowed,
    }
