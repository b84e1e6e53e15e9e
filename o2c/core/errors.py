"""The ways a command says no. All of it is fit for the user's eyes; anything else is a bug."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class RuleViolation(Exception):
    """The business says no. `str(error)` is fit for the user's eyes and never logged as an error.

    `field` and `row` say where the trouble is, when it is in one place; `about` is the stored row
    in which it is mended, for a page to link to. `status` is the HTTP status a page or the API
    answers with.
    """

    status = 422

    def __init__(
        self,
        message: str | Promise,
        *,
        field: str | None = None,
        row: int | None = None,
        about: Any = None,
    ) -> None:
        super().__init__(message)
        self.field = field
        self.row = row
        self.about = about

    @property
    def errors(self) -> list["RuleViolation"]:
        """The single problems this refusal is made of."""
        return [self]

    def __str__(self) -> str:
        return str(self.args[0])


class RuleViolations(RuleViolation):
    """Several problems at once, so that nobody corrects a form one error at a time."""

    def __init__(self, violations: Sequence[RuleViolation]) -> None:
        assert violations, "a refusal needs a reason"
        super().__init__("\n".join(str(violation) for violation in violations))
        self._violations = list(violations)

    @property
    def errors(self) -> list[RuleViolation]:
        return self._violations


class NotPermitted(RuleViolation):
    """The actor may not do this."""

    status = 403


class TransitionRefused(RuleViolation):
    """The document's state or conditions forbid the verb. Names every failing condition."""

    status = 409

    def __init__(
        self, message: str | Promise, reasons: Sequence[str] = (), *, about: Any = None
    ) -> None:
        super().__init__(message, about=about)
        self.reasons = list(reasons)


class StaleVersion(RuleViolation):
    """Somebody changed the document since the form was opened."""

    status = 409


class Busy(RuleViolation):
    """A lock could not be had within the lock timeout."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Somebody else is changing this right now. Please try again.")
        )


class Later(Exception):
    """A follower could not do it now, through nobody's fault, and says why: try it again."""


class FormRefused(RuleViolation):
    """Said of a form as a whole. Who does many things for one form does none of them then."""


class IdempotencyConflict(FormRefused):
    """The same operation key came back with other content."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("This form was already sent with other content. Open it again.")
        )


class KeyMissing(FormRefused):
    """A form came without its operation key: sent twice, it would act twice."""

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("This form came without its operation key. Open it again and send it.")
        )


def refuse_if(violations: Sequence[RuleViolation]) -> None:
    """Raise all violations as one refusal; do nothing when there is none."""
    if len(violations) == 1:
        raise violations[0]
    if violations:
        raise RuleViolations(violations)


@contextmanager
def noted(violations: list[RuleViolation]) -> Iterator[None]:
    """Add what is refused inside to violations and go on, so that the rest is looked at, too."""
    try:
        yield
    except RuleViolation as refusal:
        violations += refusal.errors


def not_permitted(actor_name: str, permission: str) -> NotPermitted:
    """The refusal for a missing right, naming it."""
    return NotPermitted(
        _("%(actor)s does not have the right “%(right)s”.")
        % {"actor": actor_name, "right": permission}
    )
