"""Tables that pages of every stage share: audit, files, what is wrong with a file."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from o2c.core.models import Attachment
from o2c.web.audit import Change, changes_of, history_of
from o2c.web.excerpts import part_of
from o2c.web.tables import ActorColumn, Column, DetailTable, MomentColumn, NumberColumn


class Changes(DetailTable):
    """Every change of a commercial field."""

    title = _("Audit")
    empty = _("No change has been recorded.")
    columns = [
        MomentColumn("at", _("When")),
        Column("who", _("Who")),
        Column("what", _("What"), value=lambda change: _what(change), wide=True),
        Column("reason", _("Why"), wide=True, sparse=True),
    ]


def _what(change: Change) -> str:
    """The kind of change, and each field's old and new value in a line of its own, as HTML."""
    words = {"created": _now("Created"), "deleted": _now("Deleted")}.get(change.kind, "")
    fields = ((one.field, one.old, one.new) for one in change.fields)
    lines = format_html_join("", "<div>{}: <del>{}</del> → <ins>{}</ins></div>", fields)
    return format_html("{}{}", words, lines)


class Files(DetailTable):
    """The files of a document."""

    title = _("Files")
    columns = [
        Column("name", _("File"), value=lambda file: _download(file)),
        Column("size", _("Size"), value=lambda file: filesizeformat(file.size)),
        MomentColumn("created_at", _("Added")),
        ActorColumn("created_by", _("By")),
    ]


def _download(file: Attachment) -> str:
    url = reverse("web:file", args=[file.pk])
    return format_html('<a href="{}" hx-boost="false">{}</a>', url, file.name)


class RowErrors(DetailTable):
    """What is wrong with an imported file, by row and column."""

    title = _("Errors")
    columns = [
        NumberColumn("row", _("Row")),
        Column("field", _("Column")),
        Column("value", _("Value")),
        Column("message", _("What is wrong"), wide=True),
    ]


class ImportColumns(DetailTable):
    """The columns a file may have."""

    title = _("Columns")
    columns = [
        Column("name", _("Column"), value=lambda one: format_html("<code>{}</code>", one.name)),
        Column("required", _("Needed"), value=lambda one: _yes_or_no(one.required)),
        Column("help", _("What it says"), sparse=True, wide=True),
        Column("aliases", _("Other names"), value=lambda one: ", ".join(one.aliases), wide=True),
    ]


def _yes_or_no(value: Any) -> str:
    return _now("yes") if value else _now("no")


class Differences(DetailTable):
    """Typed against present values, as (label, typed, present)."""

    title = _("What differs")
    columns = [
        Column("label", _("Field"), value=lambda one: one[0]),
        Column("typed", _("You typed"), value=lambda one: one[1]),
        Column("present", _("It is now"), value=lambda one: one[2]),
    ]


def audit_of(request: HttpRequest, document: models.Model) -> Changes:
    """The changes of a hundred versions of a document, and the way to the others."""
    versions = part_of(request, history_of(document), name="changes", url="?tab=audit")
    return Changes(changes_of(document, versions.rows), excerpt=versions.excerpt)
