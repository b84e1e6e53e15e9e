"""The bank's pages: queues by tab, one line at a time, and what happens when somebody says no."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from reconciliation.commands import (
    apply_match,
    ignore_bank_line,
    match_bank_line,
    match_statement,
)
from reconciliation.models import BankLine, BankStatement, Match
from tests.given.reconciliation import entry, imported, line_of, matched, owed, paid
from tests.reading import text, urls_of
from tests.web_budget import assert_detail_budget, assert_list_budget

pytestmark = pytest.mark.django_db

url = urls_of("reconciliation")

LISTS = ("bank_statement_list", "bank_line_list", "match_list", "order_match_list")


# -- lists -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_is_a_page(carlo, name):
    assert carlo.get(url(name)).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_who_may_not_see_the_bank_sees_none(pablo, name):
    assert pablo.get(url(name)).status_code == 403


def copies_of(model, pattern, count, **changes):
    made = []
    for number in range(count):
        copy = model.objects.get(pk=pattern.pk)
        copy.pk = None
        for name, value in changes.items():
            setattr(copy, name, value(number))
        made.append(copy)
    return made


def more_lines(pattern, count):
    first = BankLine.objects.count() + 1
    return BankLine.objects.bulk_create(
        copies_of(
            BankLine,
            pattern,
            count,
            line_number=lambda n: first + n,
            dedup_key=lambda n: f"copy {first + n}",
        )
    )


def test_the_list_of_statements_keeps_its_budget(carlo):
    pattern = imported(entry(5))

    def more(count):
        BankStatement.objects.bulk_create(
            copies_of(
                BankStatement,
                pattern,
                count,
                statement_id=lambda n: f"{n} of {count}",
                content_digest=lambda n: f"{n} of {count}",
            )
        )

    assert_list_budget(carlo, url("bank_statement_list") + "?tab=all", more)


@pytest.mark.parametrize("tab", ["open", "none", "applied"])
def test_the_list_of_lines_keeps_its_budget(carlo, tab):
    (match,) = matched(entry(5, "who?"))

    assert_list_budget(
        carlo, url("bank_line_list") + f"?tab={tab}", lambda n: more_lines(match.bank_line, n)
    )


def test_the_list_of_matches_keeps_its_budget(carlo):
    (match,) = matched(entry(5, "who?"))

    def more(count):
        lines = more_lines(match.bank_line, count)
        Match.objects.bulk_create(
            copies_of(Match, match, count, bank_line=lambda number: lines[number])
        )

    assert_list_budget(carlo, url("match_list"), more)


def test_lines_wait_under_the_tab_of_what_we_make_of_them(carlo):
    invoice, other = owed(), owed()
    statement = imported(
        entry(invoice.gross, invoice.number, counterparty_name="EXACT Ltd"),
        entry("1.00", other.number, counterparty_name="STRONG Ltd"),
        entry("77.00", "?", counterparty_name="NOBODY Ltd"),
        entry("-9.90", "fee", counterparty_name="OUR BANK"),
        entry("-1.10", "fee", counterparty_name="SET ASIDE"),
    )
    match_statement(statement.pk, actor=SYSTEM)
    ignore_bank_line(line_of(statement, 5).pk, reason="charges", actor=SYSTEM)

    shown = {
        tab: text(carlo.get(url("bank_line_list"), {"tab": tab}))
        for tab in ("open", "exact", "strong", "none", "out", "applied", "ignored")
    }

    assert all(name in shown["open"] for name in ("EXACT Ltd", "STRONG Ltd", "NOBODY Ltd"))
    for tab, name in (
        ("exact", "EXACT Ltd"),
        ("strong", "STRONG Ltd"),
        ("none", "NOBODY Ltd"),
        ("out", "OUR BANK"),
        ("ignored", "SET ASIDE"),
    ):
        assert [own for own in shown if own != "open" and name in shown[own]] == [tab]


def test_statements_that_do_not_fit_have_their_tab(carlo):
    good = imported(entry(5))
    bad = imported(entry(6), closing=999)

    shown = text(carlo.get(url("bank_statement_list"), {"tab": "problem"}))

    assert bad.number in shown
    assert good.number not in shown


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_list_is_a_file_too(carlo, name, kind):
    paid(owed())

    response = carlo.get(url(name), {"tab": "all", "export": kind})

    assert response.status_code == 200
    assert b"".join(response.streaming_content)


# -- one statement, one line, one match --------------------------------------------------------


def test_a_statement_shows_its_lines_within_budget(carlo):
    invoice = owed()
    statement = imported(entry(invoice.gross, invoice.number), entry("-9.90", "fee"))
    match_statement(statement.pk, actor=SYSTEM)

    page = carlo.get(statement.get_absolute_url())

    assert all(word in text(page) for word in ("Exact", "Money out", "2 of 2 open"))
    assert_detail_budget(carlo, statement.get_absolute_url())


def test_a_line_says_what_we_think_and_why(carlo):
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))
    page = url("bank_line_detail", match.bank_line_id)

    shown = text(carlo.get(page))

    assert f"The text names {invoice.number}." in shown
    assert "Apply 119.00" in shown.replace("\xa0", " ")
    assert_detail_budget(carlo, page)
    assert_detail_budget(carlo, match.get_absolute_url())


def test_applying_goes_on_to_the_next_open_line(carlo):
    one, two = owed(), owed()
    first, second = matched(entry(one.gross, one.number), entry(two.gross, two.number))

    then = carlo.post(url("match_act", first.pk, "apply"))
    assert then.url == url("bank_line_detail", second.bank_line_id)

    last = carlo.post(url("match_act", second.pk, "apply"))
    assert last.url == first.bank_line.statement.get_absolute_url()
    assert set(Match.objects.values_list("state", flat=True)) == {"applied"}


def test_applying_twice_is_refused_on_the_page(carlo):
    match = paid(owed())

    response = carlo.post(url("match_act", match.pk, "apply"))

    assert response.status_code == 422
    assert "is settled already: it is applied" in text(response)


def test_a_match_that_is_not_the_one_shown_any_more_is_refused(carlo):
    """What was read is what is applied: another proposal came between reading and clicking."""
    invoice = owed()
    (shown,) = matched(entry(invoice.gross, invoice.number))
    page = carlo.get(url("bank_line_detail", shown.bank_line_id)).content.decode()
    button = url("match_act", shown.pk, "apply")
    assert f'action="{button}"' in page
    newer = match_bank_line(shown.bank_line_id, actor=SYSTEM)

    response = carlo.post(button)

    assert response.status_code == 409
    newer.refresh_from_db()
    assert newer.state == "proposed"
    assert BankLine.objects.get().payment is None


def test_an_untrusted_statement_says_so_where_somebody_applies(carlo):
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number), closing=1)

    response = carlo.post(url("match_act", match.pk, "apply"))

    assert response.status_code == 422
    assert "cannot be posted from" in text(response)


def test_a_line_is_set_aside_with_a_reason_and_taken_back(carlo):
    line = line_of(imported(entry("-9.90", "fee")))
    page = url("bank_line_act", line.pk, "ignore")

    assert carlo.post(page, {"reason": " "}).status_code == 422
    assert carlo.post(page, {"reason": "charges"}).status_code == 303
    assert (
        carlo.post(page, {"reason": "charges"}).status_code == 422
    )  # a second click opens nothing
    assert "carlo set it aside: charges" in text(carlo.get(url("bank_line_detail", line.pk)))
    again = url("bank_line_act", line.pk, "reopen")
    assert carlo.post(again).status_code == 303
    assert carlo.post(again).status_code == 422  # told on the page of the line
    line.refresh_from_db()
    assert line.ignored_reason == ""


def test_choosing_by_hand_applies_what_was_typed_and_keeps_the_rest_on_account(carlo):
    invoice = owed()
    (match,) = matched(entry("150.00", "?"))
    item = invoice.open_items.get()
    page = url("bank_line_choose", match.bank_line_id) + f"?payer={invoice.payer.code}"

    assert "119.00" in carlo.get(page).content.decode()
    assert carlo.post(page, {f"item_{item.pk}": "119.00"}).status_code == 303
    item.refresh_from_db()
    assert item.open_amount == 0
    assert BankLine.objects.get(pk=match.bank_line_id).payment.unapplied == D(31)


@pytest.mark.parametrize(
    ("typed", "says"), [("150.01", "is more than"), ("abc", ""), ("-1", ""), ("1e2", "")]
)
def test_a_choice_that_does_not_fit_is_refused_and_keeps_what_was_typed(carlo, typed, says):
    invoice = owed((20, "10.00"))
    (match,) = matched(entry("150.00", "?"))
    page = url("bank_line_choose", match.bank_line_id) + f"?payer={invoice.payer.code}"

    response = carlo.post(page, {f"item_{invoice.open_items.get().pk}": typed})

    assert response.status_code == 422
    assert typed in response.content.decode()
    assert says in text(response)
    assert BankLine.objects.get(pk=match.bank_line_id).payment is None


def test_a_payer_nobody_knows_is_asked_for_again(carlo):
    line = line_of(imported(entry("150.00", "?")))

    response = carlo.get(url("bank_line_choose", line.pk), {"payer": "NOBODY"})

    assert response.status_code == 422
    assert "no customer with this code" in text(response)


def test_undo_asks_for_a_reason_and_opens_the_line_again(carlo):
    match = paid(owed())
    page = url("match_act", match.pk, "undo")

    assert carlo.get(page).status_code == 200
    assert carlo.post(page, {"reason": ""}).status_code == 422
    assert carlo.post(page, {"reason": "wrong invoice"}).status_code == 303
    assert BankLine.objects.get().payment is None


def test_signing_off_waits_until_every_line_is_explained(corinna):
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))
    page = url("bank_statement_act", match.bank_line.statement_id, "reconcile")

    refused = corinna.post(page)
    assert (refused.status_code, "still open" in text(refused)) == (409, True)

    apply_match(match.pk, actor=SYSTEM)
    assert corinna.post(page).status_code == 303
    assert BankStatement.objects.get().state == "reconciled"


def test_asking_to_sign_off_too_early_says_why(corinna):
    statement = imported(entry("10.00"))

    asked = corinna.get(url("bank_statement_act", statement.pk, "reconcile"))

    assert asked.status_code == 409
    assert "Lines are still open." in text(asked)


def test_what_is_not_there_is_not_found(carlo):
    for name in ("bank_statement_detail", "bank_line_detail", "match_detail"):
        assert carlo.get(url(name, 10**9)).status_code == 404
    for name, verb in (("match_act", "apply"), ("bank_line_act", "ignore"), ("bank_line_act", "x")):
        assert carlo.post(url(name, 10**9, verb)).status_code == 404
