"""An administrator sets up how customers are reminded, in Django admin."""

import pytest

from receivables.commands import install_reminders
from receivables.models import DunningPolicy
from tests.factories.masters import CompanyFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/receivables/dunningpolicy/{}/change/"


@pytest.fixture
def policy(controller):
    CompanyFactory()
    return install_reminders(actor=controller)


def filled(page):
    """The page's form as a browser would send it back."""
    forms = [page.context["adminform"].form]
    for formset in page.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    values = {field.html_name: field.value() for form in forms for field in form}
    return {
        name: "" if value is None else value for name, value in values.items() if value is not False
    }


def test_a_fee_is_changed_and_the_change_is_on_record(client, admin_user, policy):
    client.force_login(admin_user)
    page = client.get(PAGE.format(policy.pk))
    typed = filled(page)
    fee = next(name for name in typed if name.endswith("2-fee"))

    answer = client.post(PAGE.format(policy.pk), {**typed, fee: "7.50"})

    assert answer.status_code == 302
    level = policy.levels.get(level=2)
    assert str(level.fee) == "7.5000"
    assert level.history.first().history_user_id == admin_user.username


def test_a_clerk_does_not_even_see_it(client, clerk, policy):
    clerk.is_staff = True
    clerk.save()
    client.force_login(clerk)

    assert client.get(PAGE.format(policy.pk)).status_code == 403
    assert DunningPolicy.objects.get() == policy
