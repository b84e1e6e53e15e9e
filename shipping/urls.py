from django.urls import path

from shipping import views

app_name = "shipping"
urlpatterns = [
    path("shipments/", views.shipment_list, name="shipment_list"),
    path("shipments/new/", views.shipment_new, name="shipment_new"),
    path("shipments/<int:pk>/", views.shipment_detail, name="shipment_detail"),
    path("shipments/<int:pk>/packing-slip.pdf", views.packing_slip, name="packing_slip"),
    path("shipments/<int:pk>/bill-of-lading.pdf", views.bill_of_lading, name="bill_of_lading"),
    path("shipments/<int:pk>/<slug:verb>/", views.shipment_act, name="shipment_act"),
    path("returns/", views.return_list, name="return_list"),
    path("returns/<int:pk>/", views.return_detail, name="return_detail"),
    path("returns/<int:pk>/<slug:verb>/", views.return_act, name="return_act"),
]
