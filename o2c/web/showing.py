"""Page or partial, decided once; and who may look."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseRedirectBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers

from o2c.web.links import page_url


def show(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> TemplateResponse:
    """Render template as a whole page, or for HTMX as its main part only.

    Templates begin with `{% extends layout %}`.
    """
    response = TemplateResponse(
        request, template, {"layout": layout_for(request), **(context or {})}, status=status
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def layout_for(request: HttpRequest) -> str:
    """The base template for this request."""
    return "web/partial.html" if wants_part(request) else "web/page.html"


def wants_part(request: HttpRequest) -> bool:
    """Whether HTMX asks, and puts the answer in place of a part of the page."""
    restores = request.headers.get("HX-History-Restore-Request") == "true"
    return request.headers.get("HX-Request") == "true" and not restores


def require_right(request: HttpRequest, permission: str) -> None:
    """Refuse the page (403) unless the reader has permission."""
    if not request.user.has_perm(permission):
        raise PermissionDenied(permission)


def view_right(model: type[models.Model]) -> str:
    """The right to see rows of model, which is the right to see its stage: `orders.view_orders`."""
    app = model._meta.app_label
    return f"{app}.view_{app}"


def url_of(thing: Any, fallback: str = "/") -> str:
    """Where a result is looked at: an object's own page, a given address, or the fallback."""
    if isinstance(thing, str) and thing.startswith("/"):
        return thing
    return page_url(thing) or fallback


class SeeOther(HttpResponseRedirectBase):
    """After a POST, look there (303)."""

    status_code = 303
