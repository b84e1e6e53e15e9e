"""The lists under the roof, and what came of the verification."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from o2c.core.models import Delivery
from o2c.core.verify import Finding
from o2c.web.formats import number_text
from o2c.web.icons import icon
from o2c.web.sources import SourceColumn
from o2c.web.tables import (
    Column,
    DetailTable,
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


class BreaksColumn(NumberColumn):
    """How many rows break a rule; none is good news."""

    def text(self, raw: Any, row: Any) -> str:
        if raw:
            return format_html('<strong class="negative">{}</strong>', number_text(raw))
        return format_html("{} 0", icon("check"))


class Findings(DetailTable):
    """Every invariant with what breaks it."""

    title = _("Verification")
    columns = [
        Column("invariant__id", _("Name")),
        Column("rule", _("Always true"), value=lambda finding: _rule(finding), wide=True),
        BreaksColumn("violations", _("Breaks")),
    ]


def _rule(finding: Finding) -> str:
    """The sentence, and each row that breaks it, as HTML."""
    rows = ((sentence,) for sentence in finding.sentences())
    return format_html(
        "{}{}", finding.invariant.title, format_html_join("", "<div><code>{}</code></div>", rows)
    )
