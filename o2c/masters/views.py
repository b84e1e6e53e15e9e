"""The pages of the masters: one set of views, which every kind of master shares."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from o2c.core.errors import RuleViolation, TransitionRefused
from o2c.core.states import condition, snake_case
from o2c.masters import queries
from o2c.masters.commands import (
    KINDS,
    Kind,
    amend_master,
    define_terms,
    import_masters,
    remove_master,
)
from o2c.masters.commands.amending import right
from o2c.masters.forms import TermsLineForm, TermsLines, fields_of, form_for
from o2c.masters.models import Company, PaymentTerms, PaymentTermsLine, Recorded
from o2c.masters.tables import TABLES, PartTable
from o2c.web import Action, act, form_page, import_page, list_page, require_right, show
from o2c.web.formats import CODES
from o2c.web.forms import ReasonForm
from o2c.web.links import page_url
from o2c.web.shared_tables import ImportColumns, audit_of

VIEW_RIGHT = "masters.view_masters"
_SHOWN_PARTS = 50

#: kind -> kinds that are parts of it: shown on its page, and reached from there
PARTS = {
    "customers": ["addresses", "contacts", "customer-items"],
    "items": ["item-units", "customer-items"],
    "tax-codes": ["tax-rates"],
    "tax-profiles": ["tax-rules"],
    "terms": ["terms-lines"],
    "price-lists": ["prices"],
    "warehouses": ["locations"],
    "carriers": ["carrier-services"],
}
GROUPS = [
    (gettext_lazy("Customers"), ["customers", "addresses", "contacts", "customer-items"]),
    (gettext_lazy("Items"), ["items", "item-categories", "units", "item-units"]),
    (gettext_lazy("Prices and terms"), ["price-lists", "prices", "terms"]),
    (gettext_lazy("Taxes"), ["tax-codes", "tax-rates", "tax-profiles", "tax-rules"]),
    (gettext_lazy("Money"), ["currencies", "exchange-rates", "bank-accounts"]),
    (gettext_lazy("Places"), ["warehouses", "locations", "carriers", "carrier-services"]),
]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Every kind of master, by what it is about."""
    require_right(request, VIEW_RIGHT)
    groups = [(label, [(KINDS[n].title, url_of_kind(n, "list")) for n in names])
              for label, names in GROUPS]  # fmt: skip
    return show(request, "masters/home.html", {"title": _("Masters"), "groups": groups})


def master_list(request: HttpRequest, kind: str) -> HttpResponse:
    return list_page(request, TABLES[kind])


@require_safe
def master_detail(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """All fields of one master, its parts, and its audit."""
    require_right(request, VIEW_RIGHT)
    model = KINDS[kind].model
    row = get_object_or_404(queries.rows_of(model), pk=pk)
    may_change = request.user.has_perm(right(model, "change")) and kind != "terms-lines"
    may_remove = request.user.has_perm(right(model, "delete")) and kind != "terms-lines"
    return _show_master(
        request,
        row,
        {
            "list_title": KINDS[kind].title,
            "list_url": url_of_kind(kind, "list"),
            "edit_url": url_of_kind(kind, "edit", pk) if may_change else "",
            "remove_url": url_of_kind(kind, "remove", pk) if may_remove else "",
            "parts": [_part(request, part, model, row) for part in PARTS.get(kind, ())],
        },
    )


def _show_master(request: HttpRequest, row: Recorded, page: dict[str, Any]) -> HttpResponse:
    audit = request.GET.get("tab") == "audit"
    return show(
        request,
        "masters/detail.html",
        {
            "row": row,
            "title": str(row),
            "facts": [_fact(row, name) for name in fields_of(type(row)) if name != "active"],
            "tabs": [
                {"key": "facts", "label": _("Overview"), "count": None, "is_current": not audit},
                {"key": "audit", "label": _("Audit"), "count": None, "is_current": audit},
            ],
            "changes": audit_of(request, row) if audit else None,
            **page,
        },
    )


def _fact(row: Recorded, name: str) -> tuple[str, Any]:
    """A field's label and its value as people read it."""
    field = row._meta.get_field(name)
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if name in CODES and value:
        value = CODES[name](value)
    return capfirst(str(field.verbose_name)), value  # type: ignore[union-attr]  # no relation back


def _part(
    request: HttpRequest, name: str, owner_model: type[Recorded], owner: Recorded
) -> dict[str, Any]:
    """The rows of one kind that belong to owner, and the links around them."""
    table, model = TABLES[name], KINDS[name].model
    link = next(f for f in model._meta.fields if f.related_model is owner_model)
    columns = [c for c in table.columns if c.key != f"{link.name}__code" and not c.optional]
    shown = queries.parts_of(owner, model, link.name, _SHOWN_PARTS + 1)
    may_add = table.new and request.user.has_perm(right(model, "add"))
    query = f"?{link.name}={owner.pk}"
    return {
        "table": PartTable(shown[:_SHOWN_PARTS], table, columns, KINDS[name].title),
        "all_url": url_of_kind(name, "list") + query if len(shown) > _SHOWN_PARTS else "",
        "new_url": url_of_kind(name, "new") + query if may_add else "",
    }


def master_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new master; references may be given in the address (`?customer=5`)."""
    spec = KINDS[kind]
    given = {
        name: int(value)
        for name in spec.references
        if (value := request.GET.get(name, "")).isascii() and value.isdigit()
    }
    return _edit(
        request, spec, spec.model(), _("New %s") % spec.model._meta.verbose_name, "add", given
    )


def _part_refusal(row: Recorded) -> RuleViolation | None:
    """The lines of payment terms split an invoice together: one alone is not written."""
    if not isinstance(row, PaymentTermsLine):
        return None
    terms = row.terms if row.pk else None
    return TransitionRefused(
        _("The lines of payment terms are changed on the page of the terms."), about=terms
    )


def _refuse_part(row: Recorded) -> None:
    if refusal := _part_refusal(row):
        raise refusal


def master_edit(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    spec = KINDS[kind]
    row = get_object_or_404(spec.model, pk=pk)
    return _edit(request, spec, row, _("Edit %s") % row, "change", None)


def _edit(
    request: HttpRequest,
    spec: Kind,
    row: Recorded,
    title: str,
    verb: str,
    given: dict[str, Any] | None,
) -> HttpResponse:
    has_lines = isinstance(row, PaymentTerms)

    def fresh() -> dict[str, Any]:
        if row.pk is None:
            return given or {}
        now = get_object_or_404(spec.model, pk=row.pk)
        return {**model_to_dict(now, fields_of(spec.model)), "version": now.version}

    return form_page(
        request,
        form_for(spec.model),
        partial(_save, row, has_lines),
        title=title,
        permission=right(spec.model, verb),
        refused=_part_refusal(row),
        initial=fresh,
        form_keywords={"instance": row},
        lines=TermsLines if has_lines else None,
        lines_initial=_present_lines(row) if isinstance(row, PaymentTerms) else None,
        back=page_url(row) if row.pk else url_of_kind(spec.name, "list"),
        back_title=str(row) if row.pk else spec.title,
    )


def _save(
    row: Recorded, has_lines: bool, cleaned: dict[str, Any], *, actor: Any, op_id: str
) -> Recorded:
    """Store the form's instance; what it names of parts is shown on the page of the whole."""
    _refuse_part(row)
    row.version = cleaned.pop("version") or row.version
    save: Callable[..., Recorded] = amend_master
    if has_lines:
        save = partial(define_terms, lines=cleaned["lines"])
    return save(row, reason=cleaned.pop("reason"), actor=actor, op_id=op_id)


def _present_lines(terms: PaymentTerms) -> list[dict[str, Any]]:
    names = list(TermsLineForm.base_fields)
    if terms.pk is None:
        return []
    return [model_to_dict(line, names) for line in queries.lines_of(terms)]


@condition(gettext_lazy("The lines of payment terms are changed on the page of the terms."))
def stands_alone(row: Recorded) -> bool:
    return not isinstance(row, PaymentTermsLine)


def master_remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Delete a master nothing refers to."""
    model = KINDS[kind].model

    def remove(pk: int, *, reason: str, actor: Any, op_id: str) -> None:
        row = get_object_or_404(model, pk=pk)
        _refuse_part(row)
        remove_master(row, reason=reason, actor=actor, op_id=op_id)

    action = Action(
        remove,
        ReasonForm,
        label=_("Remove"),
        icon="trash-2",
        permission=right(model, "delete"),
        conditions=[stands_alone],
        danger=True,
        done=_("removed"),
        then=lambda _row: url_of_kind(kind, "list"),
    )
    return act(request, model, {"remove": action}, pk, "remove")


def master_import(request: HttpRequest, kind: str) -> HttpResponse:
    spec = KINDS[kind]
    return import_page(
        request,
        partial(import_masters, kind),
        title=_("Import: %s") % spec.title,
        permission=right(spec.model, "add"),
        back=url_of_kind(kind, "list"),
        template="masters/import.html",
        columns=ImportColumns(spec.columns),
    )


@require_safe
def company_detail(request: HttpRequest) -> HttpResponse:
    """Our own company and its policies."""
    require_right(request, VIEW_RIGHT)
    may_change = request.user.has_perm(right(Company, "change"))
    page = {
        "list_title": _("Masters"),
        "list_url": reverse("masters:home"),
        "edit_url": reverse("masters:company_edit") if may_change else "",
    }
    return _show_master(request, get_object_or_404(Company, pk=1), page)


def company_edit(request: HttpRequest) -> HttpResponse:
    row = get_object_or_404(Company, pk=1)

    def fresh() -> dict[str, Any]:
        now = queries.company()
        return {**model_to_dict(now, fields_of(Company)), "version": now.version}

    return form_page(
        request,
        form_for(Company),
        partial(_save, row, False),
        title=_("Edit %s") % row,
        permission=right(Company, "change"),
        initial=fresh,
        form_keywords={"instance": row},
        back=reverse("masters:company_detail"),
        back_title=str(row),
    )


def url_of_kind(kind: str, page: str, *args: int) -> str:
    """The address of one of a kind's pages: list, new, import, detail, edit, remove."""
    return reverse(f"masters:{snake_case(KINDS[kind].model.__name__)}_{page}", args=args)
