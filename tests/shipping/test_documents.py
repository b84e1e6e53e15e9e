"""Packing slip and bill of lading."""

import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from fulfillment.commands import PackageDraft, pack
from o2c.core.actors import SYSTEM
from o2c.core.pdf import pdf_problem, render_pdf
from shipping.adapters import barcode_image
from shipping.commands import plan_shipment, set_carrier
from shipping.models import Shipment
from shipping.queries import document_of, shipments
from tests.factories.masters import CarrierFactory, CustomerItemFactory
from tests.given.logistics import dispatched_shipment, picked_list, stops

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(pdf_problem()), reason=pdf_problem() or "-"),
]


def two_packages_of_two_items() -> Shipment:
    """Ten and three pieces, of which two of the first item are not there yet."""
    CarrierFactory()
    pick_list = picked_list((12, 10), (3, 3))
    first, second = stops(pick_list)
    pack(
        pick_list.pk,
        packages=[
            PackageDraft({first.pk: Decimal(8)}, Decimal("4.2"), "340123450000000000"),
            PackageDraft({first.pk: Decimal(2), second.pk: Decimal(3)}),
        ],
        actor=SYSTEM,
    )
    planned = plan_shipment(pick_list.pk, actor=SYSTEM)
    set_carrier(planned.pk, service_id=planned.service_id, tracking="1Z999", actor=SYSTEM)
    return shipments().get(pk=planned.pk)


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("document", ["packing_slip", "bill_of_lading"])
def test_every_package_and_item_is_on_the_document_and_no_price(document):
    shipment = two_packages_of_two_items()

    text = text_of(
        render_pdf(f"pdf/{document}.html", {**document_of(shipment), "barcode": barcode_image("1")})
    )

    packages = [package.number for package in shipment.pick_list.packages.all()]
    for expected in [shipment.number, shipment.order.number, "1Z999", "340123450000000000",
                     *packages, *shipment.ship_to_lines, "6.7 kg"]:  # fmt: skip
        assert expected in text, expected
    assert "EUR" not in text
    assert "10.00" not in text


def test_the_slip_names_items_as_the_customer_does():
    shipment = two_packages_of_two_items()
    item = shipment.order.lines.get(line_number=1).item
    CustomerItemFactory(customer=shipment.customer, item=item, code="THEIR-7")

    text = text_of(
        render_pdf(
            "pdf/packing_slip.html", {**document_of(shipment), "barcode": barcode_image("1")}
        )
    )

    assert text.count("Your item THEIR-7") == 2  # once per package


def test_the_slip_says_what_is_still_to_come():
    shipment = two_packages_of_two_items()

    following = document_of(shipment)["following"]

    assert [(one.line.line_number, one.quantity) for one in following] == [(1, 2)]


def test_nothing_is_to_come_after_a_complete_dispatch():
    shipment = dispatched_shipment((10, 10))

    assert document_of(shipments().get(pk=shipment.pk))["following"] == []


def test_statements_do_not_grow_with_packages_and_lines(count_statements):
    counts = []
    for lines in (1, 9):
        shipment = shipments().get(pk=dispatched_shipment(*[(2, 2)] * lines).pk)
        with count_statements() as count:
            document_of(shipment)
        counts.append(int(count))

    assert counts == [4, 4]


def test_a_barcode_is_a_picture_in_the_page_itself():
    assert barcode_image("SH-000042").startswith("data:image/svg+xml;base64,")
