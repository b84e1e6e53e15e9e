"""Opening an edit form and saving it without a change changes nothing, whatever it edits.

No row of any table differs afterwards: no version, no history, no event. The forms are found by
walking every page, so a new one is tested unless `tests/edit_forms.py` says that it does more.
"""

import pytest

from o2c.core.models import User
from tests.conftest import person
from tests.edit_forms import DOES_MORE, NAMES, admin_forms, edit_forms, without_a_change
from tests.edited_documents import every_edited_document
from tests.every_master import every_master
from tests.permissions import PAGES
from tests.whole_house import furnish

pytestmark = pytest.mark.django_db

#: The edit forms there are. One that nobody can open would prove nothing.
EDIT_FORMS = {
    *(name for name in PAGES if name.startswith("masters:") and name.endswith("_edit")),
    *("ledger:account_edit", "credit:account_act classify", "receivables:customer_act dunning"),
    *("orders:order_edit", "orders:order_amend", "shipping:shipment_act set_carrier"),
    "stock:expected_receipt_act reschedule",
}
#: Shown and changed on the page of their terms; alone they are refused.
EDIT_FORMS -= {"masters:payment_terms_line_edit"}
#: Optional fields that nothing can be written into, as another one forbids it.
LEFT_EMPTY = {
    "ItemUnit": {"barcode"},  # an item has the sample
    "DunningPolicy": {"is_default"},  # the other one is
    "PaymentTerms": {"discount_days", "discount_percent"},  # one not without the other
}


@pytest.fixture
def rita(boss):
    return boss


def test_saving_without_a_change_changes_nothing(rita):
    every_master()
    furnish()
    every_edited_document()
    opened, wrong = set(), []

    for form in edit_forms(rita):
        opened.add(form.name)
        wrong += without_a_change(rita, form)

    assert not wrong, "\n".join(wrong)
    assert opened == EDIT_FORMS


def test_nothing_is_changed_in_the_admin_either(rita):
    every_master()
    clerk = person("sales clerk")
    User.objects.filter(pk=clerk.pk).update(
        first_name="Ann", last_name="Clerk", email="a@b.example"
    )
    opened, wrong = set(), []

    for form in admin_forms(rita):
        opened.add(form.name)
        wrong += without_a_change(rita, form)

    assert not wrong, "\n".join(wrong)
    assert opened >= {"admin:core_user", "admin:masters_customer", "admin:ledger_account"}


def test_every_optional_field_of_every_master_is_filled():
    left = every_master()

    assert {model.__name__: names for model, names in left.items()} == LEFT_EMPTY


def test_what_is_said_to_do_more_than_edit_is_there():
    assert set() == DOES_MORE - NAMES
