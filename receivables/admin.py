"""Receivables in the admin: documents to look at, dunning policies to set up."""

from django.contrib import admin

from o2c.masters.admin import inline, register
from o2c.web.admin import ReadOnlyAdmin, ReadOnlyInline
from receivables.models import (
    Allocation,
    BankFeed,
    CreditApplication,
    Dispute,
    DunningExclusion,
    DunningLetter,
    DunningLevel,
    DunningNotice,
    DunningPolicy,
    DunningProfile,
    DunningRun,
    OpenItem,
    Payment,
    Promise,
    WriteOff,
)

register(
    DunningPolicy,
    "code",
    "name",
    "is_default",
    "days_between",
    "bank_days",
    "active",
    inlines=(inline(DunningLevel),),
)
register(DunningProfile, "customer", "policy", "paused_until", search=("customer__code",))


class AllocationInline(ReadOnlyInline):
    model = Allocation
    fk_name = "open_item"


@admin.register(OpenItem)
class OpenItemAdmin(ReadOnlyAdmin):
    list_display = (
        "document_number",
        "customer",
        "due_date",
        "original",
        "open_amount",
        "currency",
    )
    list_filter = ("kind", "currency")
    search_fields = ("document_number",)
    inlines = (AllocationInline,)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "value_date", "amount", "allocated", "state")
    list_filter = ("state", "method")
    search_fields = ("number", "reference")


@admin.register(WriteOff)
class WriteOffAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "amount", "currency", "reason", "state", "decided_by")
    list_filter = ("state", "reason")


class NoticeInline(ReadOnlyInline):
    model = DunningNotice


@admin.register(DunningLetter)
class DunningLetterAdmin(ReadOnlyAdmin):
    list_display = ("number", "run", "customer", "level", "fee", "sent_at", "dropped_at")
    inlines = (NoticeInline,)


admin.site.register(
    [Allocation, BankFeed, CreditApplication, Dispute, DunningExclusion, DunningRun, Promise],
    ReadOnlyAdmin,
)
