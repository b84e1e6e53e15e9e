from django.urls import path

from fulfillment import views

app_name = "fulfillment"
urlpatterns = [
    path("pick-lists/", views.pick_list_list, name="pick_list_list"),
    path("pick-lists/<int:pk>/", views.pick_list_detail, name="pick_list_detail"),
    path("pick-lists/<int:pk>/<slug:verb>/", views.pick_list_act, name="pick_list_act"),
    path("packages/", views.package_list, name="package_list"),
    path("backorders/", views.backorder_list, name="backorder_list"),
    path("backorders/plan/", views.plan_again, name="plan_again"),
    path("to-count/", views.count_request_list, name="count_request_list"),
    path("floor/", views.floor_home, name="floor_home"),
    path("floor/next/", views.floor_start, name="floor_next"),
    path("floor/<int:pk>/", views.floor_pick, name="floor_pick"),
    path("floor/<int:pk>/start/", views.floor_start, name="floor_start"),
]
