"""Error pages: what happened in plain words, and where to go from here."""

import sys
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from o2c.core.database_errors import is_database_away
from o2c.core.errors import RuleViolation
from o2c.core.roles import roles_with
from o2c.core.work import request_id
from o2c.web.showing import show

RETRY_S = 5  # seconds after which a page asks again whether the database is back


@dataclass(frozen=True)
class Words:
    """The title and the explanation of one kind of error."""

    title: str | Promise
    text: str | Promise


WORDS = {
    400: Words(
        _("This request makes no sense to us"),
        _("Something in the address or the form cannot be read. Nothing was saved."),
    ),
    403: Words(
        _("You may not open this"),
        _("Your roles do not include it. An administrator can grant you the right."),
    ),
    404: Words(
        _("There is nothing here"),
        _("The address is wrong, or what it named is gone. Check the number, or search for it."),
    ),
    405: Words(
        _("This cannot be done that way"),
        _("The page answers other kinds of requests only. Nothing was saved."),
    ),
    409: Words(_("This is not possible now"), ""),
    422: Words(_("This was not done"), ""),
    429: Words(_("Too many requests"), _("Wait a minute, then try again. Nothing was saved.")),
}


def error_page(
    request: HttpRequest, status: int, text: str | Promise = "", **context: Any
) -> HttpResponse:
    """The page for an error status, rendered already, so that it works outside a view."""
    words = WORDS.get(status, WORDS[422])
    if not _is_signed_in(request):
        context["layout"] = "web/door.html"
    response = show(
        request,
        f"{status if status in (400, 403, 404, 409) else 409}.html",
        {
            "title": words.title,
            "text": text or words.text,
            "code": status,
            "request_id": request_id.get(),
            **context,
        },
        status=status,
    )
    return response.render()


def _is_signed_in(request: HttpRequest) -> bool:
    """A request that was refused at the very edge has no user yet."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def refusal_page(request: HttpRequest, refusal: RuleViolation) -> HttpResponse:
    """A refusal on a page of its own."""
    return error_page(request, refusal.status, text=str(refusal))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400. A session that could not be stored because the database is away is no fault of
    the request, though Django says so."""
    session_lost = isinstance(exception, SessionInterrupted) and exception.__context__
    if session_lost and is_database_away(session_lost.__context__):
        return database_away(request)
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403; names the missing right, and who has it, when the view did."""
    right = str(exception)
    words = right.rpartition(".")[2].replace("_", " ") if right.count(".") == 1 else ""
    holders = roles_with(right).get(right, []) if words else []
    return error_page(request, 403, right=words, holders=holders)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    return error_page(request, 404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """handler429: a rate limit was reached."""
    return error_page(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: a page that needs neither database nor session."""
    if is_database_away(sys.exc_info()[1]):
        return database_away(request)
    page = render_to_string("500.html", {"request_id": request_id.get()})
    return HttpResponseServerError(page)


def database_away(request: HttpRequest) -> HttpResponse:
    """503 until the database is back. A form sent by HTMX keeps all that was typed."""
    is_read = request.method in ("GET", "HEAD")
    page = render_to_string(
        "503.html",
        {"asks_again": is_read, "seconds": RETRY_S, "request_id": request_id.get()},
    )
    response = HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_S)})
    if request.headers.get("HX-Request") == "true":
        response.headers["HX-Trigger"] = "o2c:database-away"
        response.headers["HX-Reswap"] = "none"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """settings.CSRF_FAILURE_VIEW: the form was opened in another session."""
    return error_page(
        request,
        403,
        _("The form was opened before you signed in, or cookies are off. Go back and reload it."),
    )
