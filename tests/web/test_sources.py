"""What the books and the outbox call the documents they know by type and key only."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.models import User
from o2c.web.links import reader
from o2c.web.sources import name_of, names_of
from tests.core.test_kernel import wrap
from tests.given.invoicing import drafted_invoice, posted_invoice
from tests.given.orders import lines_of, submitted_order

pytestmark = pytest.mark.django_db


@pytest.mark.urls("tests.web.web_pages")
def test_a_document_is_called_by_its_number_and_leads_to_its_page():
    parcel = wrap("Rome", "5", actor=SYSTEM)

    name = name_of("sample.parcel", parcel.pk)

    assert name.words == parcel.number
    assert name.link == f'<a href="{parcel.get_absolute_url()}">{parcel.number}</a>'


def test_a_part_is_called_by_its_whole():
    order = submitted_order()
    line = lines_of(order)[0]

    assert name_of("orders.orderline", line.pk).link == (
        f'<a href="{order.get_absolute_url()}">{order.number}</a>'
    )


def test_what_has_no_number_is_called_by_its_kind():
    draft = drafted_invoice()

    assert name_of("invoicing.invoice", draft.pk).words == f"Invoice {draft.pk}"
    assert name_of("sample.parcel", 999).words == "Parcel 999"
    assert name_of("masters.company", 1).words == "Company 1"
    assert name_of("nobody.knows", 1).words == "nobody.knows 1"


def test_names_of_many_kinds_cost_one_statement(django_assert_num_queries):
    invoice, parcel = posted_invoice(), wrap("Rome", "5", actor=SYSTEM)
    wanted = [
        ("invoicing.invoice", invoice.pk),
        ("shipping.shipment", invoice.shipment_id),
        ("orders.order", invoice.order_id),
        ("sample.parcel", parcel.pk),
        ("nobody.knows", 1),
    ]

    with django_assert_num_queries(1):
        names = names_of(wanted * 3)

    assert [names[source].words for source in wanted] == [
        invoice.number,
        invoice.shipment.number,
        invoice.order.number,
        parcel.number,
        "nobody.knows 1",
    ]


def test_nothing_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert names_of([]) == {}


def test_who_may_not_open_the_page_reads_plain_words():
    invoice = posted_invoice()
    token = reader.set(User.objects.create_user("guest"))
    try:
        assert name_of("invoicing.invoice", invoice.pk).link == invoice.number
    finally:
        reader.reset(token)
