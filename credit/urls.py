from django.urls import path

from credit import views

app_name = "credit"
urlpatterns = [
    path("", views.check_list, name="check_list"),
    path("<int:pk>/", views.check_detail, name="check_detail"),
    path("<int:pk>/<slug:verb>/", views.check_act, name="check_act"),
    path("accounts/", views.account_list, name="account_list"),
    path("authority/", views.authority_list, name="authority_list"),
    path("accounts/new/", views.account_new, name="account_new"),
    path("accounts/<int:pk>/", views.account_detail, name="account_detail"),
    path("accounts/<int:pk>/<slug:verb>/", views.account_act, name="account_act"),
]
