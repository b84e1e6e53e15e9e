"""The money book in Django admin: accounts are kept there, what is posted is only looked at."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm

from o2c.ledger.commands import amend_account
from o2c.ledger.models import Account, Entry, Line, Period
from o2c.masters.admin import MasterAdmin
from o2c.web.admin import ReadOnlyAdmin, ReadOnlyInline


class AccountAdmin(MasterAdmin):
    list_display = ["code", "name", "kind", "role", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["code", "name"]

    def save_model(self, request: Any, obj: Any, form: "ModelForm[Any]", change: bool) -> None:
        obj.role = obj.role or None
        amend_account(obj, reason="Django admin", actor=request.user)


class LineInline(ReadOnlyInline):
    model = Line


class EntryAdmin(ReadOnlyAdmin):
    list_display = ["number", "posting_date", "source_type", "source_id", "purpose", "recorded_by"]
    list_filter = ["source_type"]
    search_fields = ["number", "description"]
    date_hierarchy = "posting_date"
    inlines = [LineInline]


class PeriodAdmin(ReadOnlyAdmin):
    list_display = ["code", "state", "closed_by", "entry_count"]
    search_fields = ["code"]


admin.site.register(Account, AccountAdmin)
admin.site.register(Entry, EntryAdmin)
admin.site.register(Period, PeriodAdmin)
