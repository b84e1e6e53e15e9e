from django.urls import path

from o2c.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("found/", views.found_company, name="found_company"),
    path("search/", views.search_page, name="search"),
    path("verification/", views.verification, name="verification"),
    path("stuck/", views.stuck_work, name="stuck_work"),
    path("stuck/<int:pk>/", views.stuck_work_detail, name="stuck_work_detail"),
    path("stuck/<int:pk>/<slug:verb>/", views.stuck_work_act, name="stuck_work_act"),
]
