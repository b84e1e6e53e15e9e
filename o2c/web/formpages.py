"""form_page: a page that makes or changes something by one command."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm, BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from o2c.core.errors import RuleViolation, StaleVersion
from o2c.web.forms import differences
from o2c.web.refusals import accept_version, put_on_form
from o2c.web.shared_tables import Differences
from o2c.web.showing import SeeOther, require_right, show, url_of
from o2c.web.success import done_text

SAVE, SAVED = _("Save"), _("saved")


@require_http_methods(["GET", "HEAD", "POST"])
def form_page(
    request: HttpRequest,
    form_class: type[BaseForm],
    save: Callable[..., Any],
    *,
    title: str | Promise,
    permission: str,
    initial: Callable[[], dict[str, Any]] | dict[str, Any] | None = None,
    lines: "type[BaseFormSet[Any]] | None" = None,
    lines_initial: list[dict[str, Any]] | None = None,
    form_keywords: dict[str, Any] | None = None,
    template: str = "web/form.html",
    submit: str | Promise = SAVE,
    done: str | Promise | Callable[[Any], str] = SAVED,
    back: str = "",
    back_title: str | Promise = "",
    refused: RuleViolation | None = None,
    **context: Any,
) -> HttpResponse:
    """Show form_class and hand its clean data to `save(cleaned, *, actor, op_id)`.

    With `lines` (a formset class) the kept, non-empty rows come as cleaned["lines"]. `save`
    returns what was made; the reader lands on its page, or on `back`. A refusal shows 422, 409
    or 403 with everything that was typed. A StaleVersion shows typed and present values side by
    side, taking the present ones from `initial`, when that is a function. `refused` says why
    nobody can save this now: GET then answers with its status, not with a form. `done` is what
    the reader is told, or a function that says it of what `save` returned (empty: nothing).
    """
    require_right(request, permission)
    if refused is not None and request.method != "POST":
        told = {"title": title, "back": back, "back_title": back_title, "refusal": refused}
        return show(request, "web/refused.html", told, status=refused.status)
    fresh = initial() if callable(initial) else initial
    keywords = form_keywords or {}
    if request.method == "POST":
        form = form_class(request.POST, request.FILES, initial=fresh, **keywords)
        rows = lines(request.POST, request.FILES, prefix="lines") if lines else None
    else:
        form = form_class(initial=fresh, **keywords)
        rows = lines(initial=lines_initial, prefix="lines") if lines else None
    page = {
        "title": title,
        "form": form,
        "lines": rows,
        "submit": submit,
        "back": back,
        "back_title": back_title,
        **context,
    }
    if request.method != "POST":
        return show(request, template, page)
    valid = form.is_valid()
    if not (rows is None or rows.is_valid()) or not valid:
        return show(request, template, page, status=422)
    try:
        op_id = request.POST.get("op_id", "")
        result = save(_cleaned(form, rows), actor=request.user, op_id=op_id)
    except RuleViolation as refusal:
        put_on_form(refusal, form, rows)
        if isinstance(refusal, StaleVersion):
            page["conflict"] = Differences(differences(form, fresh or {}))
            accept_version(form, (fresh or {}).get("version", 0))
        return show(request, template, page, status=refusal.status)
    said = done(result) if callable(done) else done_text(result, done, request.user)
    if said:
        messages.success(request, said)
    return SeeOther(url_of(result, fallback=back or "/"))


def _cleaned(form: Any, rows: Any) -> dict[str, Any]:
    cleaned: dict[str, Any] = dict(form.cleaned_data)
    if rows is not None:
        cleaned["lines"] = [
            row.cleaned_data
            for row in rows.forms
            if row.cleaned_data and not row.cleaned_data.pop("DELETE", False)
        ]
    return cleaned
