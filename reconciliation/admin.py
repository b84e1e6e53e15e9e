from django.contrib import admin

from o2c.web.admin import ReadOnlyAdmin
from reconciliation.models import BankLine, BankStatement, Match, PayerAlias


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnlyAdmin):
    list_display = ["number", "account", "closing_date", "line_count", "state"]
    list_select_related = ["account"]


@admin.register(BankLine)
class BankLineAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "entry_date", "amount", "currency", "counterparty_name"]
    list_select_related = ["statement"]


@admin.register(Match)
class MatchAdmin(ReadOnlyAdmin):
    list_display = ["number", "tier", "payer", "state"]
    list_select_related = ["payer"]


@admin.register(PayerAlias)
class PayerAliasAdmin(ReadOnlyAdmin):
    list_display = ["customer", "iban", "name", "times_used"]
    list_select_related = ["customer"]
