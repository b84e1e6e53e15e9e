"""What a reader is told when something was done: what, where it is now, and what comes next."""

from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.core.models import Document
from o2c.web.badges import state_badge
from o2c.web.chain import next_words


def done_text(result: Any, done: str | Promise, actor: Actor) -> str:
    """`SO-000146: saved. It is now “Released”. Next: Pick PL-000133 (Ready).`

    A result that is no document is named with what was done; text and None are not named. The
    document is read again, since what follows a command moves it on.
    """
    words = str(done).rstrip(".")
    if result is None or isinstance(result, str):
        return str(done)
    if not isinstance(result, Document):
        return f"{result}: {words}"
    now = type(result)._base_manager.filter(pk=result.pk).first()
    if now is None:
        return _("%(document)s: %(verb)s. It is gone now.") % {"document": result, "verb": words}
    text = _("%(document)s: %(verb)s. It is now “%(state)s”.") % {
        "document": now,
        "verb": words,
        "state": state_badge(now).label,
    }
    return format_html("{}{}", text, next_words(now, actor))
