"""Dunning: the runs, one proposal with everything in and out of it, and its letters."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from o2c.core.actors import Actor
from o2c.core.attachments import attachments_of
from o2c.masters.queries import company
from o2c.web import Action, act, detail_page, form_page, list_page, part_of, require_right, show
from o2c.web.files import stored_bytes
from o2c.web.forms import ReasonForm
from receivables import commands, forms, tables
from receivables.models import DunningLetter, DunningRun, DunningRunState
from receivables.queries import worklists
from receivables.queries.dunning import letter_with_notices
from receivables.views.items import VIEW_RIGHT

ACTIONS = {
    "approve": Action(
        commands.approve_dunning_run,
        icon="send",
        confirm=_("The letters leave. What was paid, disputed or promised meanwhile is left out."),
    ),
    "drop_letter": Action(
        commands.drop_dunning_letter,
        forms.DropLetterForm,
        label=_("Take a letter out"),
        icon="mail-minus",
        permission="receivables.drop_letter",
        states=[DunningRunState.PROPOSED],
        minor=True,
    ),
    "discard": Action(commands.discard_dunning_run, ReasonForm, icon="trash-2", danger=True),
}


def dunning_run_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.DunningRunTable, template="receivables/dunning_run_list.html")


def dunning_run_new(request: HttpRequest) -> HttpResponse:
    return form_page(
        request,
        forms.RunForm,
        _propose,
        title=_("Propose a dunning run"),
        permission="receivables.propose_dunning",
        submit=_("Propose"),
        done=_("proposed; nothing leaves before somebody approves it"),
        back=reverse("receivables:dunning_run_list"),
        back_title=_("Dunning"),
    )


def _propose(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> DunningRun:
    propose: Any = commands.propose_dunning
    run: DunningRun = propose(actor=actor, op_id=op_id, **cleaned)
    return run


def dunning_run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(DunningRun, pk=pk)
    return detail_page(
        request,
        run,
        "receivables/dunning_run_detail.html",
        actions=ACTIONS,
        letters=tables.Letters(
            part_of(request, worklists.letters_of_run(run), name="letters"),
            currency=company().base_currency,
        ),
        exclusions=tables.Exclusions(
            part_of(request, worklists.exclusions_of_run(run), name="exclusions")
        ),
    )


def dunning_run_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, DunningRun, ACTIONS, pk, verb, page=dunning_run_detail)


@require_safe
def dunning_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter: what it asks for, and whether it left."""
    require_right(request, VIEW_RIGHT)
    try:
        letter = letter_with_notices(pk)
    except DunningLetter.DoesNotExist:
        raise Http404 from None
    files = attachments_of(letter)
    return show(
        request,
        "receivables/dunning_letter.html",
        {
            "title": str(letter),
            "letter": letter,
            "notices": tables.Notices(worklists.notices_of(letter)),
            "charges": worklists.charges_of(letter),
            "has_pdf": bool(files),
        },
    )


@require_safe
def dunning_letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter exactly as it left."""
    require_right(request, VIEW_RIGHT)
    letter = get_object_or_404(DunningLetter, pk=pk)
    file = next(iter(attachments_of(letter)), None)
    if file is None:
        raise Http404
    return pdf_response(stored_bytes(file), file.name)


def pdf_response(data: bytes, name: str) -> HttpResponse:
    """A document, shown in the browser and kept by nobody on the way."""
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
