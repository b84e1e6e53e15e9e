"""Icons, inlined as SVG so that no page waits for them and the strict policy allows them."""

from functools import cache

import lucide
from django.utils.safestring import SafeString, mark_safe


@cache
def icon(name: str, size: int = 16) -> SafeString:
    """The Lucide icon of that name, in the current text colour, silent to screen readers."""
    drawing = lucide._render_icon(name, size, aria_hidden="true", focusable="false")
    return mark_safe(" ".join(drawing.split()))  # comes from the package, not from a user
