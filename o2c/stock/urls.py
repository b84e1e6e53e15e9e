from django.urls import path

from o2c.stock import views

app_name = "stock"
urlpatterns = [
    path("", views.balance_list, name="balance_list"),
    path("import/", views.stock_import, name="stock_import"),
    path("items/<int:pk>/", views.item_stock, name="item_stock"),
    path("expected/", views.expected_receipt_list, name="expected_receipt_list"),
    path("expected/new/", views.expected_receipt_new, name="expected_receipt_new"),
    path("expected/<int:pk>/", views.expected_receipt_detail, name="expected_receipt_detail"),
    path("expected/<int:pk>/<slug:verb>/", views.expected_receipt_act, name="expected_receipt_act"),
]
# One set of pages per document: stock:stock_receipt_list, _new, _detail.
for _kind, _document in views.KINDS.items():
    _noun, _which = _document.model.noun, {"kind": _kind}
    urlpatterns += [
        path(f"{_kind}/", views.document_list, _which, name=f"{_noun}_list"),
        path(f"{_kind}/new/", views.document_new, _which, name=f"{_noun}_new"),
        path(f"{_kind}/<int:pk>/", views.document_detail, _which, name=f"{_noun}_detail"),
    ]
