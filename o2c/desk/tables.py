"""The lists under the roof."""

from django.utils.translation import gettext_lazy as _

from o2c.core.models import Delivery
from o2c.core.tables import (
    Column,
    LinkColumn,
    MomentColumn,
    NumberColumn,
    SearchFilter,
    StateColumn,
    Table,
)


class StuckWorkTable(Table):
    title = _("Stuck work")
    model = Delivery
    detail = "desk:stuck_work_detail"
    columns = [
        LinkColumn("event__name", _("Event")),
        Column("handler", _("Who should have acted")),
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
