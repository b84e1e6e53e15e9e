"""Quantities that people report: whether anybody can have counted them."""

from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.masters.models import Item
from o2c.masters.rules.units import fits
from o2c.web.formats import number_text

_MOST = Decimal("9999999.999")


def uncountable(quantity: Decimal, item: Item) -> str:
    """Why nobody can have counted so much of item; empty when somebody can. Reads its unit."""
    if not quantity.is_finite() or abs(quantity) > _MOST:
        return _("%(item)s: that is not a quantity; at most %(most)s.") % {
            "item": item.code,
            "most": number_text(_MOST),
        }
    if not fits(quantity, item.unit.decimals):
        return _("%(item)s: %(quantity)s %(unit)s has more decimals than the unit allows.") % {
            "item": item.code,
            "quantity": number_text(quantity),
            "unit": item.unit.code,
        }
    return ""
