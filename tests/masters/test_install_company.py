"""install_company: the one company is set up, once."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.masters.commands import install_company
from o2c.masters.models import Company, Currency

pytestmark = pytest.mark.django_db
COMPANY = {"name": "Nordwind", "country": "DE", "base_currency": "EUR"}


def test_the_company_is_set_up_with_its_currency(admin_user):
    company = install_company(**COMPANY, vat_id="de 136695976", actor=admin_user)

    assert (company.pk, company.legal_name, company.vat_id) == (1, "Nordwind", "DE136695976")
    assert Currency.objects.get().minor_units == 2
    newest = company.history.first()
    assert (newest.history_user_id, newest.history_change_reason) == ("ada", "Set up")


def test_a_second_company_is_refused():
    install_company(**COMPANY, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="set up already"):
        install_company(**{**COMPANY, "name": "Südwind"}, actor=SYSTEM)

    assert Company.objects.get().name == "Nordwind"


def test_the_same_operation_is_carried_out_once():
    first, again = (install_company(**COMPANY, actor=SYSTEM, op_id="form-1") for _time in "12")

    assert again == first


def test_a_currency_that_is_none_is_refused():
    with pytest.raises(RuleViolation, match="XAU is not an ISO 4217 currency") as refused:
        install_company(**{**COMPANY, "base_currency": "XAU"}, actor=SYSTEM)

    assert refused.value.field == "base_currency"


@pytest.mark.parametrize(
    "wrong", [{"vat_id": "DE123"}, {"name": ""}, {"country": "XX"}, {"country": "XX", "name": ""}]
)
def test_what_is_wrong_is_refused_beside_its_field(wrong):
    with pytest.raises(RuleViolation) as refused:
        install_company(**{**COMPANY, **wrong}, actor=SYSTEM)

    assert set(wrong) <= {error.field for error in refused.value.errors}
    assert not Company.objects.exists()


def test_a_sales_clerk_may_not(clerk):
    with pytest.raises(NotPermitted, match=r"masters\.add_company"):
        install_company(**COMPANY, actor=clerk)

    assert not Company.objects.exists()
    assert not Currency.objects.exists()


def test_who_may_not_is_not_even_told_that_there_is_one(clerk):
    install_company(**COMPANY, actor=SYSTEM)

    with pytest.raises(NotPermitted):
        install_company(**COMPANY, actor=clerk)
