"""The aging report and the customer's account in the browser: figures, files, drill-down."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal as D
from unittest import mock

import openpyxl
import pytest

from o2c.core.actors import SYSTEM
from o2c.core.pdf import pdf_problem
from receivables.commands import (
    open_dispute,
)
from receivables.models import (
    DunningLetter,
    DunningProfile,
    DunningRun,
    OpenItem,
)
from receivables.queries import AgingRequest, aging
from tests.factories.masters import CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given
from tests.reading import text, urls_of
from tests.web_budget import assert_detail_budget

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

url = urls_of("receivables")

TODAY = date(2026, 6, 30)


# -- lists ------------------------------------------------------------------------------------


LISTS = [
    *("open_item_list", "payment_list", "credit_application_list", "write_off_list"),
    *("dispute_list", "promise_list", "dunning_run_list", "aging", "aging_items"),
]


@pytest.fixture
def aged(customer):
    given.debt("100.00", customer=customer, number="A", due=TODAY - timedelta(days=45))
    given.debt("30.00", customer=customer, number="B", due=TODAY)
    given.debt("70.00", customer=CustomerFactory(currency="USD"), currency="USD")
    given.payment("20.00", customer=customer, on=TODAY)
    return aging(AgingRequest(TODAY))


def test_the_report_shows_its_figures_and_that_they_agree(boss, aged):
    page = text(boss.get(url("aging")))

    for figure in ("Nordbau AG", "100.00", "30.00", "−20.00", "110.00"):
        assert figure in page
    assert "EUR agrees with the ledger" in page
    assert "USD agrees with the ledger" in page


def test_a_difference_to_the_ledger_is_shouted(boss, aged):
    OpenItem.objects.filter(document_number="A").update(
        original=D("101.00"), open_amount=D("101.00")
    )

    assert "EUR does not agree with the ledger: open items differ by 1.00 EUR" in text(
        boss.get(url("aging"))
    )


def test_files_equal_the_screen_to_the_cent(boss, aged):
    page = boss.get(url("aging"))
    read = boss.get(page.context["exports"]["csv"].join([url("aging"), ""]))
    content = b"".join(read.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    sheet = boss.get(url("aging") + page.context["exports"]["xlsx"])
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))

    labels = page.context["labels"]
    assert rows[0] == ["Code", "Customer", "Currency", *labels, "Total", "Unapplied", "Balance"]
    wanted = [[*row.amounts, row.total, row.unapplied, row.balance] for row in aged.rows]
    assert [[D(cell) for cell in row[3:]] for row in rows[1:]] == wanted
    excel = [[D(str(cell)) for cell in row[3:]] for row in list(book.active.values)[1:]]
    assert excel == wanted


def test_every_figure_leads_to_the_items_that_make_it(boss, aged, customer):
    page = boss.get(url("aging"))

    for row, cells in page.context["rows"]:
        for cell in cells:
            listing = boss.get(cell["url"]).context["listing"]
            behind = list(listing.all_rows())
            assert sum(item.then_open for item in behind) == cell["amount"]
            assert len(behind) == cell["count"], row.customer_name


@pytest.mark.parametrize(
    "query",
    [
        {"as_of": "2026-01-20"},
        {"as_of": "2026-06-30", "known_on": "2026-06-29"},
        {"basis": "invoice", "buckets": "7,14"},
        {"currency": "eur"},
        {"as_of": "2027-01-01"},
    ],
)
def test_the_address_is_the_whole_question(boss, aged, query):
    page = boss.get(url("aging"), query)

    asked = page.context["report"].request
    assert page.status_code == 200
    assert aging(asked).rows == page.context["report"].rows
    again = boss.get(url("aging") + page.context["exports"]["csv"].replace("&export=csv", ""))
    assert again.context["report"].request == asked


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"as_of": "yesterday"}, "as_of"),
        ({"buckets": "60,30"}, "buckets"),
        ({"basis": "mood"}, "basis"),
        ({"customer": "nobody"}, "customer"),
        ({"known_on": "0001-01-01"}, "known_on"),
    ],
)
def test_a_question_without_sense_is_named_not_answered(boss, aged, query, name):
    page = boss.get(url("aging"), query)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [name]
    assert boss.get(url("aging_items"), query).status_code == 404


def test_a_long_report_is_leafed_through_with_the_sums_of_all(boss, aged):
    for _customer in range(120):
        given.debt("10.00", customer=CustomerFactory())

    first, middle, last = (boss.get(url("aging"), {"lines": at}) for at in (1, 51, 101))

    assert "1 to 50 of 122" in text(first)
    assert "101 to 122 of 122" in text(last)
    pages = (first, middle, last)
    shown = [row.row.customer_id for page in pages for row in page.context["rows"]]
    assert shown == [row.customer_id for row in last.context["report"].rows]
    assert len(first.content) < 80_000
    for page in pages:
        assert "1,310.00" in text(page)
    following = boss.get(url("aging") + first.context["excerpt"].next_url.split("#")[0])
    assert following.context["excerpt"].first == 51
    file = boss.get(url("aging") + last.context["exports"]["csv"])
    assert b"".join(file.streaming_content).count(b"\n") == 123


def test_the_report_keeps_its_budget(boss, aged, count_statements):
    boss.get(url("aging"))

    with count_statements() as count:
        boss.get(url("aging"))

    assert int(count) <= 12, str(count)


# -- a customer's account ---------------------------------------------------------------------


def test_an_account_shows_items_money_and_what_was_said(boss, aged, customer):
    open_dispute(
        OpenItem.objects.get(document_number="A").pk,
        amount=D("10.00"),
        reason="price",
        actor=SYSTEM,
    )

    page = text(boss.get(url("customer_account", customer.pk)))

    for words in ("balance 110.00 EUR", "Payment, not applied yet", "Price, 10.00 EUR"):
        assert words in page


def test_reminders_are_paused_and_resumed(cora, customer):
    given.debt("1.00", customer=customer)

    cora.post(
        url("customer_act", customer.pk, "pause"),
        {"until": "2026-07-30", "reason": "flood", "op_id": "1"},
    )
    assert "paused until 30 Jul 2026: flood" in text(cora.get(url("customer_account", customer.pk)))
    resumed = cora.post(url("customer_act", customer.pk, "resume"))

    assert resumed.url == url("customer_account", customer.pk)
    assert DunningProfile.objects.get().paused_until is None


@pytest.mark.skipif(bool(pdf_problem()), reason=str(pdf_problem()))
def test_a_statement_is_a_document_of_any_day(boss, aged, customer):
    document = boss.get(url("statement_pdf", customer.pk), {"as_of": "2026-06-15"})

    assert document.status_code == 200
    assert document.content.startswith(b"%PDF")
    assert boss.get(url("statement_pdf", customer.pk), {"as_of": "x"}).status_code == 404


def test_a_sent_letter_shows_its_document(boss, customer):
    DunningPolicyFactory(pre_due=False, levels=[{"days": 5, "fee": "10.00"}])
    given.debt("100.00", customer=customer, due=TODAY - timedelta(days=9))
    with mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF-1.7 letter"):
        given.sent_run(on=TODAY)
    letter = DunningLetter.objects.get()

    page = boss.get(letter.get_absolute_url())
    document = boss.get(url("dunning_letter_pdf", letter.pk))

    assert "10.00 EUR" in text(page)
    assert document.content == b"%PDF-1.7 letter"
    assert document["Content-Type"] == "application/pdf"
    assert_detail_budget(boss, DunningRun.objects.get().get_absolute_url())


# -- aging ------------------------------------------------------------------------------------
