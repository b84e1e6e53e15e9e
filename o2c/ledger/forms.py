"""Forms of the money book."""

from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.web.forms import DayField, Form


class PeriodForm(Form):
    day = DayField(
        kind=DayKind.PLANNED,
        label=_("A day of the month"),
        help_text=_("The whole month is opened. This month and the next one open by themselves."),
    )
