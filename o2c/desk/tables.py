"""The lists under the roof."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from o2c.core.models import Delivery
from o2c.core.sources import source_link, source_words
from o2c.core.tables import (
    Column,
    LinkColumn,
    MomentColumn,
    NumberColumn,
    SearchFilter,
    StateColumn,
    Table,
)


def handler_words(handler: str) -> str:
    """`credit.commands.checks.check_order` as `Check order`: the command that was to follow."""
    return capfirst(handler.rpartition(".")[2].replace("_", " "))


class _DocumentColumn(Column):
    """The document whose event is owed, as a link."""

    def raw(self, row: Any) -> str:
        return source_words(row.event.document_type, row.event.document_id)

    def show(self, row: Any, table: Any) -> str:
        return source_link(row.event.document_type, row.event.document_id)


class StuckWorkTable(Table):
    title = _("Stuck work")
    model = Delivery
    detail = "desk:stuck_work_detail"
    columns = [
        LinkColumn("event__name", _("Event")),
        _DocumentColumn("document", _("Document"), sort=False),
        Column("handler", _("What should follow"), value=lambda row: handler_words(row.handler)),
        Column("failure", _("Answer"), sort=False),
        NumberColumn("attempts", _("Attempts")),
        MomentColumn("event__recorded_at", _("Since")),
        StateColumn(),
    ]
    filters = [SearchFilter("event__name", "handler", "failure")]
    empty = _("Nothing is stuck.")

    @classmethod
    def view_permission(cls) -> str:
        return "desk.view_stuck_work"
