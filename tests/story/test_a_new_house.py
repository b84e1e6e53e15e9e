"""An empty database, one superuser, and the pages: the first steps are enough for an order."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from credit.models import CreditCheck
from o2c.core.models import User
from o2c.desk.first_steps import first_steps
from o2c.masters.models import Customer, Item
from orders.models import Order
from tests.given.story import House, state_of

pytestmark = pytest.mark.django_db

COMPANY = {
    "name": "Nordwind", "country": "DE", "city": "Hamburg", "street": "Kai 1",
    "tax_number": "27/123/45678", "base_currency": "EUR",
    "standard_percent": "19", "reduced_percent": "7",
}  # fmt: skip
FILES = {
    "masters/warehouses": "code,name,country\nHH,Hamburg,DE\n",
    "masters/locations": "warehouse,code,kind,walk_order\n"
    "HH,IN,receiving,0\nHH,A-01,storage,1\nHH,OUT,shipping,0\nHH,Q,quarantine,0\n",
    "masters/bank-accounts": "code,name,iban,currency\n"
    "MAIN,House bank,DE87123456781234567890,EUR\n",
    "masters/items": "code,name,unit,standard_cost\nLAMP,Lamp,H87,6.00\n",
    "masters/price-lists": "code,name,currency\nLIST,List,EUR\n",
    "masters/prices": "price_list,item,price\nLIST,LAMP,10.00\n",
    "masters/customers": "code,name,email,currency,terms,price_list,tax_profile\n"
    "C1,Lichthaus,buero@lichthaus.example,EUR,NET30,LIST,DOMESTIC\n",
    "masters/addresses": "customer,code,name,street,postcode,city,country,default\n"
    "C1,MAIN,Lichthaus,Weg 1,20095,Hamburg,DE,yes\n",
    "stock": "item,warehouse,location,quantity\nLAMP,HH,A-01,10\n",
}


class NewHouse(House):
    """A house whose customer, item and goods came in through its pages."""

    def __init__(self, people: dict[str, Any]) -> None:
        self.people = people
        self.customer, self.item = Customer.objects.get(), Item.objects.get()


def test_the_first_steps_are_enough_for_the_first_order(client, people, books_agree):
    root = User.objects.create_superuser("root")
    client.force_login(root)

    assert client.post("/found/", {**COMPANY, "op_id": "found"}).status_code == 303
    for folder, text in FILES.items():
        file = SimpleUploadedFile("file.csv", text.encode())
        page = client.post(f"/{folder}/import/", {"file": file})
        assert page.status_code == 200, page.content.decode()
    manager = people["chris"].groups.get()
    authority = {"role": manager.pk, "amount": "5000", "op_id": "authority"}
    assert client.post("/credit/authority/", authority).status_code == 303
    assert first_steps(root) == []

    house = NewHouse(people)
    order = house.order(10)
    assert state_of(order) == "on_hold"  # nobody knows this customer yet
    check = CreditCheck.objects.get()
    client.force_login(people["chris"])
    reason = {"reason": "Known from the fair", "version": check.version, "op_id": "approve"}
    assert client.post(f"/credit/{check.pk}/approve/", reason).status_code == 303

    invoice = house.ship_and_bill(order)
    house.receive_money(invoice.gross, f"Invoice {invoice.number}")

    assert state_of(order) == "reconciled"
    assert Order.objects.get().gross == invoice.gross
    books_agree()
