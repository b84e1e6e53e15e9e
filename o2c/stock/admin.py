"""The goods book in Django admin: to look at, never to change."""

from django.contrib import admin

from o2c.stock import models
from o2c.web.admin import ReadOnlyAdmin


class BalanceAdmin(ReadOnlyAdmin):
    list_display = ["item", "location", "lot", "on_hand", "reserved", "value"]
    list_select_related = ["item", "location"]
    search_fields = ["item__code", "location__code", "lot"]


class MoveAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "balance", "quantity", "value", "moved_at", "moved_by"]
    list_select_related = ["balance__item", "balance__location"]
    list_filter = ["kind"]
    search_fields = ["balance__item__code"]


class ReservationAdmin(ReadOnlyAdmin):
    list_display = ["id", "source_type", "source_id", "balance", "quantity", "state"]
    list_select_related = ["balance__item", "balance__location"]
    list_filter = ["state"]
    search_fields = ["balance__item__code"]


class StockDocumentAdmin(ReadOnlyAdmin):
    list_display = ["number", "moved_on", "warehouse", "reference", "reason", "created_by"]
    list_select_related = ["warehouse"]
    search_fields = ["number", "reference", "reason"]


class ExpectedReceiptAdmin(ReadOnlyAdmin):
    list_display = ["item", "warehouse", "quantity", "received", "expected_date", "cancelled"]
    list_select_related = ["item", "warehouse"]
    search_fields = ["item__code", "reference"]


admin.site.register(models.Balance, BalanceAdmin)
admin.site.register(models.Move, MoveAdmin)
admin.site.register(models.Reservation, ReservationAdmin)
admin.site.register(models.ExpectedReceipt, ExpectedReceiptAdmin)
admin.site.register(
    [models.StockReceipt, models.StockTransfer, models.StockAdjustment, models.StockCount],
    StockDocumentAdmin,
)
