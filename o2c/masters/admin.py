"""Masters in Django admin: the same checks, the same history, the same single door."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import models as db
from django.db import transaction
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from simple_history.admin import SimpleHistoryAdmin

from o2c.core.errors import RuleViolation
from o2c.core.work import begin_work
from o2c.masters import models
from o2c.masters.commands import amend_master, define_terms, remove_master
from o2c.masters.models import PaymentTermsLine, Recorded
from o2c.web.forms import TextField

#: Browsers send a line's end as two characters; it is kept as one, as on our own pages.
OWN_FIELDS: dict[type[db.Field], dict[str, Any]] = {db.TextField: {"form_class": TextField}}


class MasterAdmin(SimpleHistoryAdmin):
    """Writes through the commands, inside the transaction that Django admin opens."""

    formfield_overrides = OWN_FIELDS
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _at_work(
            request, lambda: super(MasterAdmin, self).changeform_view(request, *args, **kwargs)
        )

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _at_work(
            request, lambda: super(MasterAdmin, self).delete_view(request, *args, **kwargs)
        )

    def save_model(self, request: Any, obj: Any, form: ModelForm, change: bool) -> None:
        amend_master(obj, reason="Django admin", actor=request.user)

    def delete_model(self, request: Any, obj: Any) -> None:
        remove_master(obj, reason="Django admin", actor=request.user)

    def save_formset(
        self, request: Any, form: ModelForm, formset: BaseModelFormSet, change: bool
    ) -> None:
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            remove_master(row, reason="Django admin", actor=request.user)
        for row in rows:
            amend_master(row, reason="Django admin", actor=request.user)


def _at_work(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Run an admin view as one unit of work of its user; a refusal becomes a message."""
    if request.method != "POST":
        return view()
    try:
        with begin_work(request.user), transaction.atomic():
            return view()
    except RuleViolation as refusal:
        for violation in refusal.errors:
            messages.error(request, str(violation))
        return HttpResponseRedirect(request.get_full_path())


def register(
    model: type[Recorded],
    *columns: str,
    search: tuple[str, ...] = ("code", "name"),
    inlines: tuple[type[admin.TabularInline], ...] = (),
    base: type[MasterAdmin] = MasterAdmin,
) -> None:
    """Register a master: its columns in the list, searched by `search`, keys picked by search."""
    keys = [field.name for field in model._meta.fields if field.is_relation]
    options = {
        "list_display": columns,
        "search_fields": search,
        "list_filter": ("active",) if "active" in columns else (),
        "list_select_related": [name for name in keys if name in columns],
        "autocomplete_fields": keys,
        "inlines": inlines,
        "ordering": (columns[0],),
    }
    admin.site.register(model, type(f"{model.__name__}Admin", (base,), options))


def inline(model: type[Recorded], owner: str = "") -> type[admin.TabularInline]:
    """Rows of model on the page of their owner."""
    keys = [f.name for f in model._meta.fields if f.is_relation and f.name != owner]
    options = {
        "model": model,
        "extra": 0,
        "autocomplete_fields": keys,
        "show_change_link": False,
        "formfield_overrides": OWN_FIELDS,
    }
    if owner:
        options["fk_name"] = owner
    return type(f"{model.__name__}Inline", (admin.TabularInline,), options)


class PaymentTermsAdmin(MasterAdmin):
    """The lines of terms are stored as a whole: they make sense together only."""

    def save_formset(
        self, request: Any, form: ModelForm, formset: BaseModelFormSet, change: bool
    ) -> None:
        formset.save(commit=False)  # only for the change message; the lines are replaced below
        names = {field.name for field in PaymentTermsLine._meta.fields} - {"id", "terms", "version"}
        kept = [f for f in formset.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        kept.sort(key=lambda f: f.cleaned_data["sequence"])
        lines = [
            {n: v for n, v in f.cleaned_data.items() if n in names and n != "sequence"}
            for f in kept
        ]
        define_terms(form.instance, lines, reason="Django admin", actor=request.user)


register(models.Company, "name", "base_currency", search=("name",))
register(models.Currency, "code", "name", "minor_units", "active")
register(models.ExchangeRate, "currency", "date", "rate", "source", search=("currency",))
register(models.BankAccount, "code", "name", "iban", "currency", "active")
register(models.Unit, "code", "name", "symbol", "decimals", "active")
register(models.ItemCategory, "code", "name", "parent", "active")
register(
    models.Item,
    "code",
    "name",
    "kind",
    "unit",
    "standard_cost",
    "active",
    search=("code", "name", "barcode"),
    inlines=(inline(models.ItemUnit),),
)
register(
    models.TaxCode,
    "code",
    "name",
    "category",
    "active",
    inlines=(inline(models.TaxRate),),
)
register(models.TaxProfile, "code", "name", "supply", "active", inlines=(inline(models.TaxRule),))
register(
    models.PaymentTerms,
    "code",
    "name",
    "discount_percent",
    "discount_days",
    "active",
    inlines=(inline(PaymentTermsLine),),
    base=PaymentTermsAdmin,
)
register(models.PriceList, "code", "name", "currency", "customer", "active")
register(
    models.PriceListItem,
    "item",
    "price_list",
    "min_quantity",
    "price",
    "valid_from",
    "valid_to",
    search=("item__code", "price_list__code"),
)
register(
    models.Customer,
    "code",
    "name",
    "currency",
    "terms",
    "active",
    search=("code", "name", "vat_id"),
    inlines=(
        inline(models.Address),
        inline(models.Contact),
        inline(models.CustomerItem, "customer"),
    ),
)
register(models.Warehouse, "code", "name", "city", "active", inlines=(inline(models.Location),))
register(
    models.Carrier,
    "code",
    "name",
    "scac",
    "active",
    inlines=(inline(models.CarrierService),),
)
