"""Orders in the admin: to look at only."""

from django.contrib import admin

from o2c.web.admin import ReadOnlyAdmin, ReadOnlyInline
from orders.models import Order, OrderLine


class LineInline(ReadOnlyInline):
    model = OrderLine
    show_change_link = False
    fields = (
        *("line_number", "item", "quantity", "unit_price", "discount_percent", "net"),
        *("cancelled", "reserved", "picked", "shipped", "returned", "invoiced", "credited"),
    )


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "customer", "order_date", "gross", "currency")
    list_filter = ("state", "channel")
    search_fields = ("number", "customer_reference")
    inlines = (LineInline,)
