"""Payments: the cash queue, one payment, and what may be done with it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from o2c.core.actors import Actor
from o2c.core.states import condition
from o2c.masters.queries import company
from o2c.web import Action, act, detail_page, form_page, list_page, part_of
from o2c.web.forms import ReasonForm
from receivables import commands, forms, tables
from receivables.models import Payment, PaymentState
from receivables.queries import worklists


@condition(_("Everything of it is applied."))
def has_money_left(payment: Payment) -> bool:
    return bool(payment.unapplied)


@condition(_("Nothing of it is applied."))
def is_applied(payment: Payment) -> bool:
    return payment.allocated > 0


@condition(_("It is money paid back."))
def is_money_in(payment: Payment) -> bool:
    return payment.sign > 0


ACTIONS = {
    "assign": Action(commands.assign_payer, forms.AssignForm, icon="user-check"),
    "approve": Action(
        commands.approve_payment,
        icon="check",
        confirm=_("It joins the customer’s account, who then owes what was paid out too much."),
    ),
    "reject": Action(commands.reject_payment, ReasonForm, icon="x", minor=True),
    "allocate": Action(
        commands.allocate_payment,
        forms.AllocateForm,
        label=_("Apply"),
        icon="list-checks",
        states=[PaymentState.RECEIVED],
        conditions=[has_money_left],
        template="receivables/shares_form.html",
    ),
    "allocate_oldest_first": Action(
        commands.allocate_oldest_first,
        label=_("Apply to the oldest"),
        icon="arrow-down-narrow-wide",
        permission="receivables.allocate_payment",
        states=[PaymentState.RECEIVED],
        conditions=[has_money_left],
        minor=True,
    ),
    "take_back": Action(
        commands.reverse_allocations,
        forms.TakeBackForm,
        label=_("Take back"),
        icon="undo-2",
        permission="receivables.reverse_allocation",
        states=[PaymentState.RECEIVED],
        conditions=[is_applied],
        minor=True,
    ),
    "return": Action(
        commands.return_payment,
        forms.ReturnForm,
        label=_("Came back"),
        icon="undo-2",
        permission="receivables.return_payment",
        states=[PaymentState.RECEIVED],
        conditions=[is_money_in],
        minor=True,
        confirm=_("What it had settled is open again, from that day on."),
    ),
    "reverse": Action(
        commands.reverse_payment,
        forms.UndoForm,
        icon="rotate-ccw",
        danger=True,
        confirm=_("What it had settled is open again, and the bank’s account goes down."),
    ),
}


def payment_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.PaymentTable)


def payment_new(request: HttpRequest) -> HttpResponse:
    return form_page(
        request,
        forms.PaymentForm,
        _record,
        title=_("Record a payment"),
        permission="receivables.record_payment",
        initial={
            "customer": request.GET.get("customer"),
            "currency": request.GET.get("currency") or company().base_currency,
        },
        submit=_("Record"),
        done=_("recorded"),
        back=reverse("receivables:payment_list"),
        back_title=_("Payments"),
    )


def _record(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Payment:
    enter: Any = commands.enter_payment
    receipt, another = forms.receipt_of(cleaned), cleaned["another"]
    payment: Payment = enter(receipt, another=another, actor=actor, op_id=op_id)
    return payment


def payment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    payment = get_object_or_404(worklists.payments(), pk=pk)
    repayments = part_of(request, worklists.repayments_of(payment), name="repayments")
    return detail_page(
        request,
        payment,
        "receivables/payment_detail.html",
        actions=ACTIONS,
        allocations=tables.Allocations(
            part_of(request, worklists.allocations_of_payment(payment)),
            currency=payment.currency,
            title=_("Used for"),
        ),
        meetings=tables.Meetings(
            [tables.Meeting(row, row.other_than(payment)) for row in repayments],
            currency=payment.currency,
            excerpt=repayments.excerpt,
        ),
    )


def payment_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Payment, ACTIONS, pk, verb, page=payment_detail)
