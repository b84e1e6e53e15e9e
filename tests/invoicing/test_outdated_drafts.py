"""A draft made before the order was amended: what it bills is the order's, or it is refused."""

from decimal import Decimal as D

import pytest

from invoicing.commands import cancel_invoice, post_invoice
from invoicing.models import Invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from orders.commands import LineChange, amend_order
from tests.given.invoicing import dispatched, draft_of, drafted_invoice, planned, released
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


def amended(order, **change):
    order.refresh_from_db()
    (line,) = lines_of(order)
    changes = [LineChange(line.pk, price_reason="agreed by phone", **change)]
    return amend_order(order.pk, changes=changes, version=order.version, actor=SYSTEM)


def drafts_of_parts(order, *quantities):
    """Drafts of these quantities of the only line, in their order."""
    return [draft_of(dispatched(part)) for part in planned(order, *[[q] for q in quantities])]


def again(draft):
    """The draft, cancelled and drafted anew."""
    cancel_invoice(draft.pk, reason="outdated", actor=SYSTEM)
    return draft_of(draft.shipment)


def posted(draft):
    return post_invoice(draft.pk, actor=SYSTEM).net


def refused(draft, says):
    with pytest.raises(RuleViolation, match=f"{says}.*Cancel this draft"):
        post_invoice(draft.pk, actor=SYSTEM)
    assert Invoice.objects.get(pk=draft.pk).state == "draft"


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({"unit_price": D("12.00")}, "36.00"),
        ({"unit_price": D("8.00")}, "24.00"),
        ({"discount_percent": D(10)}, "27.00"),
    ],
)
def test_a_draft_of_all_at_the_old_price_is_refused_and_drafted_anew(change, right):
    draft = drafted_invoice((3, "10.00"))
    amended(draft.order, **change)

    refused(draft, "no longer has the order's price")

    assert posted(again(draft)) == D(right)


def test_of_two_parts_at_the_old_price_each_is_billed_at_the_new_one():
    order = released((2, "10.00"))
    first, second = drafts_of_parts(order, 1, 1)
    amended(order, unit_price=D("12.00"))

    first = again(first)

    assert posted(first) == D("12.00")
    refused(second, "no longer has the order's price")
    assert posted(again(second)) == D("12.00")


def test_a_draft_whose_share_of_the_order_s_discount_has_changed_is_refused():
    order = released((6, "10.00"), discount_amount=D("6.00"))
    draft = draft_of(dispatched(planned(order, [3], [3])[0]))
    amended(order, quantity=D(12))

    refused(draft, "bills 27.00.EUR, but it comes to 28.50.EUR of the order now")

    assert posted(again(draft)) == D("28.50")


def test_a_draft_of_all_of_a_line_is_refused_when_another_line_takes_its_discount():
    draft = drafted_invoice((3, "10.00"), discount_amount=D("6.00"))
    (line,) = lines_of(draft.order)
    draft.order.refresh_from_db()
    more = LineChange(None, item=line.item.code, quantity=D(3), unit_price=D("10.00"),
                      price_reason="more of it")  # fmt: skip
    amend_order(draft.order_id, changes=[more], version=draft.order.version, actor=SYSTEM)

    refused(draft, "bills 24.00.EUR, but it comes to 27.00.EUR of the order now")

    assert posted(again(draft)) == D("27.00")


def test_another_quantity_at_the_same_price_leaves_the_draft_as_it_is():
    draft = drafted_invoice((3, "10.00"))
    amended(draft.order, quantity=D(5))

    assert posted(draft) == D("30.00")


@pytest.mark.parametrize("discount", ["0.00", "0.01"])
def test_parts_with_their_cents_are_posted_in_any_order(discount):
    order = released((3, "3.333333"), discount_amount=D(discount))
    first, second, third = drafts_of_parts(order, 1, 1, 1)

    first = again(first)

    assert posted(third) + posted(first) + posted(second) == D("10.00") - D(discount)


def test_a_part_is_posted_when_the_one_before_it_was_cancelled():
    order = released((3, "3.333333"))
    first, second, third = drafts_of_parts(order, 1, 1, 1)
    cancel_invoice(first.pk, reason="later", actor=SYSTEM)

    billed = posted(second) + posted(third)

    assert posted(draft_of(first.shipment)) == D("10.00") - billed
