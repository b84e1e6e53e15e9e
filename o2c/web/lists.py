"""list_page: filters, tabs, sort, keyset pages, totals, and the export of exactly that."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import slugify
from django.views.decorators.http import require_safe

from o2c.core import clock
from o2c.web.exports import EXPORTS, export
from o2c.web.showing import require_right, show
from o2c.web.tables.listing import Listing
from o2c.web.tables.table import Table


@require_safe
def list_page(
    request: HttpRequest,
    table: type[Table],
    queryset: models.QuerySet[Any] | None = None,
    *,
    template: str = "web/list.html",
    permission: str = "",
    **context: Any,
) -> HttpResponse:
    """Show table over queryset (by default every row of its model), or export it.

    Needs the model's view right, or `permission`. Extra context reaches the template.
    """
    require_right(request, permission or table.view_permission())
    rows = table.model._default_manager.all() if queryset is None else queryset
    listing = Listing(table, rows, request.GET)
    if request.GET.get("export") in EXPORTS:
        return _export(listing, request.GET["export"])
    may_add = request.user.has_perm(table.birth_permission())
    page = {
        "listing": listing,
        "table": table,
        "title": table.title,
        "may_add": may_add and table.new,
        "may_import": may_add and table.imports,
    }
    return show(request, template, {**page, **context})


def _export(listing: Listing, kind: str) -> HttpResponse:
    """Every row behind the screen, all pages, with the columns the screen shows."""
    labels = [label for column in listing.columns for label in column.export_labels()]
    name = f"{slugify(str(listing.table.title)) or 'list'}-{clock.today():%Y-%m-%d}"
    return export(listing.file_rows(), labels, name=name, kind=kind)
