"""Founding the company: what an empty database needs before the first order."""

from decimal import Decimal
from typing import Any

from o2c.core.actors import Actor, require
from o2c.core.commands import command
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
