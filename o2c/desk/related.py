"""What later stages offer on the page of an earlier stage's document."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from o2c.web import RelatedLink
from orders.models import Order


def related(document: Any) -> Sequence[RelatedLink]:
    """The pages about document that its own stage cannot know."""
    if not isinstance(document, Order):
        return ()
    return [
        RelatedLink(
            _("Four-way match"),
            reverse("reconciliation:order_match_detail", args=[document.pk]),
            "check-check",
            "reconciliation.view_reconciliation",
        )
    ]
