"""A refusal on a form: each problem beside its field, the rest at the top."""

from typing import Any

from django.forms import BaseForm
from django.utils.html import format_html
from django.utils.translation import gettext as _

from o2c.core.errors import RuleViolation
from o2c.web.links import link_to


def accept_version(form: Any, version: int) -> None:
    """After a StaleVersion was shown: the next POST of form counts as knowing this version."""
    if "version" in form.fields:
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = str(version)


def put_on_form(refusal: RuleViolation, form: BaseForm, lines: Any = None) -> None:
    """Add every problem of refusal to form, or to the row of `lines` (a formset) it is about.

    Rows count from 0.
    """
    aliases = getattr(form, "aliases", {})
    for error in refusal.errors:
        field = aliases.get(error.field, error.field)
        if lines is not None and error.row is not None and error.row < len(lines.forms):
            row_form = lines.forms[error.row]
            row_form.add_error(error.field if error.field in row_form.fields else None, str(error))
        elif field in form.fields:
            form.add_error(field, str(error))
        elif error.row is not None:
            form.add_error(
                None, _("Line %(row)s: %(error)s") % {"row": error.row + 1, "error": error}
            )
        else:
            form.add_error(None, linked(error))


def linked(error: RuleViolation) -> str:
    """A problem with a link to what it is about, where there is a page to mend it on."""
    if error.about is None:
        return str(error)
    return format_html("{} {}", str(error), link_to(error.about))
