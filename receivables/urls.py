from django.urls import path

from receivables import views

app_name = "receivables"
urlpatterns = [
    path("", views.open_item_list, name="open_item_list"),
    path("items/import/", views.open_item_import, name="open_item_import"),
    path("items/<int:pk>/", views.open_item_detail, name="open_item_detail"),
    path("items/<int:pk>/<slug:verb>/", views.open_item_act, name="open_item_act"),
    path("payments/", views.payment_list, name="payment_list"),
    path("payments/new/", views.payment_new, name="payment_new"),
    path("payments/<int:pk>/", views.payment_detail, name="payment_detail"),
    path("payments/<int:pk>/<slug:verb>/", views.payment_act, name="payment_act"),
    path("credits/", views.credit_application_list, name="credit_application_list"),
    path("credits/<int:pk>/", views.credit_application_detail, name="credit_application_detail"),
    path(
        "credits/<int:pk>/<slug:verb>/",
        views.credit_application_act,
        name="credit_application_act",
    ),
    path("write-offs/", views.write_off_list, name="write_off_list"),
    path("write-offs/<int:pk>/", views.write_off_detail, name="write_off_detail"),
    path("write-offs/<int:pk>/<slug:verb>/", views.write_off_act, name="write_off_act"),
    path("disputes/", views.dispute_list, name="dispute_list"),
    path("disputes/<int:pk>/", views.dispute_detail, name="dispute_detail"),
    path("disputes/<int:pk>/<slug:verb>/", views.dispute_act, name="dispute_act"),
    path("promises/", views.promise_list, name="promise_list"),
    path("promises/<int:pk>/", views.promise_detail, name="promise_detail"),
    path("promises/<int:pk>/<slug:verb>/", views.promise_act, name="promise_act"),
    path("dunning/", views.dunning_run_list, name="dunning_run_list"),
    path("dunning/new/", views.dunning_run_new, name="dunning_run_new"),
    path("dunning/letters/<int:pk>/", views.dunning_letter, name="dunning_letter"),
    path("dunning/letters/<int:pk>/pdf/", views.dunning_letter_pdf, name="dunning_letter_pdf"),
    path("dunning/<int:pk>/", views.dunning_run_detail, name="dunning_run_detail"),
    path("dunning/<int:pk>/<slug:verb>/", views.dunning_run_act, name="dunning_run_act"),
    path("aging/", views.aging, name="aging"),
    path("aging/items/", views.aging_items, name="aging_items"),
    path("customers/<int:pk>/", views.customer_account, name="customer_account"),
    path("customers/<int:pk>/statement/", views.statement_pdf, name="statement_pdf"),
    path("customers/<int:pk>/<slug:verb>/", views.customer_act, name="customer_act"),
]
