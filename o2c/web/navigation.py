"""The rail: groups of entries, one per list or report, each behind the right to see it.

The floor knows no stage, so the roof's table (settings.O2C_NAVIGATION, a dotted path) names URLs
and rights as text. An entry whose page does not exist is left out here and found by a test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from o2c.core.addresses import plain_address


@dataclass(frozen=True)
class Entry:
    """One link: words, URL name, icon, its `g` key, and the right to see it.

    The right is by default the one to view the stage the URL belongs to; `everyone` needs none.
    """

    label: str | Promise
    url_name: str
    icon: str
    key: str = ""
    permission: str = ""
    everyone: bool = False

    def is_for(self, user: Any) -> bool:
        """Whether user may open it."""
        app = self.url_name.partition(":")[0]
        return self.everyone or user.has_perm(self.permission or f"{app}.view_{app}")


@dataclass(frozen=True)
class Group:
    """A heading with its entries."""

    label: str | Promise
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Link:
    """An entry as the rail draws it."""

    label: str | Promise
    url: str
    icon: str
    key: str
    is_current: bool


@dataclass(frozen=True)
class Section:
    """A group as the rail draws it."""

    label: str | Promise
    links: Sequence[Link]


def navigation() -> Sequence[Group]:
    """The roof's table."""
    path = getattr(settings, "O2C_NAVIGATION", "")
    return import_string(path) if path else ()


def rail_for(request: HttpRequest) -> list[Section]:
    """What this reader may open; empty groups are left out."""
    sections = []
    for group in navigation():
        links = [link for entry in group.entries if (link := _link(entry, request))]
        if links:
            sections.append(Section(group.label, links))
    return _mark_current(sections, request.path)


def _link(entry: Entry, request: HttpRequest) -> Link | None:
    if not entry.is_for(request.user):
        return None
    try:
        url = plain_address(entry.url_name)
    except NoReverseMatch:
        return None
    return Link(entry.label, url, entry.icon, entry.key, False)


def _mark_current(sections: list[Section], path: str) -> list[Section]:
    """Mark the link with the longest address that path lies under."""
    under = [
        link.url
        for section in sections
        for link in section.links
        if path == link.url or (link.url != "/" and path.startswith(link.url))
    ]
    current = max(under, key=len, default=None)
    return [
        Section(
            section.label,
            [
                Link(link.label, link.url, link.icon, link.key, link.url == current)
                for link in section.links
            ],
        )
        for section in sections
    ]
