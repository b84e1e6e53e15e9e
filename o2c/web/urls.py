"""Pages of the floor: files, preferences, help."""

from django.urls import path

from o2c.web import files, views

app_name = "web"
urlpatterns = [
    path("help/", views.help_page, name="help"),
    path("preferences/", views.preferences, name="preferences"),
    path("files/<int:pk>/", files.get_file, name="file"),
    path("files/<slug:app_label>/<slug:model_name>/<int:pk>/", files.add_file, name="attach"),
]
