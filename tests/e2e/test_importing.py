"""Import pages: choose a file, check it, look, import it; the file stays in its box meanwhile."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from o2c.masters.models import Unit
from orders.models import Order
from reconciliation.models import BankStatement
from tests.factories.masters import CompanyFactory, CustomerFactory, WarehouseFactory
from tests.factories.orders import priced_item
from tests.given.reconciliation import bank_account, entry, file_of, statement_record

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

ORDERS = "order;customer;item;quantity\nA;ACME;BOLT;3\n"
CHOSEN = "() => [...document.querySelector('[name=file]').files].map(file => file.name)"


@pytest.fixture
def rita(rita):
    CompanyFactory()
    WarehouseFactory()
    priced_item(CustomerFactory(code="ACME"), "10.00", code="BOLT")
    return rita


@pytest.fixture
def desk(open_page, rita, tmp_path):
    return lambda url, **how: Desk(open_page(rita, **how), url, tmp_path)


class Desk:
    """Somebody at an import page."""

    def __init__(self, watched: Any, url: str, folder: Path) -> None:
        self.watched, self.page, self.folder = watched, watched.page, folder
        watched.visit(url)
        if watched.page.evaluate("!!window.htmx"):
            self.page.evaluate("document.querySelector('.topbar').dataset.same = 'yes'")

    def choose(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.page.set_input_files("[name=file]", path)
        return path

    def read(self, tone: str) -> str:
        """Press the one button; what the result says, once it is there."""
        self.page.click(".form-foot button")
        self.page.wait_for_selector(f"section.note[data-tone={tone}], .problem")
        return self.page.inner_text("section.note") if self.page.query_selector("section") else ""

    def chosen(self) -> list[str]:
        return self.page.evaluate(CHOSEN)

    def is_the_same_page(self) -> bool:
        return self.page.get_attribute(".topbar", "data-same") == "yes"


def test_the_second_click_imports_the_file_that_was_checked(desk):
    clara = desk("/orders/import/")
    clara.choose("orders.csv", ORDERS)

    told = clara.read("info")

    assert "press “Read the file” once more" in told
    assert clara.chosen() == ["orders.csv"]
    assert not clara.page.is_checked("[name=dry_run]")
    assert not Order.objects.exists()
    clara.watched.assert_sound("after the dry run")
    clara.read("success")
    assert Order.objects.get().source_reference == "A"
    assert clara.chosen() == []
    assert clara.is_the_same_page()
    clara.watched.assert_sound("after the import")


def test_masters_and_statements_come_in_the_same_way(desk):
    amelie = desk("/masters/units/import/")
    amelie.choose("units.csv", "code,name,symbol,decimals\nKGM,kilogram,kg,3\n")
    for tone in ("info", "success"):
        amelie.read(tone)

    bank_account()
    carlo = desk(reverse("reconciliation:bank_statement_import"))
    carlo.choose("bank.xml", file_of(statement_record(entry("5.00", "one"))))
    for tone in ("info", "success"):  # the file says whose it is
        carlo.read(tone)

    assert Unit.objects.filter(code="KGM").exists()
    assert BankStatement.objects.count() == 1
    assert amelie.is_the_same_page()
    assert carlo.is_the_same_page()


def test_a_refused_file_stays_and_is_asked_for_again_when_it_was_mended(desk):
    clara = desk("/orders/import/")
    file = clara.choose("orders.csv", ORDERS.replace("3", "x"))
    assert "Refused" in clara.read("danger")
    assert clara.chosen() == ["orders.csv"]
    assert clara.page.is_checked("[name=dry_run]")
    file.write_text(ORDERS)
    os.utime(file, (2_000_000_000, 2_000_000_000))  # browsers compare seconds

    clara.page.click(".form-foot button")

    clara.page.wait_for_selector("[data-unsent]:visible")
    clara.page.wait_for_function("() => !document.querySelector('[name=file]').files.length")
    clara.watched.problems.clear()  # the browser notes that the file could not be sent
    clara.watched.assert_sound("a file that was changed")
    clara.choose("orders.csv", ORDERS)
    clara.read("info")
    assert clara.page.is_hidden("[data-unsent]")


def test_a_file_that_did_not_arrive_stays_in_its_box(desk):
    clara = desk("/orders/import/")
    clara.choose("orders.csv", ORDERS)
    clara.page.context.set_offline(True)
    clara.page.click(".form-foot button")
    clara.page.wait_for_selector("[data-unsent]:visible")

    clara.page.context.set_offline(False)

    clara.read("info")
    assert clara.chosen() == ["orders.csv"]


def test_without_scripts_the_file_is_chosen_once_more(desk):
    clara = desk("/orders/import/", scripts=False)
    clara.choose("orders.csv", ORDERS)

    assert "To store it, choose it once more" in clara.read("info")
    clara.choose("orders.csv", ORDERS)
    clara.read("success")

    assert Order.objects.get().source_reference == "A"
