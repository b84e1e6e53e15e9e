"""import_page: a file comes in as a whole or not at all, with every error named by its row."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from o2c.core.errors import RuleViolation
from o2c.core.idempotency import no_form
from o2c.tabular.imports import ImportResult
from o2c.tabular.reading import MAX_BYTES
from o2c.web.forms import Form
from o2c.web.refusals import put_on_form
from o2c.web.shared_tables import RowErrors
from o2c.web.showing import require_right, show, wants_part


class ImportForm(Form):
    """The file, and whether to check it only. Subclass it to ask for more (such as an account)."""

    file = forms.FileField(label=_("File"), help_text=_("At most 20 MB."))
    dry_run = forms.BooleanField(
        label=_("Only check the file, store nothing"), required=False, initial=True
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return upload

    def keep_file(self) -> None:
        """Let the box keep the file it holds where HTMX puts this form in place of the one sent."""
        self.fields["file"].widget.attrs["hx-preserve"] = "true"


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(
    request: HttpRequest,
    run: Callable[..., ImportResult],
    *,
    title: str | Promise,
    permission: str,
    form_class: type[ImportForm] = ImportForm,
    template: str = "web/import.html",
    back: str = "",
    **context: Any,
) -> HttpResponse:
    """Upload a file and hand it to `run(file_name, data, *, dry_run, actor, **more)`.

    `more` are the further fields of form_class. The page shows the result: counts, control sums,
    and each error with row, column, value and what would be right (422). Until the file is
    stored, HTMX leaves it in its box, so that the next click sends it again. There is no key
    against a second sending: an import knows by itself what it has seen before.
    """
    require_right(request, permission)
    page = {"title": title, "back": back, "keeps_file": wants_part(request), **context}
    if request.method != "POST":
        return show(request, template, {**page, "form": form_class()})
    form = form_class(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, template, {**page, "form": form}, 422)
    more = form.arguments()
    upload, dry_run = more.pop("file"), more.pop("dry_run")
    try:
        with no_form():
            result = run(upload.name, upload.read(), dry_run=dry_run, actor=request.user, **more)
    except RuleViolation as refusal:
        put_on_form(refusal, form)
        return _refused(request, template, {**page, "form": form}, refusal.status)
    typed = {name: form[name].data for name in form.fields if name != "file"}
    fresh = form_class(initial={**typed, "dry_run": dry_run and result.refused})
    if dry_run or result.refused:
        fresh.keep_file()
    status = 422 if result.refused else 200
    told = {"form": fresh, "result": result, "errors": RowErrors(result.shown_errors)}
    return show(request, template, {**page, **told}, status=status)


def _refused(
    request: HttpRequest, template: str, page: dict[str, Any], status: int
) -> HttpResponse:
    """The form with what is wrong with it; a file that nothing is said against stays."""
    if "file" not in page["form"].errors:
        page["form"].keep_file()
    return show(request, template, page, status=status)
