"""What a new house still lacks before its first order, for whoever founds it."""

from dataclasses import dataclass

from django.db.models import Exists, Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.models import CreditAuthority
from o2c.core.actors import Actor
from o2c.core.models import User
from o2c.masters.models import (
    BankAccount,
    Company,
    Customer,
    Item,
    Location,
    PriceListItem,
)
from o2c.stock.models import Balance


@dataclass(frozen=True)
class Step:
    """One thing a house needs: done as soon as there is a row of `model`."""

    label: str | Promise
    hint: str | Promise
    model: type[Model]
    url_name: str
    right: str = "masters.view_masters"


@dataclass(frozen=True)
class FirstStep:
    """A step as this house stands. Without the right to its page there is no `url`."""

    label: str | Promise
    hint: str | Promise
    url: str
    done: bool


STEPS = [
    Step(
        _("Set up the company"), _("With its accounts, taxes, payment terms and reminders."),
        Company, "desk:found_company", "desk.found_company",
    ),
    Step(
        _("A warehouse and its places"), _("Where goods come in, lie and go out."),
        Location, "masters:warehouse_list",
    ),
    Step(_("A bank account"), _("Where customers pay."), BankAccount, "masters:bank_account_list"),
    Step(_("Items"), _("From a file or one by one."), Item, "masters:item_list"),
    Step(
        _("Prices"), _("A list, and what each item costs on it."),
        PriceListItem, "masters:price_list_list",
    ),
    Step(
        _("Customers"), _("With their addresses, terms and price lists."),
        Customer, "masters:customer_list",
    ),
    Step(
        _("Goods on the shelves"), _("What lies there on the first day, from a file."),
        Balance, "stock:stock_import", "stock.receive_goods",
    ),
    Step(
        _("Who decides on credit"), _("And up to which amount."),
        CreditAuthority, "credit:authority_list", "credit.set_authority",
    ),
]  # fmt: skip


def first_steps(actor: Actor) -> list[FirstStep]:
    """Every step, while one of them is missing and actor may found the company; else nothing.

    Nothing is asked for anybody else.
    """
    if not actor.has_perm("desk.found_company"):
        return []
    asked = {
        f"step_{nr}": Exists(step.model._default_manager.all()) for nr, step in enumerate(STEPS)
    }
    answers = User.objects.order_by("pk").values_list(*asked.values())[:1].get()
    if all(answers):
        return []
    return [
        FirstStep(
            step.label,
            step.hint,
            reverse(step.url_name) if actor.has_perm(step.right) else "",
            done,
        )
        for step, done in zip(STEPS, answers, strict=True)
    ]
