"""A document known by its type and key, such as ("shipping.shipment", 7): words and link."""

from typing import Any

from django.apps import apps
from django.utils.html import format_html
from django.utils.text import capfirst

from o2c.core.links import page_url
from o2c.core.tables.columns import Column


def source_words(source_type: str, source_id: int) -> str:
    """`Shipment 7`; the bare type when there is no such model."""
    try:
        name = capfirst(str(apps.get_model(source_type)._meta.verbose_name))
    except (LookupError, ValueError):
        name = source_type
    return f"{name} {source_id}"


def source_url(source_type: str, source_id: int) -> str:
    """The page of the document; empty when it has none. Asks the database nothing."""
    try:
        return page_url(apps.get_model(source_type)(pk=source_id))
    except (LookupError, ValueError):
        return ""


def source_link(source_type: str, source_id: int) -> str:
    """The document's words as a link to its page."""
    words, url = source_words(source_type, source_id), source_url(source_type, source_id)
    return format_html('<a href="{}">{}</a>', url, words) if url else words


class SourceColumn(Column):
    """The document behind a row with `source_type` and `source_id`."""

    def raw(self, row: Any) -> str:
        return source_words(row.source_type, row.source_id)

    def show(self, row: Any, table: Any) -> str:
        return source_link(row.source_type, row.source_id)
