"""act: a verb's page and its POST."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import models
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from o2c.core.errors import NotPermitted, RuleViolation, StaleVersion
from o2c.core.models import Document
from o2c.web.actions import (
    Action,
    action_label,
    action_right,
    blocked_by,
    missing_right,
    steps_of,
)
from o2c.web.refusals import accept_version, put_on_form
from o2c.web.showing import SeeOther, require_right, show, url_of, view_right
from o2c.web.success import done_text


@dataclass(frozen=True)
class Call:
    """A verb asked of a thing, and the address of the page it stands on."""

    request: HttpRequest
    thing: Any
    verb: str
    action: Action
    back: str

    @property
    def is_asking(self) -> bool:
        return self.request.method != "POST"

    @property
    def label(self) -> str:
        return action_label(self.thing, self.verb, self.action)

    def form_keywords(self) -> dict[str, Any]:
        action = self.action
        keywords = action.asked(self.request.GET) if action.asked is not None else {}
        if getattr(action.form, "knows_document", False):
            keywords["document"] = self.thing
        if action.initial is not None:
            keywords["initial"] = action.initial(self.thing)
        return keywords


@require_http_methods(["GET", "HEAD", "POST"])
def act(
    request: HttpRequest,
    model: type[models.Model],
    actions: Mapping[str, Action],
    pk: int,
    verb: str,
    *,
    page: Callable[[HttpRequest, int], HttpResponse] | None = None,
    permission: str = "",
    at: str = "",
) -> HttpResponse:
    """Do verb to one thing: a document, or a row of any other model that has a page.

    GET shows the page that asks (arguments, confirmation), or with 409 why it is not possible now;
    POST runs the command and goes back to the page, on to a new document the command returned, or
    where the action says. A refusal keeps what was typed and answers 422, 409 or 403; where
    nothing was asked, `page`, the thing's own page, tells it, so that nobody loses the place. An
    unknown verb or thing is 404. Who may see the page has the model's view right, or `permission`.
    The address is that of the page with the verb behind it; `at` is the page's where it is not.
    """
    action = actions.get(verb)
    if action is None:
        raise Http404(verb)
    require_right(request, permission or view_right(model))
    thing = get_object_or_404(model, pk=pk)
    call = Call(request, thing, verb, action, at or request.path.removesuffix(f"{verb}/"))
    if call.is_asking:
        return _ask(call)
    if action.form is None:
        return _run(call, None, page)
    form = action.form(request.POST, request.FILES, **call.form_keywords())
    if not form.is_valid():
        return _ask(call, form=form, status=422)
    return _run(call, form, page)


def _arguments(form: Any) -> dict[str, Any]:
    """The command's keywords: the form's own `arguments()`, else its cleaned data."""
    if form is None:
        return {}
    return dict(form.arguments() if hasattr(form, "arguments") else form.cleaned_data)


def _ask(
    call: Call,
    *,
    form: BaseForm | None = None,
    refusal: RuleViolation | None = None,
    status: int = 200,
) -> HttpResponse:
    thing, verb, action = call.thing, call.verb, call.action
    if not call.request.user.has_perm(action_right(thing, verb, action)):
        refusal, status = NotPermitted(missing_right(call.label)), 403
    elif call.is_asking and (blocked := blocked_by(thing, verb, action)):
        refusal, status = blocked, blocked.status
    if form is None and action.form is not None and refusal is None:
        form = action.form(**call.form_keywords())
    return show(
        call.request,
        action.template,
        {
            "document": thing,
            "verb": verb,
            "action": action,
            "title": call.label,
            "question": action.question(thing),
            "form": form,
            "refusal": refusal,
            "may_not": refusal is not None
            and (call.is_asking or isinstance(refusal, NotPermitted)),
            "back": call.back,
        },
        status=status,
    )


def _run(
    call: Call,
    form: BaseForm | None,
    page: Callable[[HttpRequest, int], HttpResponse] | None,
) -> HttpResponse:
    request, thing, action = call.request, call.thing, call.action
    op_id = request.POST.get("op_id", "")
    try:
        arguments = _arguments(form)
        result = action.command(thing.pk, actor=request.user, op_id=op_id, **arguments)
    except RuleViolation as refusal:
        if form is None and not action.confirm and page is not None:
            request.refusal = refusal  # type: ignore[attr-defined]  # told by the page
            return page(request, thing.pk)
        if form is not None:
            put_on_form(refusal, form)
            if isinstance(refusal, StaleVersion):
                present: Any = type(thing)._default_manager.get(pk=thing.pk)
                accept_version(form, present.version)
            return _ask(call, form=form, status=refusal.status)
        return _ask(call, refusal=refusal, status=refusal.status)
    made = result if isinstance(result, Document) and result != thing else None
    told = thing if made is None or isinstance(thing, Document) else made
    messages.success(request, done_text(told, _past(call), request.user))
    if action.then is not None:
        return SeeOther(action.then(thing))
    return SeeOther(call.back if made is None else url_of(made))


def _past(call: Call) -> str:
    """What was done, in the words of the timeline."""
    step = steps_of(call.thing).get(call.verb)
    if call.action.done or step is None:
        return str(call.action.done) or _("%(verb)s done") % {"verb": call.label}
    return str(step.past)
