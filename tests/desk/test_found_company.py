"""found_company: an empty database becomes a house that can take its first order."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.desk.commands import found_company
from o2c.ledger.models import Account, Role
from o2c.masters.models import Company, Currency, PaymentTerms, TaxRate
from receivables.models import DunningPolicy

pytestmark = pytest.mark.django_db
COMPANY = {
    "name": "Nordwind",
    "country": "DE",
    "base_currency": "EUR",
    "standard_percent": Decimal(19),
    "reduced_percent": Decimal(7),
}
ARGUMENTS = [
    *("--name", "Nordwind", "--country", "DE", "--base-currency", "EUR"),
    *("--standard-percent", "19", "--reduced-percent", "7"),
]


def test_everything_the_first_order_needs_is_there(controller):
    company = found_company(**COMPANY, actor=controller)

    assert company == Company.objects.get()
    assert set(Account.objects.values_list("role", flat=True)) == set(Role.values)
    assert {rate.percent for rate in TaxRate.objects.all()} >= {Decimal(19), Decimal(7)}
    assert PaymentTerms.objects.filter(code="NET30").exists()
    assert [p.code for p in DunningPolicy.objects.filter(is_default=True)] == ["STANDARD"]


def test_the_books_agree_on_the_first_day(books_agree):
    found_company(**COMPANY, actor=SYSTEM)

    books_agree()


def test_a_second_company_is_refused_and_nothing_is_added():
    found_company(**COMPANY, actor=SYSTEM)
    accounts = Account.objects.count()

    with pytest.raises(RuleViolation, match="set up already"):
        found_company(**{**COMPANY, "name": "Südwind"}, actor=SYSTEM)

    assert (Company.objects.get().name, Account.objects.count()) == ("Nordwind", accounts)


def test_what_is_wrong_leaves_the_house_empty():
    with pytest.raises(RuleViolation) as refused:
        found_company(**{**COMPANY, "vat_id": "DE123"}, actor=SYSTEM)

    assert {error.field for error in refused.value.errors} == {"vat_id"}
    assert not Company.objects.exists()
    assert not Currency.objects.exists()


def test_a_sales_clerk_may_not(clerk):
    with pytest.raises(NotPermitted, match=r"desk\.found_company"):
        found_company(**COMPANY, actor=clerk)


def test_the_page_founds_the_company(corinna, controller):
    page = corinna.post("/found/", {**COMPANY, "op_id": "1"}, follow=True)

    assert Company.objects.get().history.first().history_user_id == controller.username
    assert "Nordwind" in page.content.decode()


def test_the_page_says_what_is_missing_beside_its_field(corinna):
    page = corinna.post("/found/", {"name": "Nordwind", "base_currency": "XAU"})

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {
        *("country", "base_currency", "standard_percent", "reduced_percent"),
    }
    assert not Company.objects.exists()


def test_the_command_line_founds_it_too():
    out = StringIO()

    call_command("found_company", *ARGUMENTS, stdout=out)

    assert out.getvalue() == "Nordwind is set up.\n"
    assert Company.objects.get().history.first().history_user_id == "system:found_company"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--country", "XX"], "--country: "),
        (["--base-currency", "XAU"], "--base-currency: "),
        (["--standard-percent", "1e1"], "--standard-percent: “1e1” is not a number"),
        (["--reduced-percent", "101"], "--reduced-percent: Enter at most 100"),
    ],
)
def test_the_command_line_names_the_wrong_argument(wrong, said):
    with pytest.raises(CommandError, match=said):
        call_command("found_company", *ARGUMENTS, *wrong)

    assert not Company.objects.exists()


def test_the_command_line_is_told_that_there_is_a_company():
    found_company(**COMPANY, actor=SYSTEM)

    with pytest.raises(CommandError, match="set up already"):
        call_command("found_company", *ARGUMENTS)
