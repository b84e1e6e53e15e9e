"""The pages under the roof: home, search, proof, stuck work."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from o2c.core import clock
from o2c.core.models import Delivery
from o2c.core.states import condition
from o2c.core.verify import run_all
from o2c.desk import commands, queries
from o2c.desk.first_steps import first_steps
from o2c.desk.forms import FoundingForm
from o2c.desk.queues import starts_for, waiting_for
from o2c.desk.search import MOST_PER_KIND, search
from o2c.desk.tables import Findings, StuckWorkTable
from o2c.web import Action, act, form_page, list_page, require_right, show, thing_page
from o2c.web.sources import name_of
from o2c.web.timeline import event_title


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this reader, each count a way to the work."""
    queues = waiting_for(request.user)
    return show(
        request,
        "desk/home.html",
        {
            "title": _("Home"),
            "busy": [queue for queue in queues if queue.count],
            "clear": [queue for queue in queues if not queue.count],
            "starts": starts_for(request.user),
            "first_steps": first_steps(request.user),
            "today": clock.today(),
        },
    )


def found_company(request: HttpRequest) -> HttpResponse:
    """The first page of an empty house."""
    return form_page(
        request,
        FoundingForm,
        lambda cleaned, **key: commands.found_company(**cleaned, **key),
        title=_("Set up the company"),
        permission="desk.found_company",
        submit=_("Set up"),
        done=_("set up"),
        back=reverse("desk:home"),
        back_title=_("Home"),
    )


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Answers by kind; a number that is exactly one document's goes straight there."""
    words = request.GET.get("q", "").strip()[:100]
    found = search(words, request.user)
    exact = [answer for answer in found if answer.is_exact]
    if len(exact) == 1:
        return HttpResponseRedirect(exact[0].url)
    page = {"title": _("Search"), "words": words, "found": found, "most": MOST_PER_KIND}
    return show(request, "desk/search.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def verification(request: HttpRequest) -> HttpResponse:
    """Every invariant of the product, asked of the database now (POST), each break named."""
    require_right(request, "desk.view_verification")
    findings = run_all() if request.method == "POST" else None
    return show(
        request,
        "desk/verification.html",
        {
            "title": _("Verification"),
            "findings": findings,
            "table": Findings(findings or ()),
            "broken": sum(not finding.holds for finding in findings or ()),
            "asked_at": clock.now(),
        },
    )


def stuck_work(request: HttpRequest) -> HttpResponse:
    """Deliveries that were refused or given up, each with its sentence."""
    require_right(request, "desk.view_stuck_work")
    return list_page(request, StuckWorkTable, queries.stuck_deliveries())


@condition(_("Somebody has dealt with it already."))
def is_stuck(delivery: Delivery) -> bool:
    return delivery.is_stuck


DELIVERY_ACTIONS = {
    "retry": Action(
        commands.retry_delivery,
        label=_("Try again"),
        icon="rotate-cw",
        permission="desk.retry_delivery",
        applies=is_stuck,
        done=_("it worked"),
        then=lambda _delivery: reverse("desk:stuck_work"),
    ),
}


def stuck_work_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One stuck delivery: what happened, who should have acted, what the answer was."""
    delivery = get_object_or_404(queries.deliveries(), pk=pk)
    return thing_page(
        request,
        delivery,
        "desk/stuck_work_detail.html",
        actions=DELIVERY_ACTIONS,
        permission="desk.view_stuck_work",
        at=reverse("desk:stuck_work_detail", args=[pk]),
        title=event_title(delivery.event.name),
        delivery=delivery,
        about=name_of(delivery.event.document_type, delivery.event.document_id).link,
    )


def stuck_work_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    page, right = stuck_work_detail, "desk.view_stuck_work"
    return act(request, Delivery, DELIVERY_ACTIONS, pk, verb, page=page, permission=right)
