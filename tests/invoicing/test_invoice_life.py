"""Billing walked at random: whatever is pressed in whatever order, the books agree."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import integers, sampled_from

from invoicing import commands
from invoicing.models import CreditKind, Invoice, InvoiceState
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from shipping.commands import announce_return, receive_return
from tests.given.invoicing import dispatched, lines_of, planned, released
from tests.proof import assert_books_agree

ALWAYS = (
    "B1",
    "D1",
    "D1b",
    "D2",
    "D2b",
    "D3",
    "D4",
    "D5",
    "D6",
    "D6b",
    "D7",
    "D8",
    "E1",
    "E2b",
    "E8b",
)
S = InvoiceState


class BillingWalk(RuleBasedStateMachine):
    """Two shipments of one order: billed, credited, returned, billed again."""

    @initialize(discount=sampled_from(["0", "0.07"]))
    def ship(self, discount):
        order = released((6, "0.335"), (4, "12.50"), discount_amount=Decimal(discount))
        self.shipments = planned(order, [4, 1], [2, 3])
        for shipment in self.shipments:
            dispatched(shipment)

    def try_it(self, action) -> None:
        """A refusal is fine; anything else is a bug."""
        with suppress(RuleViolation):
            action()

    def one(self, nr, **conditions):
        found = list(Invoice.objects.filter(**conditions).order_by("pk"))
        return found[nr % len(found)] if found else None

    @rule(nr=integers(0, 1))
    def draft(self, nr):
        self.try_it(lambda: commands.draft_invoice(self.shipments[nr].pk, actor=SYSTEM))

    @rule(nr=integers(0, 3))
    def post(self, nr):
        if draft := self.one(nr, state=S.DRAFT):
            self.try_it(lambda: commands.post_invoice(draft.pk, actor=SYSTEM))

    @rule(nr=integers(0, 3))
    def approve(self, nr):
        if note := self.one(nr, state=S.PROPOSED):
            self.try_it(lambda: commands.approve_credit_note(note.pk, actor=SYSTEM))

    @rule(nr=integers(0, 3), state=sampled_from([S.DRAFT, S.PROPOSED, S.POSTED]))
    def cancel(self, nr, state):
        if document := self.one(nr, state=state):
            self.try_it(lambda: commands.cancel_invoice(document.pk, reason="walk", actor=SYSTEM))

    @rule(
        nr=integers(0, 3), part=sampled_from(["0.03", "1.11", "7"]), kind=sampled_from(CreditKind)
    )
    def propose(self, nr, part, kind):
        if invoice := self.one(nr, state=S.POSTED, kind="invoice"):
            by_quantity = kind in (CreditKind.RETURN, CreditKind.CORRECTION)
            line = lines_of(invoice)[nr % len(lines_of(invoice))]
            wanted = {line.pk: Decimal("1") if by_quantity else Decimal(part)}
            name = "quantities" if by_quantity else "amounts"
            self.try_it(
                lambda: commands.draft_credit_note(
                    invoice.pk, kind=kind, reason="walk", actor=SYSTEM, **{name: wanted}
                )
            )

    @rule(nr=integers(0, 3))
    def propose_all(self, nr):
        if invoice := self.one(nr, state=S.POSTED, kind="invoice"):
            self.try_it(
                lambda: commands.draft_credit_note(
                    invoice.pk, kind="correction", reason="walk", actor=SYSTEM
                )
            )

    @rule(nr=integers(0, 1), quantity=sampled_from([1, 2]))
    def send_back(self, nr, quantity):
        shipment = self.shipments[nr]
        line = shipment.lines.order_by("pk")[0]

        def action():
            back = announce_return(
                shipment.pk, lines={line.pk: Decimal(quantity)}, reason="walk", actor=SYSTEM
            )
            receive_return(back.pk, actor=SYSTEM)
            commands.draft_credit_for_return(back.pk, actor=SYSTEM)

        self.try_it(action)

    @invariant()
    def the_books_agree(self):
        assert_books_agree(ALWAYS)


@pytest.mark.django_db
def test_billing_stays_true_whatever_is_pressed():
    run_state_machine_as_test(
        BillingWalk, settings=settings(max_examples=10, stateful_step_count=14, deadline=None)
    )
