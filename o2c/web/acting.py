"""act: a verb's page and its POST."""

from collections.abc import Callable, Mapping
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


@require_http_methods(["GET", "HEAD", "POST"])
def act(
    request: HttpRequest,
    model: type[models.Model],
    actions: Mapping[str, Action],
    pk: int,
    verb: str,
    *,
    page: Callable[[HttpRequest, int], HttpResponse],
    permission: str = "",
) -> HttpResponse:
    """Do verb to one thing: a document, or a row of any other model that has a page.

    GET shows the page that asks (arguments, confirmation), or with 409 why it is not possible now;
    POST runs the command and goes back to the page, or on to a new document the command returned.
    A refusal keeps what was typed and answers 422, 409 or 403; where nothing was asked, `page`,
    the thing's own page, tells it, so that nobody loses the place. An unknown verb or thing is
    404. Who may see the page has the model's view right, or `permission`. The address is that of
    the page with the verb behind it.
    """
    action = actions.get(verb)
    if action is None:
        raise Http404(verb)
    require_right(request, permission or view_right(model))
    thing = get_object_or_404(model, pk=pk)
    if request.method != "POST":
        return _ask(request, thing, verb, action)
    if action.form is None:
        return _run(request, thing, verb, action, None, page)
    form = action.form(request.POST, request.FILES, **_form_keywords(request, action, thing))
    if not form.is_valid():
        return _ask(request, thing, verb, action, form=form, status=422)
    return _run(request, thing, verb, action, form, page)


def _form_keywords(request: HttpRequest, action: Action, thing: models.Model) -> dict[str, Any]:
    keywords = action.asked(request.GET) if action.asked is not None else {}
    if getattr(action.form, "knows_document", False):
        keywords["document"] = thing
    if action.initial is not None:
        keywords["initial"] = action.initial(thing)
    return keywords


def _arguments(form: Any) -> dict[str, Any]:
    """The command's keywords: the form's own `arguments()`, else its cleaned data."""
    if form is None:
        return {}
    return dict(form.arguments() if hasattr(form, "arguments") else form.cleaned_data)


def _ask(
    request: HttpRequest,
    thing: models.Model,
    verb: str,
    action: Action,
    *,
    form: BaseForm | None = None,
    refusal: RuleViolation | None = None,
    status: int = 200,
) -> HttpResponse:
    label = action_label(thing, verb, action)
    is_asking = request.method != "POST"
    if not request.user.has_perm(action_right(thing, verb, action)):
        refusal, status = NotPermitted(missing_right(label)), 403
    elif is_asking and (blocked := blocked_by(thing, verb, action)):
        refusal, status = blocked, blocked.status
    if form is None and action.form is not None and refusal is None:
        form = action.form(**_form_keywords(request, action, thing))
    return show(
        request,
        action.template,
        {
            "document": thing,
            "verb": verb,
            "action": action,
            "title": label,
            "question": action.question(thing),
            "form": form,
            "refusal": refusal,
            "may_not": refusal is not None and (is_asking or isinstance(refusal, NotPermitted)),
            "back": _page_address(request, verb),
        },
        status=status,
    )


def _run(
    request: HttpRequest,
    thing: models.Model,
    verb: str,
    action: Action,
    form: BaseForm | None,
    page: Callable[[HttpRequest, int], HttpResponse],
) -> HttpResponse:
    op_id = request.POST.get("op_id", "")
    try:
        arguments = _arguments(form)
        result = action.command(thing.pk, actor=request.user, op_id=op_id, **arguments)
    except RuleViolation as refusal:
        if form is None and not action.confirm:
            request.refusal = refusal  # type: ignore[attr-defined]  # told by the page
            return page(request, thing.pk)
        if form is not None:
            put_on_form(refusal, form)
            if isinstance(refusal, StaleVersion):
                present: Any = type(thing)._default_manager.get(pk=thing.pk)
                accept_version(form, present.version)
            return _ask(request, thing, verb, action, form=form, status=refusal.status)
        return _ask(request, thing, verb, action, refusal=refusal, status=refusal.status)
    made = result if isinstance(result, Document) and result != thing else None
    told = thing if made is None or isinstance(thing, Document) else made
    messages.success(request, done_text(told, _past(thing, verb, action), request.user))
    if made is not None:
        return SeeOther(url_of(made))
    return SeeOther(action.then(thing) if action.then else _page_address(request, verb))


def _page_address(request: HttpRequest, verb: str) -> str:
    """The page the verb stands on."""
    return request.path.removesuffix(f"{verb}/")


def _past(thing: models.Model, verb: str, action: Action) -> str:
    """What was done, in the words of the timeline."""
    step = steps_of(thing).get(verb)
    if action.done or step is None:
        label = action_label(thing, verb, action)
        return str(action.done) or _("%(verb)s done") % {"verb": label}
    return str(step.past)
