"""Dunning policies for tests. Debts and payments are reached in `tests.given.receivables`."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from receivables import models


class DunningPolicyFactory(DjangoModelFactory):
    """The default policy: a reminder 3 days before, letters after 5, 20 and 40 days, no charges.

    `levels=[dict(days=5, fee="10.00"), ...]` gives levels 1, 2, ...; `pre_due=False` no reminder.
    """

    class Meta:
        model = models.DunningPolicy
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"POLICY-{n}")
    name = "Standard"
    is_default = True
    days_between = 7

    @factory.post_generation
    def pre_due(self, create, extracted, **kwargs):
        if create and extracted is not False:
            models.DunningLevel.objects.create(
                policy=self, level=0, days=extracted or -3, title="Friendly reminder"
            )

    @factory.post_generation
    def levels(self, create, extracted, **kwargs):
        if not create:
            return
        for number, level in enumerate(extracted or [{"days": d} for d in (5, 20, 40)], start=1):
            charges = {k: Decimal(v) for k, v in level.items() if k != "days"}
            models.DunningLevel.objects.create(
                policy=self,
                level=number,
                days=level["days"],
                title=f"Reminder {number}",
                text="Please pay.",
                **charges,
            )
