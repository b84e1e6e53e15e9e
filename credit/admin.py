"""Credit in the admin: to look at only."""

from django.contrib import admin

from credit.models import CreditAccount, CreditAuthority, CreditCheck, CreditLimit
from o2c.web.admin import ReadOnlyAdmin, ReadOnlyInline


class LimitInline(ReadOnlyInline):
    model = CreditLimit
    show_change_link = False


@admin.register(CreditAccount)
class CreditAccountAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "state", "risk_class", "overdue_amount", "currency")
    list_filter = ("state", "risk_class")
    search_fields = ("number", "customer__code", "customer__name")
    inlines = (LimitInline,)


@admin.register(CreditCheck)
class CreditCheckAdmin(ReadOnlyAdmin):
    list_display = ("number", "order", "state", "amount", "exposure", "limit_amount", "decided_by")
    list_filter = ("state", "overridden")
    search_fields = ("number", "order__number")


@admin.register(CreditAuthority)
class CreditAuthorityAdmin(ReadOnlyAdmin):
    list_display = ("role", "amount")
