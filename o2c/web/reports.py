"""Pages that are reports: read from the standby, which the page says with its lag."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse

from o2c.core.standby import StandbyLost, reading_from_standby

View = Callable[..., HttpResponseBase]


def reads_from_standby(view: View) -> View:
    """Let a page that only reports be read, and drawn, from the standby.

    For pages where nobody looks for what they did a second ago, and none with a verb on it. What
    the standby does not answer to the end is read from the primary.
    """

    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return _drawn(view, request, *args, **kwargs)
        except StandbyLost:
            return _drawn(view, request, *args, **kwargs)

    read.reads_from_standby = True  # type: ignore[attr-defined]  # for the test that walks them
    return read


def _drawn(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """The answer of view; a template queries while it is drawn, so that is done here."""
    with reading_from_standby():
        response = view(request, *args, **kwargs)
        return response.render() if isinstance(response, SimpleTemplateResponse) else response
