"""Where a row is looked at, by the product's naming of URLs."""

from contextvars import ContextVar
from typing import Any

from django.urls import NoReverseMatch
from django.utils.html import format_html

from o2c.core.addresses import row_address
from o2c.core.states import snake_case

#: Who reads the page that is being drawn; set by the middleware. None: nobody in particular.
reader: ContextVar[Any] = ContextVar("reader", default=None)


def page_url(row: Any) -> str:
    """The address of row's own page: what it says itself, else `<app>:<noun>_detail`.

    Empty when it has none.
    """
    try:
        if hasattr(row, "get_absolute_url"):
            return str(row.get_absolute_url())
        return row_address(f"{row._meta.app_label}:{snake_case(type(row).__name__)}_detail", row.pk)
    except (AttributeError, NoReverseMatch):
        return ""


def link_to(row: Any, words: Any = "") -> str:
    """row as a link to its page; plain words when it has none or the reader may not see it."""
    url = page_url(row)
    text = str(words or row)
    if not url or not _may_open(row):
        return format_html("{}", text)
    return format_html('<a href="{}">{}</a>', url, text)


def _may_open(row: Any) -> bool:
    """Whether the reader may look into row's stage; what belongs to no stage is open."""
    app = row._meta.app_label
    return app == "core" or reader.get() is None or reader.get().has_perm(f"{app}.view_{app}")
