"""The few pages of the floor itself: preferences and help."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from o2c.web.shell import CHOICES
from o2c.web.showing import SeeOther, show

_ONE_YEAR = 365 * 24 * 60 * 60


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep theme, row height or rail width in a cookie and go back."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = SeeOther(back)
    for name, values in CHOICES.items():
        chosen = request.POST.get(name)
        if chosen in values:
            response.set_cookie(
                name, chosen, max_age=_ONE_YEAR, samesite="Lax", secure=request.is_secure()
            )
    return response


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """The keys that work everywhere, for readers without JavaScript."""
    shortcuts = [
        ("Ctrl K", _("Search everything")),
        ("/", _("Search this list")),
        ("j  k", _("Next row, previous row")),
        ("Enter", _("Open the row")),
        ("n", _("New (of the kind listed)")),
        ("Ctrl Enter", _("The main button")),
        (".", _("More actions")),
        ("Esc", _("Close")),
        ("?", _("Keys on this page")),
    ]
    return show(request, "web/help.html", {"title": _("Help"), "shortcuts": shortcuts})
