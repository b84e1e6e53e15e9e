"""What every page needs around its content. Read lazily: a partial asks for almost nothing."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.standby import Reading, Source, current_reading
from o2c.web.navigation import Section, rail_for

STYLESHEETS = tuple(
    f"css/{name}.css"
    for name in (
        *("tokens", "base", "layout", "components", "menus", "forms", "tables", "listing"),
        *("detail", "desk", "print"),
    )
)
SCRIPTS = tuple(f"js/{name}.js" for name in ("preferences", "pages", "keys", "forms"))

#: Preferences live in cookies: they belong to a screen, not to a person.
CHOICES = {
    "theme": ("system", "light", "dark"),
    "density": ("standard", "compact", "comfortable"),
    "rail": ("wide", "narrow"),
}

_company_name: Callable[[], str] = lambda: "O2C"  # noqa: E731


def set_company_name(provider: Callable[[], str]) -> None:
    """Register what names the company in the top bar; called once, by the roof."""
    global _company_name
    _company_name = provider


class Shell:
    """The frame of a page, for one request."""

    stylesheets = STYLESHEETS
    scripts = SCRIPTS
    themes = (
        ("system", _("System"), "monitor"),
        ("light", _("Light"), "sun"),
        ("dark", _("Dark"), "moon"),
    )
    densities = (
        ("compact", _("Compact")),
        ("standard", _("Standard")),
        ("comfortable", _("Roomy")),
    )

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def _preference(self, name: str) -> str:
        value = self._request.COOKIES.get(name, "")
        return value if value in CHOICES[name] else CHOICES[name][0]

    @property
    def theme(self) -> str:
        return self._preference("theme")

    @property
    def density(self) -> str:
        return self._preference("density")

    @property
    def rail_width(self) -> str:
        return self._preference("rail")

    @property
    def environment(self) -> str:
        """The words of the striped bar on systems that are not the real one."""
        return str(getattr(settings, "O2C_ENVIRONMENT", ""))

    @property
    def reading(self) -> Reading | None:
        """Where this page is read, if it is a report and there is a standby."""
        reading = current_reading()
        return reading if reading and reading.source != Source.ALONE else None

    @property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def company(self) -> str:
        return _company_name()

    @cached_property
    def rail(self) -> list[Section]:
        return rail_for(self._request)

    @cached_property
    def roles(self) -> list[str]:
        """The reader's roles, by name."""
        return [str(group) for group in self._request.user.groups.order_by("name")]

    @property
    def search_url(self) -> str:
        try:
            return reverse("desk:search")
        except NoReverseMatch:
            return ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}
