"""Every constraint of the database has a sentence, and none of them says its own name."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from o2c.core.constraints import GUARDS, constraint_name, sentence_by_name, sentence_of
from o2c.core.deliveries import _said
from o2c.masters.models import Customer, Recorded
from tests.factories.masters import CustomerFactory

OURS = [
    model for model in apps.get_models() if not model.__module__.startswith(("django.", "allauth."))
]
CONSTRAINTS = [(model, one) for model in OURS for one in model._meta.constraints]


def is_a_sentence(text, name):
    assert name not in text
    assert "onstraint" not in text
    assert text[0] == text[0].upper() or text.startswith("“")
    assert text.endswith(".")
    assert "_" not in text, text
    return True


@pytest.mark.parametrize(
    ("model", "constraint"), CONSTRAINTS, ids=[one.name for _model, one in CONSTRAINTS]
)
def test_every_constraint_of_a_model_says_a_sentence(model, constraint):
    assert is_a_sentence(sentence_of(constraint, model), constraint.name)


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_every_guard_says_a_sentence(name):
    assert is_a_sentence(sentence_by_name(name), name)


@pytest.mark.django_db
def test_whatever_the_database_refuses_by_has_a_sentence():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace "
            "UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique"
        )
        names = [name for (name,) in cursor.fetchall()]

    assert len(names) > 200
    for name in names:
        assert is_a_sentence(sentence_by_name(name), name)


def test_no_master_shows_a_form_the_name_of_a_constraint():
    masters = [model for model in OURS if issubclass(model, Recorded)]
    assert len(masters) > 20
    for model in masters:
        for constraint in model._meta.constraints:
            assert "“" not in sentence_of(constraint, model) or constraint.name not in sentence_of(
                constraint, model
            )
        assert model.validate_constraints is Recorded.validate_constraints


@pytest.mark.django_db
def test_what_stands_on_the_page_of_stuck_work_is_a_sentence():
    customer = CustomerFactory()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Customer.objects.filter(pk=customer.pk).update(bill_to=F("pk"))

    assert constraint_name(refused.value) == "masters_customer_bill_to_other"
    assert _said(refused.value) == "Leave “bill to” empty for the customer itself."
    assert _said(KeyError("x")) == "KeyError: 'x'"
