from django.contrib import admin

from fulfillment.models import Package, PackageLine, PickLine, PickList
from o2c.web.admin import ReadOnlyAdmin, ReadOnlyInline


class PickLineInline(ReadOnlyInline):
    model = PickLine
    raw_id_fields = ("order_line", "item", "location", "balance")


class PackageLineInline(ReadOnlyInline):
    model = PackageLine
    raw_id_fields = ("pick_line",)


@admin.register(PickList)
class PickListAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "order", "warehouse", "picker", "created_at")
    list_filter = ("state", "warehouse")
    search_fields = ("number", "order__number")
    inlines = (PickLineInline,)


@admin.register(Package)
class PackageAdmin(ReadOnlyAdmin):
    list_display = ("number", "pick_list", "weight_kg", "sscc", "unpacked", "created_at")
    search_fields = ("number", "sscc", "pick_list__number")
    inlines = (PackageLineInline,)
