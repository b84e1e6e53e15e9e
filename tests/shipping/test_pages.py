"""The pages of the shipping desk."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.pdf import pdf_problem
from shipping.commands import cancel_shipment, set_carrier
from shipping.models import Return, Shipment
from tests.factories.masters import CarrierFactory
from tests.given.logistics import (
    announced_return,
    delivered_shipment,
    dispatched_shipment,
    packed_list,
    planned_shipment,
    shipment_lines,
    signature_png,
)
from tests.reading import html
from tests.web_budget import assert_detail_budget, assert_list_budget

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["shipment_list", "return_list", "shipment_new"])
def test_a_visitor_sees_nothing(visitor, name):
    assert visitor.get(reverse(f"shipping:{name}")).status_code == 403


def test_lists_keep_the_budget(boss):
    model = planned_shipment()

    def more(count):
        for _ in range(count):
            Shipment.objects.create(
                order=model.order,
                customer=model.customer,
                warehouse=model.warehouse,
                carrier=model.carrier,
                created_by="x",
            )

    assert_list_budget(boss, reverse("shipping:shipment_list"), more)


def test_returns_keep_the_budget(boss):
    model = announced_return(1)

    def more(count):
        for _ in range(count):
            Return.objects.create(
                order=model.order,
                customer=model.customer,
                shipment=model.shipment,
                reason="x",
                created_by="x",
            )

    assert_list_budget(boss, reverse("shipping:return_list"), more)


@pytest.mark.parametrize(
    "reach", [planned_shipment, dispatched_shipment, delivered_shipment, announced_return]
)
def test_every_document_has_its_page_within_the_budget(boss, reach):
    assert_detail_budget(boss, reach().get_absolute_url())


def test_dispatch_asks_first_and_then_does_it(shirin):
    shipment = planned_shipment()
    url = f"{shipment.get_absolute_url()}dispatch/"

    assert "leave our stock" in html(shirin.get(url))
    assert shirin.post(url).status_code == 303

    shipment.refresh_from_db()
    assert shipment.state == "dispatched"


def test_the_carrier_is_set_by_form_and_its_link_is_shown(shirin):
    shipment = planned_shipment()

    shirin.post(
        f"{shipment.get_absolute_url()}set_carrier/",
        {"service": shipment.service_id, "tracking": "AB 12", "expected_date": ""},
    )

    page = html(shirin.get(shipment.get_absolute_url()))
    assert "https://track.swift.example/AB%2012" in page


class TestTheProofOfDelivery:
    def deliver(self, shirin, shipment, **typed):
        form = {
            "signed_by": "Rita",
            "delivered_on": clock.today().isoformat(),
            "delivered_time": "",
            "note": "",
            **{f"accepted_{line.pk}": line.quantity for line in shipment_lines(shipment)},
            **typed,
        }
        return shirin.post(f"{shipment.get_absolute_url()}deliver/", form)

    def test_it_takes_a_name_and_a_picture(self, shirin):
        shipment = dispatched_shipment((10, 10))
        picture = SimpleUploadedFile("s.png", signature_png(), "image/png")

        answer = self.deliver(shirin, shipment, signature=picture)

        assert answer.status_code == 303
        page = " ".join(html(shirin.get(shipment.get_absolute_url())).split())
        assert "Rita" in page
        assert f'<img src="/files/{shipment.proof.signature_id}/"' in page

    def test_refusals_become_a_return(self, shirin):
        shipment = dispatched_shipment((10, 10))
        [line] = shipment_lines(shipment)

        self.deliver(shirin, shipment, **{f"accepted_{line.pk}": "7", f"reason_{line.pk}": "wet"})

        page = shirin.get(shipment.get_absolute_url())
        (told,) = page.context["accepted"].rows
        assert (told.accepted, told.refused, told.reason) == (7, 3, "wet")

        assert Return.objects.get(shipment=shipment).lines.get().quantity == 3

    def test_a_time_in_the_minute_of_dispatch_is_taken(self, shirin):
        shipment = dispatched_shipment((10, 10))
        typed = f"{timezone.localtime(shipment.dispatched_at):%H:%M}"

        answer = self.deliver(shirin, shipment, delivered_time=typed)

        assert answer.status_code == 303, typed

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("signed_by", " "),
            ("delivered_on", "2999-01-01"),
            ("delivered_on", "2090-01-01"),
            ("delivered_on", "31.02.2026"),
            ("delivered_time", "25:00"),
        ],
    )
    def test_what_cannot_be_stays_on_the_form(self, shirin, field, typed):
        shipment = dispatched_shipment((10, 10))

        answer = self.deliver(shirin, shipment, **{field: typed})

        assert answer.status_code == 422
        assert [*answer.context["form"].errors] == [field]
        shipment.refresh_from_db()
        assert shipment.state == "dispatched"

    def test_a_script_is_no_signature(self, shirin):
        shipment = dispatched_shipment((10, 10))
        script = SimpleUploadedFile("s.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")

        answer = self.deliver(shirin, shipment, signature=script)

        assert answer.status_code == 422
        assert "not a picture" in html(answer)


class TestReturns:
    def test_a_return_is_announced_from_the_shipment(self, shirin):
        shipment = dispatched_shipment((10, 10))
        [line] = shipment_lines(shipment)
        url = f"{shipment.get_absolute_url()}announce_return/"
        assert shirin.get(url).status_code == 200

        answer = shirin.post(url, {"reason": "too many", f"quantity_{line.pk}": "4"})

        made = Return.objects.get()
        assert answer.headers["Location"] == made.get_absolute_url()
        assert made.lines.get().quantity == 4

    def test_too_much_stays_on_the_form_beside_its_field(self, shirin):
        shipment = dispatched_shipment((10, 10))
        [line] = shipment_lines(shipment)

        answer = shirin.post(
            f"{shipment.get_absolute_url()}announce_return/",
            {"reason": "too many", f"quantity_{line.pk}": "11"},
        )

        assert answer.status_code == 422
        assert "11 cannot come back" in html(answer)

    def test_it_is_received_line_by_line(self, shirin):
        coming = announced_return(4)
        [line] = coming.lines.all()
        url = f"{coming.get_absolute_url()}receive/"
        assert shirin.get(url).status_code == 200

        answer = shirin.post(
            url,
            {
                f"received_{line.pk}": "3",
                f"disposition_{line.pk}": "scrap",
                f"location_{line.pk}": "",
            },
        )

        assert answer.status_code == 303
        line.refresh_from_db()
        assert (line.received, line.disposition) == (Decimal(3), "scrap")


class TestPlanningAgain:
    def test_packages_of_a_called_off_shipment_can_be_shipped_another_way(self, shirin):
        shipment = planned_shipment()
        cancel_shipment(shipment.pk, reason="truck full", actor=SYSTEM)
        package = shipment.pick_list.packages.get()
        assert package.number in html(shirin.get(reverse("shipping:shipment_new")))

        answer = shirin.post(reverse("shipping:shipment_new"), {"packages": [package.pk]})

        made = Shipment.objects.get(state="planned")
        assert answer.headers["Location"] == made.get_absolute_url()

    def test_packages_of_two_lists_do_not_travel_together(self, shirin):
        packages = [packed_list().packages.get().pk for _ in range(2)]

        answer = shirin.post(reverse("shipping:shipment_new"), {"packages": packages})

        assert answer.status_code == 422

    def test_with_nothing_to_plan_it_says_so(self, shirin):
        CarrierFactory()

        page = html(shirin.get(reverse("shipping:shipment_new")))

        assert "Every closed package is in a shipment" in page


@pytest.mark.skipif(bool(pdf_problem()), reason=pdf_problem() or "-")
@pytest.mark.parametrize("document", ["packing_slip", "bill_of_lading"])
def test_the_documents_are_pdf_files_in_the_customers_language(shirin, document):
    shipment = planned_shipment()
    set_carrier(shipment.pk, service_id=shipment.service_id, tracking="1Z9", actor=SYSTEM)

    answer = shirin.get(reverse(f"shipping:{document}", args=[shipment.pk]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert shipment.number in answer.headers["Content-Disposition"]
