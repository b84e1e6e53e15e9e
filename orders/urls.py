from django.urls import path

from orders import views

app_name = "orders"
urlpatterns = [
    path("", views.order_list, name="order_list"),
    path("new/", views.order_new, name="order_new"),
    path("import/", views.order_import, name="order_import"),
    path("<int:pk>/", views.order_detail, name="order_detail"),
    path("<int:pk>/edit/", views.order_edit, name="order_edit"),
    path("<int:pk>/amend/", views.order_amend, name="order_amend"),
    path("<int:pk>/<slug:verb>/", views.order_act, name="order_act"),
]
