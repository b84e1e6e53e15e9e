"""The matcher proposes the payment entered by hand that a line is, and the one it takes back."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.ledger.queries import balance
from receivables.commands import (
    Receipt,
    Share,
    assign_payer,
    record_payment,
    return_payment,
    reverse_payment,
)
from receivables.models import Payment
from reconciliation.commands import (
    apply_match,
    match_statement,
    reconcile_bank_statement,
    undo_match,
)
from reconciliation.models import BankLine, Match
from reconciliation.queries import in_words
from tests.factories.masters import CustomerFactory
from tests.given.ledger import chart
from tests.given.reconciliation import bank_account, entry, imported, line_of, matched, owed, paid
from tests.given.story import state_of

pytestmark = pytest.mark.django_db

GIRO = {"counterparty_iban": "DE02120300000000202051", "counterparty_name": "Acme GmbH"}


@pytest.fixture
def invoice():
    return owed()


def typed(invoice, *, applied=True, days=0, **more):
    """The invoice's amount, entered by hand so many days ago."""
    share = Share(invoice.open_items.get().pk, invoice.gross)
    receipt = Receipt(
        bank_account_id=bank_account().pk,
        amount=invoice.gross,
        currency="EUR",
        value_date=clock.today() - timedelta(days=days),
        customer_id=invoice.payer_id,
        shares=[share] if applied else [],
        **more,
    )
    return record_payment(receipt, actor=SYSTEM)


def answer(match):
    return match.kind, match.payment, match.tier


class TestJoining:
    def test_the_line_that_names_what_was_settled_is_exact_and_the_bank_has_it_once(
        self, invoice, books_agree
    ):
        payment = typed(invoice)
        (match,) = matched(entry(invoice.gross, f"Invoice {invoice.number}"))
        assert answer(match) == ("joins", payment, "exact")
        assert f"The text names {invoice.number}" in " ".join(in_words(match.evidence))

        apply_match(match.pk, actor=SYSTEM)

        assert balance("BANK") == invoice.gross
        assert state_of(invoice.order) == "reconciled"
        books_agree()

    def test_another_debt_of_the_payer_over_the_same_amount_stays_open(self, invoice, books_agree):
        payment = typed(invoice)
        other = owed(customer=invoice.customer)
        assert other.gross == invoice.gross
        said = {"counterparty_name": invoice.payer.name}

        (match,) = matched(entry(invoice.gross, f"Invoice {invoice.number}", **said))
        apply_match(match.pk, actor=SYSTEM)

        assert answer(match)[:2] == ("joins", payment)
        assert other.open_items.get().open_amount == other.gross
        books_agree()

    def test_a_line_that_names_another_debt_pays_that(self, invoice):
        typed(invoice)
        other = owed(customer=invoice.customer)
        said = {"counterparty_name": invoice.payer.name}

        (match,) = matched(entry(other.gross, f"Invoice {other.number}", **said))

        assert answer(match) == ("settles", None, "exact")

    def test_money_on_account_is_joined_though_the_line_names_the_debt(self, invoice, books_agree):
        payment = typed(invoice, applied=False)
        said = {"counterparty_name": invoice.payer.name}

        (match,) = matched(entry(invoice.gross, f"Invoice {invoice.number}", **said))
        assert answer(match) == ("joins", payment, "strong")
        apply_match(match.pk, actor=SYSTEM)

        payment.refresh_from_db()
        assert (balance("BANK"), payment.unapplied) == (invoice.gross, invoice.gross)
        books_agree()

    def test_only_the_amount_is_possible(self, invoice):
        payment = typed(invoice)

        (match,) = matched(entry(invoice.gross, "thank you"))

        assert answer(match) == ("joins", payment, "possible")

    def test_what_comes_from_somebody_else_is_not_joined(self, invoice):
        typed(invoice)
        other = CustomerFactory()

        (match,) = matched(entry(invoice.gross, "thanks", counterparty_name=other.name))

        assert (match.kind, match.payer) == ("settles", other)

    def test_two_lines_take_two_payments(self, invoice, books_agree):
        second = owed(customer=invoice.customer)
        payments = [typed(invoice, reference="CHEQUE 100200"), typed(second)]

        matches = matched(
            entry(second.gross, f"Invoice {second.number}"), entry(invoice.gross, "cheque 100200")
        )
        assert [m.payment for m in matches] == payments[::-1]
        for match in matches:
            apply_match(match.pk, actor=SYSTEM)
        books_agree()

    def test_two_alike_are_joined_one_each_the_nearest_first(self, invoice):
        other = owed(customer=invoice.customer)
        far, near = typed(invoice, applied=False, days=3), typed(other, applied=False, days=1)
        said = {"counterparty_name": invoice.payer.name}

        first, second = matched(
            entry(invoice.gross, "a", **said), entry(invoice.gross, "b", **said)
        )

        assert [m.payment for m in (first, second)] == [near, far]
        assert first.tier == "possible"

    def test_a_refund_entered_by_hand_is_joined_by_money_out(self, books_agree):
        chart()
        customer = CustomerFactory()
        got = {"bank_account_id": bank_account().pk, "currency": "EUR", "customer_id": customer.pk}
        day = clock.today()
        record_payment(Receipt(amount=D("80.00"), value_date=day, **got), actor=SYSTEM)
        back = record_payment(
            Receipt(amount=D("80.00"), value_date=day, direction="out", **got), actor=SYSTEM
        )

        (match,) = matched(entry("-80.00", "refund", counterparty_name=customer.name))

        assert answer(match) == ("joins", back, "strong")

    def test_whose_money_it_is_may_still_be_unknown(self, invoice, books_agree):
        bank, today = bank_account().pk, clock.today()
        cheque = Receipt(bank, D("55.00"), "EUR", today, reference="CHEQUE 445566")
        payment = record_payment(cheque, actor=SYSTEM)

        (match,) = matched(entry("55.00", "cheque 445566"))
        assert answer(match) == ("joins", payment, "exact")
        apply_match(match.pk, actor=SYSTEM)
        assign_payer(payment.pk, customer_id=invoice.payer_id, actor=SYSTEM)

        assert balance("BANK") == D("55.00")
        books_agree()

    def test_reversed_meanwhile_it_is_refused_in_words(self, invoice, books_agree):
        payment = typed(invoice)
        (match,) = matched(entry(invoice.gross, f"Invoice {invoice.number}"))
        reverse_payment(payment.pk, reason="typed twice", actor=SYSTEM)

        with pytest.raises(RuleViolation, match="is reversed"):
            apply_match(match.pk, actor=SYSTEM)

        match.refresh_from_db()
        assert match.state == "proposed"
        books_agree()


class TestReturns:
    def came_back(self, amount, text="", **more):
        (match,) = matched(
            entry(-amount, text or "RETURN", is_return=True, return_reason="AC04", **more)
        )
        return match

    @pytest.fixture
    def payment(self, invoice):
        """The invoice paid by a line with account and reference, its statement signed off."""
        (match,) = matched(
            entry(invoice.gross, f"Invoice {invoice.number}", end_to_end_id="E2E-77", **GIRO)
        )
        apply_match(match.pk, actor=SYSTEM)
        reconcile_bank_statement(match.bank_line.statement_id, actor=SYSTEM)
        return Payment.objects.get()

    def test_its_own_reference_makes_it_exact_and_the_rest_is_the_fee(
        self, invoice, payment, books_agree
    ):
        match = self.came_back(invoice.gross + D("3.50"), end_to_end_id="E2E-77")
        assert answer(match) == ("returns", payment, "exact")
        said = in_words(match.evidence)
        assert f"The bank takes back {payment} (AC04)." in said
        assert "The bank took 3.50 EUR more: its fee." in said

        apply_match(match.pk, actor=SYSTEM)

        assert invoice.open_items.get().open_amount == invoice.gross
        assert state_of(invoice.order) == "invoiced"
        assert (balance("BANK"), balance("BANK_CHARGES")) == (D("-3.50"), D("3.50"))
        books_agree()

    def test_the_document_that_was_paid_makes_it_exact(self, invoice, payment):
        match = self.came_back(invoice.gross, f"RETURN {invoice.number}")

        assert answer(match) == ("returns", payment, "exact")

    def test_the_same_account_is_strong(self, invoice, payment):
        assert answer(self.came_back(invoice.gross, **GIRO)) == ("returns", payment, "strong")

    def test_the_amount_alone_is_possible(self, invoice, payment):
        assert answer(self.came_back(invoice.gross)) == ("returns", payment, "possible")

    def test_a_debit_that_the_bank_does_not_call_a_return_is_left_alone(self, invoice, payment):
        assert matched(entry(-invoice.gross, "transfer", **GIRO)) == []

    def test_what_came_back_once_does_not_come_back_again(self, invoice, payment, books_agree):
        match = self.came_back(invoice.gross, end_to_end_id="E2E-77")
        apply_match(match.pk, actor=SYSTEM)

        again = matched(
            entry(-invoice.gross, "R", is_return=True, end_to_end_id="E2E-77", bank_reference="2")
        )

        assert again == []
        undo_match(match.pk, reason="another one", actor=SYSTEM)
        assert BankLine.objects.get(pk=match.bank_line_id).payment is None
        books_agree()

    def test_a_return_recorded_by_hand_is_joined_by_its_line(self, invoice, payment, books_agree):
        back = return_payment(
            payment.pk, reason="AC04", returned_date=clock.today(), fee=D(3), actor=SYSTEM
        )

        match = self.came_back(invoice.gross + 3, f"RETURN {invoice.number}")
        assert answer(match) == ("joins", back, "exact")
        apply_match(match.pk, actor=SYSTEM)

        assert (balance("BANK"), balance("BANK_CHARGES")) == (D(-3), D(3))
        books_agree()

    def test_a_line_of_several_payers_comes_back_as_a_whole(self, books_agree):
        debts = [owed(customer=CustomerFactory(name=name)) for name in ("Alpha", "Beta")]
        numbers = " ".join(debt.number for debt in debts)
        (match,) = matched(entry("238.00", numbers))
        apply_match(match.pk, actor=SYSTEM)
        reconcile_bank_statement(match.bank_line.statement_id, actor=SYSTEM)

        back = self.came_back(D("241.00"), f"RETURN {numbers}")
        assert (back.kind, back.tier) == ("returns", "exact")
        apply_match(back.pk, actor=SYSTEM)

        assert [debt.open_items.get().open_amount for debt in debts] == [119, 119]
        assert (balance("BANK"), balance("BANK_CHARGES")) == (-3, 3)
        assert [p.fee for p in Payment.objects.filter(direction="out").order_by("pk")] == [3, 0]
        books_agree()
        undo_match(back.pk, reason="another one", actor=SYSTEM)
        assert balance("BANK") == 238
        books_agree()

    def test_one_transaction_of_a_collected_line_comes_back_alone(self, books_agree):
        alpha, beta = (owed(customer=CustomerFactory(name=name)) for name in ("Alpha", "Beta"))
        (match,) = matched(entry("238.00", f"{alpha.number} {beta.number}"))
        apply_match(match.pk, actor=SYSTEM)

        back = self.came_back(beta.gross, f"RETURN {beta.number}")
        assert (back.tier, back.payer) == ("exact", beta.payer)
        apply_match(back.pk, actor=SYSTEM)

        assert [i.open_items.get().open_amount for i in (alpha, beta)] == [0, beta.gross]
        books_agree()

    def test_our_own_money_that_comes_back_is_no_payment(self, invoice):
        typed(invoice)

        (match,) = matched(entry(invoice.gross, invoice.number, is_return=True))

        assert (match.kind, match.tier) == ("settles", "none")


def test_the_page_says_what_it_is_and_applies_it(boss, invoice):
    payment = typed(invoice)
    (match,) = matched(entry(invoice.gross, f"Invoice {invoice.number}"))
    url = reverse("reconciliation:bank_line_detail", args=[match.bank_line_id])
    page = boss.get(url).content.decode()
    assert f"{payment} of {invoice.payer.name} was entered by hand" in page
    assert "On account" not in page

    boss.post(reverse("reconciliation:match_act", args=[match.pk, "apply"]))

    assert BankLine.objects.get(pk=match.bank_line_id).payment == payment
    assert boss.get(match.get_absolute_url()).status_code == 200


def test_money_out_that_is_proposed_is_in_the_clerks_queue(boss, invoice):
    paid(invoice)
    statement = imported(
        entry(-5, "bank charges"), entry(-invoice.gross, f"R {invoice.number}", is_return=True)
    )
    match_statement(statement.pk, actor=SYSTEM)

    for tab in ("", "?tab=exact"):
        page = boss.get(reverse("reconciliation:bank_line_list") + tab).content.decode()
        assert f"R {invoice.number}" in page, tab
        assert "bank charges" not in page, tab
    done = boss.post(
        reverse("reconciliation:bank_line_act", args=[line_of(statement).pk, "ignore"]),
        {"reason": "charges"},
    )
    assert done["Location"] == reverse(
        "reconciliation:bank_line_detail", args=[line_of(statement, 2).pk]
    )


def test_the_number_of_statements_does_not_grow(invoice, count_statements):
    for n in range(4):
        typed(invoice, applied=False, reference=f"CHEQUE 10020{n}")
    cheques = [
        entry(invoice.gross, f"cheque 10020{n}", bank_reference=str(n), counterparty_name="A")
        for n in range(4)
    ]
    counts = []
    for entries in (cheques[:1], cheques[1:]):
        statement = imported(*entries)
        with count_statements() as count:
            match_statement(statement.pk, actor=SYSTEM)
        counts.append((int(count), str(count)))

    assert Match.objects.filter(kind="joins", tier="exact").count() == 4
    assert counts[0][0] == counts[1][0], counts[0][1] + counts[1][1]
