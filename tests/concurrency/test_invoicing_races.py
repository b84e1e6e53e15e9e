"""R03, R04: many hands on one bill. Each unit is billed once, numbers have no gap."""

import threading
from decimal import Decimal
from functools import partial
from unittest import mock

import pytest
from django.db import IntegrityError

from invoicing.commands import (
    BilledTwice,
    approve_credit_note,
    cancel_invoice,
    draft_credit_note,
    draft_invoice,
    post_invoice,
)
from invoicing.commands.posting import count_invoiced
from invoicing.models import Invoice
from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.models import NumberSeries
from o2c.core.verify import run_all
from orders.commands import record_invoiced
from shipping.models import ShipmentLine
from tests.concurrency.race import constraint_off, locks_off, lost, race, won
from tests.given.invoicing import drafted_invoice, posted_invoice, proposed_credit

pytestmark = pytest.mark.django_db(transaction=True)

SHIPPED_GUARD = ("shipping_shipmentline", "shipping_shipmentline_invoiced_within_quantity")


def books_agree() -> None:
    findings = run_all(only=["D1", "D1b", "D2", "D3", "D4", "D5", "D6", "D6b", "D8", "E1", "E2b"])
    assert all(f.holds for f in findings), [f.sentences() for f in findings if not f.holds]


class TestPostTwice:
    @pytest.fixture
    def billed(self, monkeypatch) -> list[int]:
        """Who came so far as to count the goods as billed."""
        passed: list[int] = []

        def record(order_id, quantities, *, actor):
            passed.append(order_id)
            return record_invoiced(order_id, quantities, actor=actor)

        monkeypatch.setattr("invoicing.commands.posting.record_invoiced", record)
        return passed

    def test_of_eight_one_posts_and_seven_are_told(self, billed):
        draft = drafted_invoice()

        outcomes = race(*[partial(post_invoice, draft.pk, actor=SYSTEM)] * 8)

        assert len(won(outcomes)) == 1
        assert all(isinstance(error, RuleViolation) for error in lost(outcomes))
        assert len(billed) == 1
        books_agree()

    def test_without_locks_several_bill_and_only_the_database_stops_them(self, billed):
        draft = drafted_invoice()

        with locks_off():
            outcomes = race(*[partial(post_invoice, draft.pk, actor=SYSTEM)] * 4)

        assert len(billed) > 1
        assert any(isinstance(error, IntegrityError) for error in lost(outcomes))
        assert len(won(outcomes)) == 1
        books_agree()

    def test_without_locks_and_check_goods_are_billed_more_than_once(self, billed):
        """The counter alone: two commands that bill the same shipment, nothing to stop them."""
        shipment_line = drafted_invoice().shipment.lines.get()

        @command
        def bill(*, actor):
            return count_invoiced({shipment_line.pk: Decimal(10)})

        with constraint_off(*SHIPPED_GUARD):
            race(*[partial(bill, actor=SYSTEM)] * 2)
            shipment_line.refresh_from_db()

        assert shipment_line.invoiced == 20

    def test_with_the_check_the_second_bill_of_a_unit_is_refused_in_words(self):
        shipment_line = drafted_invoice().shipment.lines.get()

        @command
        def bill(*, actor):
            return count_invoiced({shipment_line.pk: Decimal(10)})

        outcomes = race(*[partial(bill, actor=SYSTEM)] * 8)

        assert len(won(outcomes)) == 1
        assert all(isinstance(error, BilledTwice) for error in lost(outcomes))


class TestNumbers:
    def test_eight_invoices_posted_at_once_are_numbered_without_gap(self):
        drafts = [drafted_invoice() for _ in range(8)]

        race(*[partial(post_invoice, draft.pk, actor=SYSTEM) for draft in drafts])

        numbers = Invoice.objects.posted().values_list("number", flat=True)
        assert sorted(int(number[-6:]) for number in numbers) == list(range(1, 9))
        books_agree()

    def test_those_that_fail_leave_no_gap(self):
        drafts = [drafted_invoice() for _ in range(8)]
        for draft in drafts[::2]:
            ShipmentLine.objects.filter(shipment=draft.shipment).update(returned=1)

        outcomes = race(*[partial(post_invoice, draft.pk, actor=SYSTEM) for draft in drafts])

        assert len(won(outcomes)) == 4
        assert NumberSeries.objects.get(code__startswith="invoice").last_number == 4

    def test_counting_without_the_locked_counter_draws_numbers_twice(self):
        drafts = [drafted_invoice() for _ in range(4)]
        all_have_counted = threading.Barrier(4)

        def highest_plus_one(series, prefix):
            number = Invoice.objects.posted().count() + 1
            all_have_counted.wait(20)
            return f"{prefix}{number:06d}"

        with mock.patch("invoicing.commands.posting.draw_number", highest_plus_one):
            outcomes = race(*[partial(post_invoice, draft.pk, actor=SYSTEM) for draft in drafts])

        assert any(isinstance(error, IntegrityError) for error in lost(outcomes))


class TestDraftTwice:
    def undrafted(self) -> int:
        draft = drafted_invoice()
        cancel_invoice(draft.pk, reason="race", actor=SYSTEM)
        return draft.shipment_id

    def test_eight_draft_one(self):
        shipment_id = self.undrafted()

        outcomes = race(*[partial(draft_invoice, shipment_id, actor=SYSTEM)] * 8)

        assert len({draft.pk for draft in won(outcomes)}) == 1
        assert not lost(outcomes)

    def test_without_locks_only_the_database_keeps_it_at_one(self):
        shipment_id = self.undrafted()

        with locks_off():
            outcomes = race(*[partial(draft_invoice, shipment_id, actor=SYSTEM)] * 4)

        assert any(isinstance(error, IntegrityError) for error in lost(outcomes))
        assert Invoice.objects.filter(state="draft").count() == 1


class TestCreditTwice:
    def test_all_of_an_invoice_is_proposed_once(self):
        invoice = posted_invoice()
        propose = partial(draft_credit_note, invoice.pk, kind="price", reason="race", actor=SYSTEM)

        outcomes = race(*[propose] * 6)

        assert len(won(outcomes)) == 1
        assert Invoice.objects.filter(state="proposed").count() == 1

    def test_without_locks_it_is_proposed_more_than_once(self):
        invoice = posted_invoice()
        propose = partial(draft_credit_note, invoice.pk, kind="price", reason="race", actor=SYSTEM)

        with locks_off():
            outcomes = race(*[propose] * 4)

        assert len(won(outcomes)) > 1

    def test_parts_approved_at_once_mirror_the_invoice_to_the_cent(self):
        invoice = posted_invoice((6, "0.35"))
        notes = [proposed_credit(invoice, 1) for _ in range(6)]

        outcomes = race(*[partial(approve_credit_note, note.pk, actor=SYSTEM) for note in notes])

        assert len(won(outcomes)) == 6
        invoice.refresh_from_db()
        assert invoice.credited == invoice.gross
        assert sum(note.tax for note in Invoice.objects.credit_notes()) == invoice.tax
        books_agree()
