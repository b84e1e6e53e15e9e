"""act: a verb's page and its POST."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
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
)
from o2c.web.refusals import accept_version, put_on_form
from o2c.web.showing import SeeOther, require_right, show, url_of, view_right
from o2c.web.success import done_text


@require_http_methods(["GET", "HEAD", "POST"])
def act(
    request: HttpRequest,
    model: type[Document],
    actions: Mapping[str, Action],
    pk: int,
    verb: str,
    *,
    page: Callable[[HttpRequest, int], HttpResponse],
) -> HttpResponse:
    """Do verb to one document.

    GET shows the page that asks (arguments, confirmation), or with 409 why it is not possible now;
    POST runs the command and goes back to the document, or on to a new one the command returned.
    A refusal keeps what was typed and answers 422, 409 or 403; where nothing was asked, `page`,
    the document's own page, tells it, so that nobody loses the place. An unknown verb or document
    is 404.
    """
    action = actions.get(verb)
    if action is None:
        raise Http404(verb)
    require_right(request, view_right(model))
    document = get_object_or_404(model, pk=pk)
    if request.method != "POST":
        return _ask(request, document, verb, action)
    if action.form is None:
        return _run(request, document, verb, action, {}, None, page)
    form = action.form(request.POST, request.FILES, **_form_keywords(action, document))
    if not form.is_valid():
        return _ask(request, document, verb, action, form=form, status=422)
    return _run(request, document, verb, action, _arguments(form), form, page)


def _form_keywords(action: Action, document: Document) -> dict[str, Any]:
    keywords: dict[str, Any] = {}
    if getattr(action.form, "knows_document", False):
        keywords["document"] = document
    if action.initial is not None:
        keywords["initial"] = action.initial(document)
    return keywords


def _arguments(form: Any) -> dict[str, Any]:
    """The command's keywords: the form's own `arguments()`, else its cleaned data."""
    return dict(form.arguments() if hasattr(form, "arguments") else form.cleaned_data)


def _ask(
    request: HttpRequest,
    document: Document,
    verb: str,
    action: Action,
    *,
    form: BaseForm | None = None,
    refusal: RuleViolation | None = None,
    status: int = 200,
) -> HttpResponse:
    label = action_label(document, verb, action)
    is_asking = request.method != "POST"
    if not request.user.has_perm(action_right(document, verb, action)):
        refusal, status = NotPermitted(missing_right(label)), 403
    elif is_asking and (blocked := blocked_by(document, verb, action)):
        refusal, status = blocked, blocked.status
    if form is None and action.form is not None and refusal is None:
        form = action.form(**_form_keywords(action, document))
    return show(
        request,
        action.template,
        {
            "document": document,
            "verb": verb,
            "action": action,
            "title": label,
            "question": action.question(document),
            "form": form,
            "refusal": refusal,
            "may_not": refusal is not None and (is_asking or isinstance(refusal, NotPermitted)),
            "back": url_of(document),
        },
        status=status,
    )


def _run(
    request: HttpRequest,
    document: Document,
    verb: str,
    action: Action,
    arguments: dict[str, Any],
    form: BaseForm | None,
    page: Callable[[HttpRequest, int], HttpResponse],
) -> HttpResponse:
    op_id = request.POST.get("op_id", "")
    try:
        result = action.command(document.pk, actor=request.user, op_id=op_id, **arguments)
    except RuleViolation as refusal:
        if form is None and not action.confirm:
            request.refusal = refusal  # type: ignore[attr-defined]  # told by detail_page
            return page(request, document.pk)
        if form is not None:
            put_on_form(refusal, form)
            if isinstance(refusal, StaleVersion):
                accept_version(form, type(document).objects.get(pk=document.pk).version)
            return _ask(request, document, verb, action, form=form, status=refusal.status)
        return _ask(request, document, verb, action, refusal=refusal, status=refusal.status)
    messages.success(request, done_text(document, _past(document, verb, action), request.user))
    if isinstance(result, Document) and (type(result), result.pk) != (type(document), document.pk):
        return SeeOther(url_of(result))
    return SeeOther(url_of(document))


def _past(document: Document, verb: str, action: Action) -> str:
    """What was done, in the words of the timeline."""
    step = document.steps().get(verb)
    if action.done or step is None:
        label = action_label(document, verb, action)
        return str(action.done) or _("%(verb)s done") % {"verb": label}
    return str(step.past)
