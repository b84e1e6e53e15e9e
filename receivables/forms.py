"""What the verbs of receivables ask for."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.money import MINOR_UNITS, ZERO
from o2c.ledger.models import Account
from o2c.masters.models import BankAccount, Customer
from o2c.masters.queries import company
from o2c.web.code_fields import IdentifierField
from o2c.web.forms import CodeField, DayField, Form, TextField, amount_field, keep_choice
from o2c.web.imports import ImportForm
from receivables.commands import PaymentShare, Receipt, Share
from receivables.models import (
    Direction,
    DisputeReason,
    DunningPolicy,
    OpenItem,
    Payment,
    PaymentMethod,
    WriteOffReason,
)
from receivables.queries import AgingRequest, worklists
from receivables.rules.aging import BucketsWrong, parse_bounds


class PaymentForm(Form):
    """Money that somebody types in: cash, a cheque, a card."""

    customer = CodeField(
        Customer.objects.filter(active=True),
        label=_("Customer"),
        required=False,
        help_text=_("Empty while the payer is unknown."),
    )
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction)
    amount = amount_field(label=_("Amount"))
    currency = IdentifierField(label=_("Currency"), max_length=3)
    value_date = DayField(kind=DayKind.NEAR, label=_("Value date"), initial=clock.today)
    bank_account = CodeField(BankAccount.objects.filter(active=True), label=_("Bank account"))
    method = forms.ChoiceField(label=_("Method"), choices=PaymentMethod)
    reference = TextField(label=_("Reference"), max_length=500, required=False)
    payer_name = TextField(label=_("Payer’s name"), max_length=200, required=False)
    another = forms.BooleanField(
        label=_("It is another one"),
        required=False,
        help_text=_("When the same was really paid a second time."),
    )

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"]
        if code not in MINOR_UNITS:
            raise ValidationError(_("“%(code)s” is no currency."), params={"code": code})
        return str(code)


def receipt_of(cleaned: dict[str, Any]) -> Receipt:
    """A receipt from the clean data of a PaymentForm."""
    plain = {name: value for name, value in cleaned.items() if name != "another"}
    customer, bank_account = plain.pop("customer"), plain.pop("bank_account")
    return Receipt(
        bank_account_id=bank_account.pk, customer_id=customer.pk if customer else None, **plain
    )


class AssignForm(Form):
    customer = CodeField(Customer.objects.filter(active=True), label=_("Customer"))

    def arguments(self) -> dict[str, Any]:
        return {"customer_id": self.cleaned_data["customer"].pk}


class ShareRow(NamedTuple):
    """One open item on a form, with where to type; `available` is the discount still earned."""

    item: OpenItem
    open_amount: Decimal
    available: Decimal
    amount: Any
    discount: Any


class SharesForm(Form):
    """How much of something goes to which open item."""

    knows_document = True

    effective_date = DayField(
        kind=DayKind.PAST,
        label=_("Counts from"),
        required=False,
        help_text=_("Empty: the later of the two documents’ dates."),
    )

    def items(self) -> Sequence[OpenItem]:
        """The items on offer; a subclass says which."""
        return ()

    def available(self, item: OpenItem) -> Decimal:
        """The discount that would still be granted on an item."""
        return ZERO

    def build(self) -> None:
        self.offered = list(self.items())
        self.is_cut = len(self.offered) == worklists.MOST_CHOICES
        for item in self.offered:
            label = {"label": str(item), "required": False, "min_value": 0}
            self.fields[f"amount_{item.pk}"] = amount_field(**label)
            if self.available(item):
                self.fields[f"discount_{item.pk}"] = amount_field(**label)

    def rows(self) -> Iterator[ShareRow]:
        for item in self.offered:
            name = f"discount_{item.pk}"
            yield ShareRow(
                item,
                abs(item.open_amount),
                self.available(item),
                self[f"amount_{item.pk}"],
                self[name] if name in self.fields else None,
            )

    def clean(self) -> dict[str, Any]:
        """The rows somebody has typed into, as shares."""
        typed = self.cleaned_data
        shares = [
            Share(
                item.pk,
                typed.get(f"amount_{item.pk}") or ZERO,
                typed.get(f"discount_{item.pk}") or ZERO,
            )
            for item in self.offered
        ]
        return {
            "shares": [share for share in shares if share.cleared],
            "effective_date": typed.get("effective_date"),
        }


class AllocateForm(SharesForm):
    """What a payment is for: open items, and payments that went the other way."""

    def build(self) -> None:
        super().build()
        self.met = list(worklists.meeting(self.document)[: worklists.MOST_CHOICES])
        for other in self.met:
            label = {"label": str(other), "required": False, "min_value": 0}
            self.fields[f"payment_{other.pk}"] = amount_field(**label)

    def payment_rows(self) -> Iterator[tuple[Payment, Any]]:
        """The payments on offer, each with where to type."""
        return ((other, self[f"payment_{other.pk}"]) for other in self.met)

    def clean(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        given = [(other.pk, typed.get(f"payment_{other.pk}") or ZERO) for other in self.met]
        payments = [PaymentShare(pk, amount) for pk, amount in given if amount]
        return {**super().clean(), "payments": payments}

    def items(self) -> Sequence[OpenItem]:
        return worklists.items_to_settle(self.document)

    def available(self, item: OpenItem) -> Decimal:
        return item.discount_on(self.document.value_date).amount if self.document.sign > 0 else ZERO


class ApplyCreditForm(SharesForm):
    """What a credit is used for; the document is the credit's open item."""

    def items(self) -> Sequence[OpenItem]:
        return worklists.debts_beside(self.document)


_MET = "payment-"  # before the key of a repayment among the choices


class TakeBackForm(Form):
    """Which allocations of a payment are taken back."""

    knows_document = True

    allocations = forms.MultipleChoiceField(
        label=_("Applied to"), widget=forms.CheckboxSelectMultiple
    )
    reason = TextField(label=_("Reason"), max_length=200)

    def build(self) -> None:
        live = worklists.live_allocations(self.document)
        met = [row for row in worklists.repayments_of(self.document) if row.stands]
        self.fields["allocations"].choices = [  # type: ignore[attr-defined]
            (str(row.pk), f"{row.open_item}: {abs(row.amount):f} {row.currency}") for row in live
        ] + [(f"{_MET}{row.pk}", f"{row.other_than(self.document)}: {row}") for row in met]

    def arguments(self) -> dict[str, Any]:
        chosen = self.cleaned_data["allocations"]
        met = [key.removeprefix(_MET) for key in chosen if key.startswith(_MET)]
        return {
            "allocation_ids": [int(key) for key in chosen if not key.startswith(_MET)],
            "repayment_ids": [int(key) for key in met],
            "reason": self.cleaned_data["reason"],
        }


class UndoForm(Form):
    """Why, and from which day on."""

    reason = TextField(label=_("Reason"), max_length=200)
    effective_date = DayField(
        kind=DayKind.PAST, label=_("Counts from"), required=False, help_text=_("Empty: today.")
    )


class OpenItemsForm(ImportForm):
    """The file of opening items, the day they are posted on, and against which account."""

    posting_date = DayField(kind=DayKind.PAST, label=_("Posted on"), initial=clock.today)
    account = forms.ModelChoiceField(Account.objects.filter(active=True), label=_("Account"))

    field_order = ["account", "posting_date", "file", "dry_run"]

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["account_code"] = given.pop("account").code
        return given


class ReturnForm(Form):
    """When and why the bank took a payment back, and what it took on top."""

    returned_date = DayField(
        kind=DayKind.PAST, label=_("Booked by the bank on"), initial=clock.today
    )
    reason = TextField(label=_("Reason"), max_length=200)
    fee = amount_field(label=_("Bank’s fee"), required=False, min_value=0)

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "fee": self.cleaned_data["fee"] or ZERO}


class WriteOffForm(Form):
    amount = amount_field(label=_("Amount"))
    reason = forms.ChoiceField(label=_("Reason"), choices=WriteOffReason)
    note = TextField(label=_("Why"), max_length=500, lines=True)


class ApproveForm(Form):
    posting_date = DayField(
        kind=DayKind.PAST, label=_("Posted on"), required=False, help_text=_("Empty: today.")
    )
    note = TextField(label=_("Note"), max_length=500, required=False, lines=True)


class RejectForm(Form):
    note = TextField(label=_("Why not"), max_length=500, lines=True)


class DisputeForm(Form):
    amount = amount_field(label=_("Disputed amount"))
    reason = forms.ChoiceField(label=_("Reason"), choices=DisputeReason)
    note = TextField(label=_("What the customer says"), max_length=1000, required=False, lines=True)


class ResolveForm(Form):
    resolution = TextField(label=_("Resolution"), max_length=1000, lines=True)


class PromiseForm(Form):
    amount = amount_field(label=_("Promised amount"))
    promised_date = DayField(kind=DayKind.PLANNED, label=_("By"))
    note = TextField(label=_("Note"), max_length=1000, required=False, lines=True)


class RunForm(Form):
    run_date = DayField(kind=DayKind.PAST, label=_("Date"), initial=clock.today)


class DropLetterForm(Form):
    """Which letter of a proposed run is taken out."""

    knows_document = True

    letter_id = forms.TypedChoiceField(label=_("Letter"), coerce=int)
    reason = TextField(label=_("Reason"), max_length=200)

    def build(self) -> None:
        letters = worklists.letters_of_run(self.document)
        self.fields["letter_id"].choices = [  # type: ignore[attr-defined]
            (letter.pk, f"{letter.customer.name}: {letter.level.title}")
            for letter in letters
            if letter.dropped_at is None
        ]


class PauseForm(Form):
    until = DayField(kind=DayKind.PLANNED, label=_("Until"))
    reason = TextField(label=_("Reason"), max_length=200)


class ProfileForm(Form):
    """By which policy a customer is reminded."""

    policy = forms.ModelChoiceField(
        DunningPolicy.objects.filter(active=True).order_by("code"),
        label=_("Policy"),
        required=False,
        empty_label=_("the default policy"),
    )
    reason = TextField(label=_("Reason"), max_length=200)

    def build(self) -> None:
        keep_choice(self.fields["policy"], self.initial.get("policy"))

    def arguments(self) -> dict[str, Any]:
        policy = self.cleaned_data["policy"]
        return {"policy_id": policy and policy.pk, "reason": self.cleaned_data["reason"]}


class AgingForm(Form):
    """The questions of the aging report; all of them live in its address."""

    as_of = DayField(kind=DayKind.ANY, label=_("As of"))
    known_on = DayField(
        kind=DayKind.ANY,
        label=_("As known on"),
        required=False,
        help_text=_("Empty: all that is known now."),
    )
    basis = forms.ChoiceField(
        label=_("Age by"), choices=[("due", _("due date")), ("invoice", _("invoice date"))]
    )
    buckets = TextField(label=_("Buckets, days"), max_length=60)
    customer = CodeField(Customer.objects.all(), label=_("Customer"), required=False, suggest=0)
    currency = IdentifierField(label=_("Currency"), max_length=3, required=False)

    def clean_buckets(self) -> list[int]:
        text = self.cleaned_data["buckets"]
        try:
            return parse_bounds(text)
        except BucketsWrong:
            raise ValidationError(
                _("“%(text)s”: write up to twelve rising numbers of days, such as 30, 60, 90."),
                params={"text": text},
            ) from None

    def request(self) -> AgingRequest:
        """The report that was asked for."""
        asked = self.cleaned_data
        known_on = asked["known_on"]
        midnight = known_on and datetime.combine(known_on + timedelta(days=1), time.min)
        return AgingRequest(
            as_of=asked["as_of"],
            known_at=midnight and make_aware(midnight),
            basis=asked["basis"],
            bounds=asked["buckets"],
            customer_id=asked["customer"].pk if asked["customer"] else None,
            currency=asked["currency"] or None,
        )


def aging_defaults() -> dict[str, str]:
    """What the aging page asks when its address says nothing: today, the company's buckets."""
    return {
        "as_of": clock.today().isoformat(),
        "basis": "due",
        "buckets": ", ".join(str(days) for days in company().aging_buckets),
    }
