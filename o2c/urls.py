from django.contrib import admin
from django.urls import include, path

from o2c.web import health

urlpatterns = [
    *health.urlpatterns,
    path("", include("o2c.web.urls")),
    path("masters/", include("o2c.masters.urls")),
    path("stock/", include("o2c.stock.urls")),
    path("ledger/", include("o2c.ledger.urls")),
    path("orders/", include("orders.urls")),
    path("credit/", include("credit.urls")),
    path("fulfillment/", include("fulfillment.urls")),
    path("shipping/", include("shipping.urls")),
    path("invoicing/", include("invoicing.urls")),
    path("receivables/", include("receivables.urls")),
    path("reconciliation/", include("reconciliation.urls")),
    path("", include("o2c.desk.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "o2c.web.errors.bad_request"
handler403 = "o2c.web.errors.forbidden"
handler404 = "o2c.web.errors.not_found"
handler500 = "o2c.web.errors.server_error"
handler429 = "o2c.web.errors.too_many_requests"  # asked for by allauth
