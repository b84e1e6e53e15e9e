"""apply_together: many matches as one set, and each row as if it were applied alone."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings
from hypothesis import given as any_of
from hypothesis import strategies as st

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Delivery, Event
from o2c.ledger.models import Entry
from orders.models import Order
from receivables.models import Allocation, OpenItem, Payment
from reconciliation.commands import apply_match, apply_matches, apply_together
from reconciliation.models import Match, PayerAlias
from tests.factories.masters import CustomerFactory, PaymentTermsFactory
from tests.given import receivables as given
from tests.given.reconciliation import entry, matched, owed
from tests.given.story import state_of

pytestmark = pytest.mark.django_db

#: How customers pay: all, a part, too much, early with discount, two at once, the same customer
#: again, less a credit, and one who pays for another as well.
WAYS = ["all", "part", "more", "early", "two", "again", "credit", "both"]


def lines_of(ways):
    """A line of the bank for each way of paying, from one of two accounts."""
    terms = PaymentTermsFactory(code="2-7", discount_percent=Decimal(2), discount_days=7)
    known = None
    for nr, way in enumerate(ways):
        if way == "again" and known is not None:
            invoice = owed(customer=known)
        else:
            more = {"terms": terms} if way == "early" else {}
            invoice = owed(customer=CustomerFactory(**more))
        known, gross, text = invoice.customer, invoice.gross, f"Invoice {invoice.number}"
        if way in ("two", "both"):
            other = owed(customer=known if way == "two" else CustomerFactory())
            gross, text = gross + other.gross, f"{text} and {other.number}"
        if way == "credit":
            given.debt("-19.00", customer=known, number=f"GS-{nr}")
            text += f" less GS-{nr}"
        change = {"part": -19, "credit": -19, "more": 10, "early": Decimal("-2.38")}.get(way, 0)
        iban = "DE02120300000000202051" if nr % 2 else ""
        yield entry(gross + change, text, counterparty_name=known.name, counterparty_iban=iban)


def as_stored(matches) -> list:
    """All that applying wrote about these matches, without keys and times."""
    found: list = []
    for match in matches:
        match = Match.objects.select_related("bank_line__payment").get(pk=match.pk)
        payment = match.bank_line.payment
        found.append((match.state, match.version, payment.bank_line_id == match.bank_line_id))
        for paid in Payment.objects.filter(bank_line=match.bank_line).order_by("bank_line_part"):
            found += _of_payment(paid)
        found += _events(match)
    found += OpenItem.objects.order_by("pk").values_list("open_amount", "base_open")
    for order in Order.objects.order_by("pk"):
        found += [(order.state, order.version), *_events(order)]
    known = PayerAlias.objects.order_by("customer_id", "iban", "name")
    return [*found, *known.values_list("customer_id", "iban", "name", "times_used")]


def _of_payment(payment) -> list:
    left_out = {"id", "number", "recorded_at", "assigned_at", "created_at", "version"}
    row = Payment.objects.filter(pk=payment.pk).values().get()
    uses = Allocation.objects.filter(payment=payment).order_by("pk")
    entries = Entry.objects.filter(source_type="receivables.payment", source_id=payment.pk)
    lines = ("lines__account__role", "lines__customer_id", "lines__amount", "lines__base_amount")
    return [
        {name: value for name, value in row.items() if name not in left_out},
        *uses.values_list(
            "open_item_id", "amount", "discount", "discount_tax", "base_amount", "base_cleared",
            "base_discount", "effective_date", "entry__purpose",
        ),
        *entries.order_by("purpose", "lines__number").values_list(
            "purpose", "posting_date", "description", "line_count", *lines
        ),
        *_events(payment),
    ]  # fmt: skip


def _events(document) -> list:
    told = Event.objects.filter(document_type=document._meta.label_lower, document_id=document.pk)
    owed = Delivery.objects.filter(event__in=told).order_by("event_id", "handler")
    return [
        *told.order_by("pk").values_list("name", "old_state", "new_state", "actor", "facts"),
        *owed.values_list("event__name", "handler", "slow", "state"),
    ]


def stored_after(matches, apply) -> list:
    """What is stored after applying, which is then taken back."""
    before = transaction.savepoint()
    apply()
    found = as_stored(matches)
    transaction.savepoint_rollback(before)
    return found


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@any_of(st.lists(st.sampled_from(WAYS), min_size=2, max_size=5))
def test_a_set_stores_what_each_alone_would_store(ways):
    before = transaction.savepoint()
    matches = matched(*lines_of(ways))
    keys = [match.pk for match in matches]

    def one_by_one():
        for key in keys:
            apply_match(key, actor=SYSTEM)

    together = stored_after(matches, lambda: apply_together(keys, actor=SYSTEM))
    assert together == stored_after(matches, one_by_one)
    transaction.savepoint_rollback(before)


def test_orders_are_settled_and_the_books_agree(books_agree):
    matches = matched(*lines_of(["all", "part", "more", "early", "two", "credit", "both"]))

    apply_together([match.pk for match in matches], actor=SYSTEM)

    assert set(Match.objects.values_list("state", flat=True)) == {"applied"}
    states = [state_of(order) for order in Order.objects.order_by("pk")]
    assert states == ["reconciled", "invoiced", *["reconciled"] * 7]
    books_agree()


def test_many_take_the_statements_of_one():
    few, many = (matched(*lines_of(["all"] * count)) for count in (2, 12))
    counts = []
    for matches in (few, many):
        with CaptureQueriesContext(connection) as captured:
            apply_together([match.pk for match in matches], actor=SYSTEM)
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_one_that_is_refused_refuses_the_set():
    matches = matched(*lines_of(["all", "all", "all"]))
    given.paid(matches[1].shares.get().open_item, "119.00")  # by cheque, meanwhile

    with pytest.raises(RuleViolation, match="settled"):
        apply_together([match.pk for match in matches], actor=SYSTEM)

    assert set(Match.objects.values_list("state", flat=True)) == {"proposed"}


def test_where_a_set_is_refused_each_is_applied_alone(books_agree):
    matches = matched(*lines_of(["all", "all", "all"]))
    given.paid(matches[1].shares.get().open_item, "119.00")

    applied, refused = apply_matches(matches[0].bank_line.statement_id, ["exact"], actor=SYSTEM)

    assert applied == 2
    assert [match for match, _why in refused] == [matches[1]]
    books_agree()


def test_more_than_a_set_are_applied_in_sets(monkeypatch):
    matches = matched(*lines_of(["all"] * 5))
    monkeypatch.setattr("reconciliation.commands.applying_all.SET", 2)

    assert apply_matches(None, ["exact"], actor=SYSTEM) == (5, [])

    assert Match.objects.filter(state="applied").count() == len(matches)


def test_two_lines_from_one_account_teach_it_once_and_count_twice():
    customer = CustomerFactory()
    invoices = [owed(customer=customer) for _ in range(2)]
    iban = "DE02120300000000202051"
    matches = matched(
        *(
            entry(i.gross, i.number, counterparty_iban=iban, counterparty_name="Acme")
            for i in invoices
        )
    )

    apply_together([match.pk for match in matches], actor=SYSTEM)

    assert PayerAlias.objects.get(iban=iban).times_used == 2


def test_it_takes_the_right_to_apply(clerk):
    matches = matched(*lines_of(["all", "all"]))

    with pytest.raises(NotPermitted):
        apply_together([match.pk for match in matches], actor=clerk)
