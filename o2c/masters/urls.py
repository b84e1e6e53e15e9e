from django.urls import path

from o2c.core.states import snake_case
from o2c.masters import views
from o2c.masters.commands import KINDS

app_name = "masters"
urlpatterns = [
    path("", views.home, name="home"),
    path("company/", views.company_detail, name="company_detail"),
    path("company/edit/", views.company_edit, name="company_edit"),
]
# One set of pages per kind: masters:customer_list, _new, _import, _detail, _edit, _remove.
for _name, _kind in KINDS.items():
    _noun, _which = snake_case(_kind.model.__name__), {"kind": _name}
    urlpatterns += [
        path(f"{_name}/", views.master_list, _which, name=f"{_noun}_list"),
        path(f"{_name}/new/", views.master_new, _which, name=f"{_noun}_new"),
        path(f"{_name}/import/", views.master_import, _which, name=f"{_noun}_import"),
        path(f"{_name}/<int:pk>/", views.master_detail, _which, name=f"{_noun}_detail"),
        path(f"{_name}/<int:pk>/edit/", views.master_edit, _which, name=f"{_noun}_edit"),
        path(f"{_name}/<int:pk>/remove/", views.master_remove, _which, name=f"{_noun}_remove"),
    ]
