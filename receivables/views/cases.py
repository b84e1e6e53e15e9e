"""Write-offs, applied credits, disputes and promises: list, one of them, and its verbs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from o2c.web import Action, act, detail_page, list_page, part_of
from o2c.web.forms import ReasonForm
from receivables import commands, forms, tables
from receivables.models import CreditApplication, Dispute, Promise, PromiseOutcome, WriteOff
from receivables.queries import worklists

WRITE_OFF_ACTIONS = {
    "approve": Action(
        commands.approve_write_off,
        forms.ApproveForm,
        icon="check",
        confirm=_("The amount leaves the customer’s account and becomes a loss."),
    ),
    "reject": Action(commands.reject_write_off, forms.RejectForm, icon="x", danger=True),
    "reverse": Action(
        commands.reverse_write_off,
        forms.UndoForm,
        icon="undo-2",
        danger=True,
        confirm=_("The customer owes the amount again."),
    ),
}
CREDIT_ACTIONS = {
    "reverse": Action(
        commands.reverse_credit_application,
        forms.UndoForm,
        icon="undo-2",
        danger=True,
        confirm=_("The credit is the customer’s again, and what it had settled is open."),
    ),
}
DISPUTE_ACTIONS = {
    "resolve": Action(commands.resolve_dispute, forms.ResolveForm, icon="check"),
}
PROMISE_ACTIONS = {
    "withdraw": Action(commands.withdraw_promise, ReasonForm, icon="x", danger=True),
}


def write_off_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.WriteOffTable)


def write_off_detail(request: HttpRequest, pk: int) -> HttpResponse:
    write_off = get_object_or_404(worklists.write_offs(), pk=pk)
    return detail_page(
        request,
        write_off,
        "receivables/write_off_detail.html",
        actions=WRITE_OFF_ACTIONS,
        allocations=tables.Allocations(
            part_of(request, worklists.allocations_of_write_off(write_off)),
            currency=write_off.currency,
            title=_("Booked"),
        ),
    )


def write_off_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, WriteOff, WRITE_OFF_ACTIONS, pk, verb, page=write_off_detail)


def credit_application_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.CreditApplicationTable)


def credit_application_detail(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(worklists.credit_applications(), pk=pk)
    return detail_page(
        request,
        application,
        "receivables/credit_application_detail.html",
        actions=CREDIT_ACTIONS,
        allocations=tables.Allocations(
            part_of(request, worklists.allocations_of_credit(application)),
            currency=application.currency,
            title=_("Used for"),
        ),
    )


def credit_application_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, CreditApplication, CREDIT_ACTIONS, pk, verb, page=credit_application_detail)


def dispute_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.DisputeTable)


def dispute_detail(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = get_object_or_404(worklists.disputes(), pk=pk)
    return detail_page(request, dispute, "receivables/dispute_detail.html", actions=DISPUTE_ACTIONS)


def dispute_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Dispute, DISPUTE_ACTIONS, pk, verb, page=dispute_detail)


def promise_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.PromiseTable)


def promise_detail(request: HttpRequest, pk: int) -> HttpResponse:
    promise = get_object_or_404(worklists.promises(), pk=pk)
    return detail_page(
        request,
        promise,
        "receivables/promise_detail.html",
        actions=PROMISE_ACTIONS,
        is_kept=promise.shown_state[1] == PromiseOutcome.KEPT,
        is_broken=promise.shown_state[1] == PromiseOutcome.BROKEN,
    )


def promise_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Promise, PROMISE_ACTIONS, pk, verb, page=promise_detail)
