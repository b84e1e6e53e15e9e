from django.urls import path

from invoicing import views

app_name = "invoicing"
urlpatterns = [
    path("", views.invoice_list, name="invoice_list"),
    path("new/", views.invoice_new, name="invoice_new"),
    path("post-drafts/", views.drafts_post, name="drafts_post"),
    path("outbox/", views.message_list, name="message_list"),
    path("outbox/<int:pk>/", views.message_detail, name="message_detail"),
    path("outbox/<int:pk>/<slug:verb>/", views.message_act, name="message_act"),
    path("<int:pk>/", views.invoice_detail, name="invoice_detail"),
    path("<int:pk>/pdf/", views.invoice_pdf, name="invoice_pdf"),
    path("<int:pk>/pdf/<slug:verb>/", views.invoice_pdf_act, name="invoice_pdf_act"),
    path("<int:pk>/<slug:verb>/", views.invoice_act, name="invoice_act"),
]
