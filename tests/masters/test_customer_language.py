"""A customer's language is one that documents can be written in, whichever way it comes in."""

import pytest

from o2c.masters.models import Customer
from tests.factories.masters import CustomerFactory
from tests.masters.test_import_masters import counts, problems, run

pytestmark = pytest.mark.django_db

HEAD = "code,name,currency,terms,tax_profile,language\n"


def test_a_language_nobody_can_write_is_refused():
    CustomerFactory(code="OTHER")

    result = run("customers", HEAD + "K1,Clinique,EUR,NET30,DOMESTIC,fr\n")

    assert problems(result) == [(2, "language", "fr")]
    assert "One of: en, de." in str(result.errors[0])


@pytest.mark.parametrize(("written", "kept"), [("DE", "de"), ("en", "en"), ("", "en")])
def test_one_we_can_write_is_kept(written, kept):
    CustomerFactory(code="OTHER")

    result = run("customers", HEAD + f"K2,Klinik,EUR,NET30,DOMESTIC,{written}\n")

    assert counts(result) == (1, 0, 0, 0)
    assert Customer.objects.get(code="K2").language == kept
