from django.urls import path

from reconciliation import views

app_name = "reconciliation"
urlpatterns = [
    path("", views.bank_statement_list, name="bank_statement_list"),
    path("import/", views.bank_statement_import, name="bank_statement_import"),
    path("lines/", views.bank_line_list, name="bank_line_list"),
    path("lines/exact/", views.apply_exact, name="apply_exact"),
    path("lines/<int:pk>/", views.bank_line_detail, name="bank_line_detail"),
    path("lines/<int:pk>/choose/", views.bank_line_choose, name="bank_line_choose"),
    path("lines/<int:pk>/<slug:verb>/", views.bank_line_act, name="bank_line_act"),
    path("matches/", views.match_list, name="match_list"),
    path("matches/<int:pk>/", views.match_detail, name="match_detail"),
    path("matches/<int:pk>/<slug:verb>/", views.match_act, name="match_act"),
    path("orders/", views.order_match_list, name="order_match_list"),
    path("orders/<int:pk>/", views.order_match_detail, name="order_match_detail"),
    path("<int:pk>/", views.bank_statement_detail, name="bank_statement_detail"),
    path("<int:pk>/<slug:verb>/", views.bank_statement_act, name="bank_statement_act"),
]
