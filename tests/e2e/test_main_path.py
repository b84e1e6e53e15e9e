"""One order from capture to reconciled cash, by clicking only, as a newcomer on each chair."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from credit.commands import set_limit
from invoicing.models import Invoice
from o2c.core.actors import SYSTEM
from orders.models import Order
from tests.factories.credit import CreditAccountFactory, CreditAuthorityFactory
from tests.given.reconciliation import entry, file_of, statement_record
from tests.given.story import House

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SECRET = "a-chair-in-the-house"


class Chair:
    """One person's browser: signs in by the form, then only clicks and types."""

    def __init__(self, watched: Any, user: Any) -> None:
        user.set_password(SECRET)
        user.save()
        self.watched, self.page, self.clicks = watched, watched.page, 0
        watched.visit("/")  # the only address anybody types
        self.page.get_by_label("Username").fill(user.username)
        self.page.get_by_label("Password", exact=True).fill(SECRET)
        self.press("Sign in")
        self.page.wait_for_selector("h1:has-text('Good day')")

    def press(self, words: str) -> None:
        """A button in the page's main part."""
        self._click(self.page.get_by_role("main").get_by_role("button", name=re.compile(words)))

    def follow(self, words: str) -> None:
        """A link in the page's main part."""
        self._click(self.page.get_by_role("main").get_by_role("link", name=re.compile(words)))

    def _click(self, target: Any) -> None:
        target.first.click()
        self.clicks += 1
        self.page.wait_for_selector(".htmx-request, [aria-busy]", state="detached")

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)

    def told(self) -> str:
        """What the page says about what was just done."""
        return str(self.page.locator("[data-messages]").first.inner_text())

    def done(self) -> int:
        """How many clicks it took; every page on the way was sound."""
        self.watched.assert_sound(axe=False)
        return self.clicks


@pytest.fixture
def chairs(
    open_page: Any, clerk: Any, credit_manager: Any, picker: Any, shipper: Any, biller: Any,
    cashier: Any,
) -> Any:  # fmt: skip
    people = {
        p.username: p for p in (clerk, credit_manager, picker, shipper, biller, cashier)
    }  # fmt: skip
    return people, lambda name: Chair(open_page(), people[name])


def test_one_order_is_clicked_from_capture_to_reconciled(chairs, tmp_path):
    people, chair = chairs
    house = House(people)
    account = CreditAccountFactory(customer=house.customer)
    set_limit(
        account.pk,
        amount=Decimal(50),
        valid_from=date(2020, 1, 1),
        reason="known payer",
        actor=SYSTEM,
    )
    CreditAuthorityFactory()

    clicks = capture(chair("clara"), house)
    clicks += approve(chair("chris"))
    clicks += pick_and_pack(chair("pablo"), house)
    clicks += ship_and_deliver(chair("shirin"))
    clicks += bill(chair("bilal"))
    invoice = Invoice.objects.get()
    statement = tmp_path / "statement.xml"
    statement.write_bytes(
        file_of(statement_record(entry(invoice.gross, f"Invoice {invoice.number}")))
    )
    clicks += bank(chair("carlo"), statement)

    assert Order.objects.get().state == "reconciled"
    assert clicks <= 40


def capture(clara: Chair, house: House) -> int:
    clara.follow("New order")
    clara.fill("Customer", house.customer.code)
    clara.fill("Item", house.item.code)
    clara.fill("Quantity", "10")
    clara.press("Save the order")
    assert "It is now “On hold”" in clara.told()
    assert "Next: Credit" in clara.told()
    return clara.done()


def approve(chris: Chair) -> int:
    chris.follow("^CC-")
    chris.follow("Approve")
    chris.fill("Reason", "A deposit has come in.")
    chris.press("Approve")
    assert "Next: Pick PL-" in chris.told()
    return chris.done()


def pick_and_pack(pablo: Chair, house: House) -> int:
    pablo.follow("Pick screen")
    pablo.press("Start next list")
    pablo.page.keyboard.type(house.item.code)  # a scanner types and presses Enter, nothing else
    pablo.page.keyboard.press("Enter")
    pablo.page.wait_for_selector("text=1 / 10")
    pablo.press("^Confirm 10")
    pablo.follow("^Pack")
    pablo.press("^Pack")
    assert "Next: Shipment SH-" in pablo.told()
    return pablo.done()


def ship_and_deliver(shirin: Chair) -> int:
    shirin.follow("^SH-")
    shirin.follow("^Dispatch")
    shirin.press("^Dispatch")
    assert "Next: Invoice" in shirin.told()
    shirin.follow("^Record delivery")
    shirin.fill("Signed by", "Rita Recipient")
    shirin.press("^Record delivery")
    assert "It is now “Delivered”" in shirin.told()
    return shirin.done()


def bill(bilal: Chair) -> int:
    bilal.follow("^Invoice #")
    bilal.follow("^Post")
    bilal.press("^Post")
    assert "It is now “Posted”. Next: Payment." in bilal.told()
    return bilal.done()


def bank(carlo: Chair, statement: Path) -> int:
    carlo.follow("Import a bank statement")
    carlo.page.get_by_label("Account").select_option(index=1)
    for store in (False, True):
        carlo.page.get_by_label("File", exact=True).set_input_files(statement)
        assert carlo.page.get_by_label("Only check the file").is_checked() is not store
        carlo.press("Read the file")
    carlo.follow("See what came in")
    carlo.follow("^BS-")
    if not carlo.page.get_by_text("Exact").count():  # the nightly job may not have been here
        carlo.press("Look for matches")
    carlo.follow("^1$")
    carlo.press("^Apply 119.00")
    return carlo.done()
