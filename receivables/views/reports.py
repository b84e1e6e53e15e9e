"""Aging, the figures behind it, and a customer's account."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from o2c.core import clock
from o2c.core.pdf import render_pdf
from o2c.masters.models import Customer
from o2c.web import (
    Action,
    act,
    excerpt_of,
    list_page,
    reads_from_standby,
    require_right,
    show,
    thing_page,
)
from o2c.web.excerpts import Excerpt
from o2c.web.exports import EXPORTS, export
from receivables import commands, forms, queries, tables
from receivables.queries import worklists
from receivables.queries.aging import Aging, AgingRow, aged_items
from receivables.queries.documents import bucket_label, statement_document
from receivables.queries.statements import CurrencyStatement
from receivables.views.dunning import pdf_response
from receivables.views.items import VIEW_RIGHT

ROWS = 50  # of the report, at once: each has a link for every bucket
MOST_CASES = 20  # of an account, the newest; the lists of disputes and promises have them all


@require_safe
@reads_from_standby
def aging(request: HttpRequest) -> HttpResponse:
    """The aging report of any day, as known at any moment; its address is the whole question."""
    require_right(request, VIEW_RIGHT)
    form = _asked(request)
    if not form.is_valid():
        context = {"title": _("Aging"), "form": form}
        return show(request, "receivables/aging.html", context, status=422)
    report = queries.aging(form.request())
    if request.GET.get("export") in EXPORTS:
        return _export(report, request.GET["export"])
    excerpt = excerpt_of(request, len(report.rows), f"?{_address(report)}", at_once=ROWS)
    rows = [tables.AgedRow(row, _cells(row, report)) for row in report.rows[excerpt.span]]
    totals = [tables.AgedRow(row, _cells(row, report)) for row in report.totals.values()]
    labels = bucket_labels(report)
    return show(
        request,
        "receivables/aging.html",
        {
            "title": _("Aging"),
            "form": form,
            "report": report,
            "labels": labels,
            "rows": rows,
            "lines": tables.AgingLines(rows, totals, labels),
            "excerpt": excerpt,
            "ties": queries.tie_out(report),
            "is_future": report.request.as_of > clock.today(),
            "exports": {kind: f"?{_address(report, export=kind)}" for kind in EXPORTS},
        },
    )


def _asked(request: HttpRequest) -> forms.AgingForm:
    """The form, filled from the address and the defaults."""
    data = QueryDict(mutable=True)
    data.update(forms.aging_defaults())
    for name in request.GET:
        if value := request.GET[name].strip():
            data[name] = value
    return forms.AgingForm(data)


def bucket_labels(report: Aging) -> list[str]:
    """The heads of the bucket columns."""
    return [bucket_label(bucket) for bucket in report.request.buckets]


def _cells(row: AgingRow, report: Aging) -> list[dict[str, Any]]:
    """The bucket figures of a row, each with the address of what makes it."""
    of_customer = {"customer": row.customer_code} if row.customer_code else {}
    where = reverse("receivables:aging_items")
    return [
        {
            "amount": amount,
            "count": count,
            "url": f"{where}?{_address(report, currency=row.currency, bucket=n, **of_customer)}",
        }
        for n, (amount, count) in enumerate(zip(row.amounts, row.counts, strict=True))
    ]


def _address(report: Aging, **more: Any) -> str:
    """The report's question as query parameters, narrowed or widened by `more`."""
    asked = report.request
    known = {
        "as_of": asked.as_of.isoformat(),
        "basis": asked.basis,
        "buckets": ",".join(map(str, asked.bounds)),
        "currency": asked.currency or "",
        "customer": report.rows[0].customer_code if asked.customer_id and report.rows else "",
        "known_on": asked.known_on.isoformat() if asked.known_on else "",
    }
    kept = {name: value for name, value in {**known, **more}.items() if value != ""}
    return urlencode(kept, safe=",")


def _export(report: Aging, kind: str) -> HttpResponse:
    """The rows of the screen with the columns of the screen, all of them."""
    heads = [_("Code"), _("Customer"), _("Currency"), *bucket_labels(report)]
    heads += [_("Total"), _("Unapplied"), _("Balance")]
    name = f"aging-{report.request.as_of:%Y-%m-%d}"
    return export(_export_rows(report), heads, name=name, kind=kind, are_read=True)


def _export_rows(report: Aging) -> Iterator[list[Any]]:
    for row in report.rows:
        amounts = [*row.amounts, row.total, row.unapplied, row.balance]
        yield [row.customer_code, row.customer_name, row.currency, *amounts]


@reads_from_standby
def aging_items(request: HttpRequest) -> HttpResponse:
    """The items behind one figure of the report."""
    require_right(request, VIEW_RIGHT)
    form = _asked(request)
    bucket = request.GET.get("bucket", "")
    if not form.is_valid():
        raise Http404
    asked = form.request()
    if bucket and not (bucket.isascii() and bucket.isdigit() and int(bucket) < len(asked.buckets)):
        raise Http404
    return list_page(
        request,
        tables.AgedItemTable,
        aged_items(asked, int(bucket) if bucket else None),
        template="receivables/aging_items.html",
        asked=asked,
        report_url=f"{reverse('receivables:aging')}?{_kept(request)}",
        bucket_label=bucket_label(asked.buckets[int(bucket)]) if bucket else "",
    )


def _kept(request: HttpRequest) -> str:
    """The report's question in the address of a figure, without the figure's customer."""
    names = forms.AgingForm.base_fields.keys() - {"customer", "currency"}
    return urlencode({name: request.GET[name] for name in sorted(names) if name in request.GET})


# -- one customer ---------------------------------------------------------------------------------


def _present_policy(customer: Customer) -> dict[str, Any]:
    profile = worklists.profile_of(customer)
    return {"policy": profile and profile.policy_id}


ACCOUNT_ACTIONS = {
    "dunning": Action(
        commands.set_dunning_profile,
        forms.ProfileForm,
        label=gettext_lazy("Reminders"),
        icon="mail",
        permission="receivables.set_dunning_profile",
        minor=True,
        initial=_present_policy,
        done=gettext_lazy("the policy is set"),
    ),
    "pause": Action(
        commands.pause_dunning,
        forms.PauseForm,
        label=gettext_lazy("Pause reminders"),
        icon="bell-off",
        permission="receivables.pause_dunning",
        minor=True,
        done=gettext_lazy("reminders are paused"),
    ),
    "resume": Action(
        commands.resume_dunning,
        label=gettext_lazy("Resume reminders"),
        icon="bell",
        permission="receivables.pause_dunning",
        minor=True,
        done=gettext_lazy("reminders go on"),
    ),
}


def customer_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a customer stands: what is open, what is unapplied, what was said about it."""
    customer = get_object_or_404(Customer, pk=pk)
    place = reverse("receivables:customer_account", args=[pk])
    excerpts: list[Excerpt] = []

    def window(total: int) -> slice:
        excerpts.append(excerpt_of(request, total, place))
        return excerpts[0].span

    statement = queries.statement_of_account(pk, clock.today(), window=window)
    labels = [bucket_label(bucket) for bucket in statement.request.buckets]
    return thing_page(
        request,
        customer,
        "receivables/customer_account.html",
        actions=ACCOUNT_ACTIONS,
        permission=VIEW_RIGHT,
        at=place,
        title=customer.name,
        customer=customer,
        statement=statement,
        accounts=[
            (part.currency, tables.Ages(part, labels), _account_lines(part))
            for part in statement.currencies
        ],
        overdue=queries.overdue_by_customer([pk])[pk],
        profile=worklists.profile_of(customer),
        today=clock.today(),
        excerpt=excerpts[0],
        disputes=worklists.open_disputes_of(customer)[:MOST_CASES],
        promises=worklists.promises_not_kept_of(customer)[:MOST_CASES],
        may_record=request.user.has_perm("receivables.record_payment"),
    )


def _account_lines(part: CurrencyStatement) -> tables.AccountLines:
    words = _("Open items in %(currency)s") % {"currency": part.currency}
    return tables.AccountLines(tables.account_rows(part), currency=part.currency, title=words)


@require_safe
def statement_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer's statement of account as of a day (`?as_of=`), by default today."""
    require_right(request, VIEW_RIGHT)
    customer = get_object_or_404(worklists.customers_with_addresses(), pk=pk)
    form = forms.RunForm({"run_date": request.GET.get("as_of") or clock.today()})
    if not form.is_valid():
        raise Http404
    as_of = form.cleaned_data["run_date"]
    statement = queries.statement_of_account(pk, as_of)
    document = statement_document(customer, statement)
    data = render_pdf("pdf/statement.html", document, language=customer.language)
    return pdf_response(data, f"statement-{customer.code}-{as_of:%Y-%m-%d}.pdf")


def customer_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """How a customer is reminded, and that it is not for a while."""
    page, right = customer_account, VIEW_RIGHT
    return act(request, Customer, ACCOUNT_ACTIONS, pk, verb, page=page, permission=right)
