"""Invoices in the admin: to look at only."""

from django.contrib import admin

from invoicing.models import Invoice, InvoiceLine, TaxLine
from o2c.web.admin import ReadOnlyAdmin, ReadOnlyInline


class LineInline(ReadOnlyInline):
    model = InvoiceLine
    fk_name = "invoice"


class TaxInline(ReadOnlyInline):
    model = TaxLine


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "state", "customer", "invoice_date", "gross", "currency"]
    list_filter = ["kind", "state"]
    search_fields = ["number"]
    inlines = [LineInline, TaxInline]
