"""A row of every master with each of its optional fields filled, and a bare one beside it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.work import attempt
from o2c.ledger.commands import install_chart
from o2c.masters.commands import amend_master
from o2c.masters.forms import fields_of
from o2c.masters.models import PaymentTermsLine, Recorded
from receivables.commands import install_reminders
from receivables.models import DunningPolicy, DunningProfile
from tests.factories import masters as make

#: What a field takes that takes not just anything.
SAMPLES = {
    "vat_id": "FR40303265045", "iban": "GB82WEST12345698765432", "bic": "DEUTDEFF",
    "gln": "4012345000009", "barcode": "4006381333931", "country": "AT", "email": "a@b.example",
    "language": "de", "currency": "USD", "base_currency": "EUR", "scac": "ABCD",
    "tracking_url": "https://carrier.example/{tracking}", "aging_buckets": [10, 20],
    "valid_from": date(2020, 1, 1), "valid_to": date(2098, 12, 31), "website": "www.example",
}  # fmt: skip


def every_master() -> dict[type[Recorded], set[str]]:
    """Make them; those filled refer to some that are switched off.

    Returns the optional fields of each kind that could not be filled.
    """
    _bare_ones()
    left = {
        model: _fill(model._default_manager.order_by("pk").last())
        for model in apps.get_models()
        if issubclass(model, Recorded) and model is not PaymentTermsLine
    }
    DunningPolicy.objects.update(active=False)
    return {model: names for model, names in left.items() if names}


def _bare_ones() -> None:
    """Two of each, so that one can refer to the other."""
    customer = make.CustomerFactory()
    make.CustomerFactory(currency="USD")
    item = make.ItemFactory(price="10.00")
    make.ItemFactory()
    make.ServiceFactory()
    make.ItemUnitFactory(item=item)
    make.ItemCategoryFactory(code="OTHER")
    make.ContactFactory(customer=customer)
    make.CustomerItemFactory(customer=customer, item=item)
    make.WarehouseFactory()
    make.WarehouseFactory(code="NORTH")
    make.CarrierFactory()
    make.BankAccountFactory()
    make.PriceListFactory(code="SPECIAL")
    first = {"share_percent": 50, "days": 14, "months": 1, "end_of_month": True, "extra_days": 3}
    make.PaymentTermsFactory(code="PARTS", lines=[first, {"day_of_month": 5}])
    make.TaxProfileFactory(code="FOREIGN", rules={})
    install_chart(actor=SYSTEM)
    install_reminders(actor=SYSTEM)
    amend_master(DunningPolicy(code="GENTLE", name="Gentle reminders"), actor=SYSTEM)
    amend_master(DunningProfile(customer=customer), actor=SYSTEM)


def _fill(row: Recorded) -> set[str]:
    """Fill what can be filled; each value has to pass the command."""
    optional = [f for f in row._meta.fields if f.name in fields_of(type(row)) and _is_optional(f)]
    left = {field.name for field in optional}
    for field in [*optional, *optional]:
        if field.name in left and _takes(row, field):
            left.remove(field.name)
    return left


def _is_optional(field: models.Field) -> bool:
    return field.blank or field.null or field.has_default()


def _takes(row: Recorded, field: models.Field) -> bool:
    for value in _values(row, field):
        changed = type(row)._default_manager.get(pk=row.pk)
        setattr(changed, field.attname, value)
        try:
            _amend(changed, actor=SYSTEM)
        except RuleViolation:
            continue
        return True
    return False


@command
def _amend(row: Recorded, *, actor: Any) -> None:
    with attempt():
        amend_master(row, actor=actor)


def _values(row: Recorded, field: models.Field) -> list[Any]:
    """Values other than the default."""
    default = field.get_default()
    if field.is_relation:
        others = field.related_model._default_manager.exclude(pk=row.pk)
        return list(others.values_list("pk", flat=True))
    if field.name in SAMPLES:
        return [SAMPLES[field.name]]
    if field.choices:
        return [key for key, _words in reversed(field.flatchoices) if key not in (default, "")]
    if isinstance(field, models.BooleanField):
        return [not default]
    if isinstance(field, models.DateField):
        return [clock.today() + timedelta(days=30)]
    if isinstance(field, models.TextField):
        return ["First line\nsecond line"]
    if isinstance(field, models.CharField):
        return [f"Any {field.name}"[: field.max_length], "ANY"[: field.max_length]]
    if isinstance(field, models.DecimalField):
        return [Decimal("1.25")]
    return [3, 2, 1]
