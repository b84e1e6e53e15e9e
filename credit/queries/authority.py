"""Up to which amount a person may decide, and about whose orders not."""

from decimal import Decimal

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from credit.models import CreditAuthority
from o2c.core.actors import Actor, SystemActor
from o2c.core.errors import NotPermitted
from o2c.core.models import Event
from o2c.masters.queries import company
from o2c.web.formats import money_text
from orders.models import Order

#: events that say who asked for what credit is to be granted for
_SHAPING = ("order.captured", "order.edited", "order.amended")


class AboveAuthority(NotPermitted):
    """Somebody with more authority must decide this."""


def authority_of(actor: Actor) -> tuple[bool, Decimal | None]:
    """Whether actor has any authority, and its ceiling in the base currency (None: no ceiling).

    The highest of the actor's roles counts.
    """
    if isinstance(actor, SystemActor):
        return True, None
    roles = Group.objects.filter(user__username=actor.get_username()).values("name")
    amounts = list(CreditAuthority.objects.filter(role__in=roles).values_list("amount", flat=True))
    if not amounts:
        return False, None
    if None in amounts:
        return True, None
    return True, max(amount for amount in amounts if amount is not None)


def require_authority(actor: Actor, base_amount: Decimal) -> None:
    """Refuse when base_amount, in the base currency, exceeds what actor may decide.

    Raises AboveAuthority, naming the amount and who could decide it.
    """
    known, ceiling = authority_of(actor)
    if known and (ceiling is None or base_amount <= ceiling):
        return
    currency = company().base_currency
    figures = {
        "amount": money_text(base_amount, currency),
        "ceiling": money_text(ceiling or Decimal(0), currency),
        "roles": ", ".join(_roles_for(base_amount)) or _("nobody"),
    }
    raise AboveAuthority(
        _("%(amount)s is above your authority of %(ceiling)s. Who may decide: %(roles)s.") % figures
    )


def has_shaped(order_id: int, username: str) -> bool:
    """Whether this person captured an order or changed it since, by its events."""
    return Event.objects.filter(
        document_type=Order._meta.label_lower,
        document_id=order_id,
        name__in=_SHAPING,
        actor=username,
    ).exists()


def _roles_for(base_amount: Decimal) -> list[str]:
    return [
        authority.role
        for authority in CreditAuthority.objects.order_by("role")
        if authority.amount is None or authority.amount >= base_amount
    ]
