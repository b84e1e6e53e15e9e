"""Founding the company (what an empty database needs before the first order), and stuck work."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.commands import command
from o2c.core.deliveries import retry
from o2c.core.errors import RuleViolation, TransitionRefused
from o2c.core.models import Delivery
from o2c.ledger.commands import install_chart
from o2c.masters.commands import install_company, install_reference_data
from o2c.masters.models import Company
from receivables.commands import install_reminders


@command
def found_company(
    *, standard_percent: Decimal, reduced_percent: Decimal, actor: Actor, **fields: Any
) -> Company:
    """Set up the company with currencies, units, taxes, terms, accounts and reminders, or nothing.

    `fields` are those of `install_company`; the percents are the VAT rates of the company's
    country. Raises RuleViolation naming the field, or when there is a company already.
    """
    require(actor, "desk.found_company")
    company = install_company(actor=actor, **fields)
    install_reference_data(
        standard_percent=standard_percent, reduced_percent=reduced_percent, actor=actor
    )
    install_chart(actor=actor)
    install_reminders(actor=actor)
    return company


def retry_delivery(delivery_id: int, *, actor: Actor, op_id: str = "") -> None:
    """Pay a parked or dead delivery once more, now, in transactions of its own.

    Its row keeps it from being paid twice, so it takes no operation key. Raises TransitionRefused
    when it is not stuck any more, and RuleViolation with the answer when it fails again.
    """
    require(actor, "desk.retry_delivery")
    delivery = Delivery.objects.get(pk=delivery_id)
    if not delivery.is_stuck:
        raise TransitionRefused(_("Somebody has dealt with it already."))
    if not retry(delivery_id):
        delivery.refresh_from_db()
        raise RuleViolation(_("It was refused again. %(answer)s") % {"answer": delivery.failure})
