import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from PIL import Image

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.attachments import read_file
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Attachment, Event, User
from shipping.commands import record_delivery
from shipping.models import ProofOfDelivery, Return
from tests.given.logistics import (
    announced_return,
    delivered_shipment,
    dispatched_shipment,
    planned_shipment,
    shipment_lines,
    signature_png,
)

pytestmark = pytest.mark.django_db


def deliver(shipment, **proof):
    return record_delivery(shipment.pk, **{"signed_by": "Rita", "actor": SYSTEM, **proof})


def test_the_proof_says_who_when_and_how_much():
    shipment = dispatched_shipment((10, 10))
    moment = clock.now()

    deliver(shipment, delivered_at=moment, note="left at the ramp")

    proof = shipment.proof
    [line] = shipment_lines(shipment)
    assert (proof.signed_by, proof.delivered_at, proof.note) == ("Rita", moment, "left at the ramp")
    assert proof.accepted == {str(line.pk): {"accepted": "10.000"}}
    assert Event.objects.get(name="shipment.delivered").facts["signed_by"] == "Rita"


def test_the_signature_is_kept_as_a_clean_picture():
    shipment = dispatched_shipment()

    deliver(shipment, signature=signature_png())

    kept = shipment.proof.signature
    assert (kept.content_type, kept.purpose) == ("image/png", "signature")
    assert Image.open(io.BytesIO(read_file(kept))).size == (60, 20)


def test_photos_lose_what_they_tell_besides_and_become_small():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "camera of Rita"
    Image.new("RGB", (4000, 1000), "red").save(out, "JPEG", exif=exif)
    shipment = dispatched_shipment()

    deliver(shipment, signature=out.getvalue())

    kept = Image.open(io.BytesIO(read_file(shipment.proof.signature)))
    assert kept.size == (1600, 400)
    assert not kept.getexif()


@pytest.mark.parametrize(
    "bytes_", [b"<svg onload='x()'/>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n broken", b"GIF89a"]
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(bytes_):
    shipment = dispatched_shipment()

    with pytest.raises(RuleViolation, match="not a picture"):
        deliver(shipment, signature=bytes_)

    assert not Attachment.objects.exists()
    assert not ProofOfDelivery.objects.exists()


def test_refused_goods_become_an_announced_return():
    shipment = dispatched_shipment((10, 10), (3, 3))
    first, second = shipment_lines(shipment)

    deliver(shipment, accepted={first.pk: Decimal(8)}, reasons={first.pk: "wet"})

    first.refresh_from_db()
    second.refresh_from_db()
    announced = Return.objects.get(shipment=shipment)
    [line] = announced.lines.all()
    assert (first.refused, first.accepted, first.announced) == (2, 8, 2)
    assert second.accepted == 3
    assert (announced.state, line.quantity, line.reason) == ("announced", 2, "wet")
    assert shipment.proof.accepted[str(first.pk)] == {
        "accepted": "8.000",
        "refused": "2.000",
        "reason": "wet",
    }


def test_what_is_on_its_way_back_already_cannot_be_refused_on_top():
    coming = announced_return(9)
    [line] = shipment_lines(coming.shipment)

    with pytest.raises(RuleViolation, match="2 refused, but 9 of 10 are back or on their way"):
        deliver(coming.shipment, accepted={line.pk: Decimal(8)}, reasons={line.pk: "wet"})
    deliver(coming.shipment, accepted={line.pk: Decimal(9)}, reasons={line.pk: "wet"})

    line.refresh_from_db()
    assert (line.refused, line.announced) == (1, 10)


@pytest.mark.parametrize(
    ("accepted", "reason", "sentence"),
    [
        (11, "", "11 accepted, only 10 were shipped"),
        (-1, "", "not negative"),
        (7, "", "3 refused. Say why"),
        ("7.5", "wet", "more decimals than the unit allows"),
        ("NaN", "wet", "not a quantity"),
        (7, "  ", "3 refused. Say why"),
    ],
)
def test_impossible_deliveries_are_refused_with_the_numbers(accepted, reason, sentence):
    shipment = dispatched_shipment((10, 10))
    [line] = shipment_lines(shipment)

    with pytest.raises(RuleViolation, match=sentence):
        deliver(
            shipment,
            accepted={line.pk: Decimal(accepted)},
            reasons={line.pk: reason},
        )


def test_a_line_of_another_shipment_is_refused():
    shipment, other = dispatched_shipment(), dispatched_shipment()

    with pytest.raises(RuleViolation, match="not in this shipment"):
        deliver(shipment, accepted={shipment_lines(other)[0].pk: Decimal(1)})


def test_somebody_has_signed():
    with pytest.raises(RuleViolation, match="who signed"):
        deliver(dispatched_shipment(), signed_by=" ")


@pytest.mark.parametrize(
    ("days", "sentence"),
    [(1, "does not lie between"), (-3, "cannot have arrived before")],
)
def test_it_arrives_after_it_left_and_not_tomorrow(days, sentence):
    with pytest.raises(RuleViolation, match=sentence):
        deliver(dispatched_shipment(), delivered_at=clock.now() + timedelta(days=days))


def test_what_has_not_left_cannot_arrive():
    with pytest.raises(RuleViolation, match="not been dispatched"):
        deliver(planned_shipment())


def test_it_arrives_once():
    with pytest.raises(TransitionRefused):
        deliver(delivered_shipment())


def test_the_proof_is_never_changed():
    delivered_shipment()

    with pytest.raises(DatabaseError), transaction.atomic():
        ProofOfDelivery.objects.update(signed_by="somebody else")


def test_who_lacks_the_right_may_not_record_it():
    with pytest.raises(NotPermitted):
        deliver(dispatched_shipment(), actor=User.objects.create_user("nobody"))


@pytest.mark.parametrize("lines", [1, 12])
def test_it_takes_four_statements_whatever_the_number_of_lines(lines, count_statements):
    shipment = dispatched_shipment(*[(2, 5)] * lines)

    with count_statements() as count:
        deliver(shipment)

    assert int(count) <= 4, str(count)
