"""Why nothing is posted."""

from datetime import date

from django.utils.translation import gettext_lazy

from o2c.core.errors import RuleViolation


class PeriodClosed(RuleViolation):
    """The posting date lies in a month that is not open."""

    status = 409
    sentence = gettext_lazy("%(month)s is closed. Choose a later date, or have the month reopened.")

    def __init__(self, posting_date: date) -> None:
        super().__init__(self.sentence % {"month": f"{posting_date:%Y-%m}"}, field="posting_date")


class PeriodMissing(PeriodClosed):
    """The posting date lies in a month that nobody has opened."""

    sentence = gettext_lazy(
        "No month %(month)s is open; a controller can open it. Only this month and the next one "
        "open by themselves."
    )


class AccountMissing(RuleViolation):
    """No account plays a role that the posting needs."""


class PostedOtherwise(RuleViolation):
    """The source has posted for this purpose before, and not the same."""

    status = 409
