"""The edge: what comes in is checked, what goes out is marked, refusals are pages."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import resolve_url
from django.utils.cache import add_never_cache_headers

from o2c.core.errors import RuleViolation
from o2c.core.work import request_id
from o2c.web.errors import error_page, refusal_page
from o2c.web.links import reader


class EdgeMiddleware:
    """Gives every request an id, refuses NUL bytes (400), and turns refusals into pages.

    Pages of a signed-in reader are never stored by a browser or proxy. A session that ended
    under HTMX leads to the whole sign-in page, not into a fragment.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token, nobody = request_id.set(str(uuid.uuid4())), reader.set(None)
        try:
            response = error_page(request, 400) if _has_nul(request) else self.get_response(request)
            response.headers["X-Request-ID"] = request_id.get()
        finally:
            request_id.reset(token)
            reader.reset(nobody)
        if response.status_code == 503:  # who is signed in lies in the database, too
            add_never_cache_headers(response)
            return response
        # A page only for somebody who reads it: probes send no login, and must not need a database.
        if isinstance(response, HttpResponseNotAllowed) and request.user.is_authenticated:
            allowed = response.headers["Allow"]
            response = error_page(request, 405)
            response.headers["Allow"] = allowed
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
        return _lead_htmx_to_sign_in(request, response)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Links are drawn for this reader: what is not theirs to see stays plain words."""
        reader.set(request.user)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A RuleViolation that no view has shown becomes a page of its own."""
        return refusal_page(request, error) if isinstance(error, RuleViolation) else None


def _has_nul(request: HttpRequest) -> bool:
    """PostgreSQL cannot hold NUL, and nobody types it."""
    if "\x00" in request.path:
        return True
    parts: list[QueryDict] = [request.GET]
    if request.method == "POST":
        parts.append(request.POST)
    return any(
        "\x00" in text for part in parts for name in part for text in (name, *part.getlist(name))
    )


def _lead_htmx_to_sign_in(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    sign_in = resolve_url(settings.LOGIN_URL)
    target = urlsplit(response.headers.get("Location", ""))
    if request.headers.get("HX-Request") != "true" or target.path != sign_in:
        return response
    if request.method not in ("GET", "HEAD"):
        # What was typed stays on the page, which says how to go on (static/js/pages.js).
        return HttpResponse(
            status=401, headers={"HX-Reswap": "none", "HX-Trigger": "o2c:signed-out"}
        )
    came_from = urlsplit(request.headers.get("HX-Current-URL", "/"))
    back = QueryDict(mutable=True)
    back["next"] = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return HttpResponse(status=204, headers={"HX-Redirect": f"{sign_in}?{back.urlencode()}"})
