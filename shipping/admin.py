from django.contrib import admin

from o2c.web.admin import ReadOnlyAdmin, ReadOnlyInline
from shipping.models import ProofOfDelivery, Return, ReturnLine, Shipment, ShipmentLine


class ShipmentLineInline(ReadOnlyInline):
    model = ShipmentLine
    raw_id_fields = ("order_line", "item")


class ReturnLineInline(ReadOnlyInline):
    model = ReturnLine
    raw_id_fields = ("shipment_line", "location")


@admin.register(Shipment)
class ShipmentAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "order", "customer", "carrier", "tracking", "dispatched_at")
    list_filter = ("state", "carrier")
    search_fields = ("number", "order__number", "tracking")
    inlines = (ShipmentLineInline,)


@admin.register(ProofOfDelivery)
class ProofOfDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("shipment", "signed_by", "delivered_at", "recorded_by")
    search_fields = ("shipment__number", "signed_by")


@admin.register(Return)
class ReturnAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "order", "customer", "shipment", "reason")
    list_filter = ("state",)
    search_fields = ("number", "order__number", "shipment__number")
    inlines = (ReturnLineInline,)
