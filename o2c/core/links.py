"""Where a row is looked at, by the house's naming of URLs."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from o2c.core.states import snake_case


def page_url(row: Any) -> str:
    """The address of row's own page: what it says itself, else `<app>:<noun>_detail`.

    Empty when it has none.
    """
    try:
        if hasattr(row, "get_absolute_url"):
            return str(row.get_absolute_url())
        return reverse(
            f"{row._meta.app_label}:{snake_case(type(row).__name__)}_detail", args=[row.pk]
        )
    except (AttributeError, NoReverseMatch):
        return ""


def link_to(row: Any, words: Any = "") -> str:
    """row as a link to its page; plain words when it has none."""
    url = page_url(row)
    text = str(words or row)
    return format_html('<a href="{}">{}</a>', url, text) if url else format_html("{}", text)
