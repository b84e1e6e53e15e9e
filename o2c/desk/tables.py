"""The lists under the roof."""

from django.utils.translation import gettext_lazy as _

from o2c.core.models import Delivery
from o2c.web.sources import SourceColumn
from o2c.web.tables import (
    Column,
    LinkColumn,
    MomentColumn,
    NumberColumn,
    SearchFilter,
    StateColumn,
    Table,
)
from o2c.web.timeline import event_title


class StuckWorkTable(Table):
    title = _("Stuck work")
    model = Delivery
    detail = "desk:stuck_work_detail"
    columns = [
        LinkColumn(
            "event__name",
            _("Event"),
            value=lambda row: event_title(row.event.name),
            sort="event__name",
        ),
        SourceColumn("document", _("Document"), source="event__document"),
        Column("handler", _("What should follow"), value=lambda row: row.follower),
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
