"""define_terms: payment terms and their lines are stored together, or not at all."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, RuleViolations, StaleVersion
from o2c.masters.commands import amend_master, define_terms
from o2c.masters.models import PaymentTerms, PaymentTermsLine
from tests.factories.masters import PaymentTermsFactory

pytestmark = pytest.mark.django_db

REST = {"remainder": True, "days": 14}


def days_of(terms):
    return list(terms.lines.order_by("sequence").values_list("days", flat=True))


def test_terms_are_stored_with_their_lines_in_this_order(controller):
    terms = define_terms(
        PaymentTerms(code="T", name="Thirds"),
        [{"share_percent": 70}, {"fixed_amount": 200, "days": 7}, REST],
        reason="New contract",
        actor=controller,
    )

    assert list(terms.lines.order_by("sequence").values_list("sequence", "days")) == [
        (1, 0),
        (2, 7),
        (3, 14),
    ]
    newest = PaymentTermsLine.history.first()
    assert (newest.history_user_id, newest.history_change_reason) == ("corinna", "New contract")


def test_new_lines_take_the_place_of_the_old_ones():
    terms = define_terms(
        PaymentTerms(code="T", name="Halves"), [{"share_percent": 50}, REST], actor=SYSTEM
    )

    define_terms(terms, [REST], reason="Simpler", actor=SYSTEM)

    assert list(terms.lines.values_list("sequence", "days")) == [(1, 14)]
    gone = PaymentTermsLine.history.filter(history_type="-")
    assert list(gone.values_list("history_change_reason", flat=True)) == ["Simpler", "Simpler"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([{"share_percent": 50}, {"share_percent": 40}], "must make 100 %"),
        ([{"share_percent": 110}], "Share"),
        ([{"fixed_amount": 100}], "the last line must take the rest"),
        ([{"remainder": True}, {"share_percent": 50}], "Only the last line"),
        ([{"share_percent": 50, "remainder": True}], "a share, a fixed amount or the rest"),
        ([{"remainder": True, "day_of_month": 32}], "between 1 and 31"),
        ([{"remainder": True, "extra_days": 3}], "need “end of month”"),
    ],
)
def test_terms_that_cannot_split_every_invoice_are_refused_and_the_old_ones_stay(lines, message):
    terms = PaymentTermsFactory()

    with pytest.raises(RuleViolation, match=message):
        define_terms(terms, lines, actor=SYSTEM)

    assert days_of(terms) == [30]


def test_several_faults_come_together():
    with pytest.raises(RuleViolations) as refused:
        define_terms(
            PaymentTerms(code="T", name="T"),
            [{"fixed_amount": -1}, {"remainder": True, "day_of_month": 0}],
            actor=SYSTEM,
        )

    assert len(refused.value.errors) == 2
    assert not PaymentTerms.objects.exists()


def test_terms_that_somebody_else_changed_meanwhile_keep_their_lines():
    mine = PaymentTermsFactory()
    theirs = PaymentTerms.objects.get()
    theirs.name = "Theirs"
    amend_master(theirs, actor=SYSTEM)

    with pytest.raises(StaleVersion, match="changed by somebody else"):
        define_terms(mine, [REST], actor=SYSTEM)

    assert days_of(mine) == [30]


def test_the_same_operation_is_carried_out_once():
    terms = PaymentTermsFactory()
    as_opened = [PaymentTerms.objects.get() for _time in "12"]

    for mine in as_opened:
        define_terms(mine, [REST], actor=SYSTEM, op_id="form-1")

    assert PaymentTerms.objects.get().version == 2
    assert days_of(terms) == [14]


def test_a_sales_clerk_may_not(clerk):
    terms = PaymentTermsFactory()

    with pytest.raises(NotPermitted, match=r"masters\.change_paymentterms"):
        define_terms(terms, [REST], actor=clerk)
    with pytest.raises(NotPermitted, match=r"masters\.add_paymentterms"):
        define_terms(PaymentTerms(code="T", name="T"), [REST], actor=clerk)

    assert days_of(terms) == [30]
