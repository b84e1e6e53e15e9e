"""Aging as of any day, as known at any moment; and it ties with the ledger on its foot."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from receivables.commands import (
    OpeningItem,
    Receipt,
    Share,
    allocate_credit,
    allocate_payment,
    reverse_allocations,
    reverse_payment,
    settle,
    take_over_items,
)
from receivables.models import OpenItem
from receivables.queries.aging import AgingRequest, aging, items_as_of, unapplied_as_of
from receivables.queries.tie_out import tie_out
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given
from tests.given.ledger import opened
from tests.shared_data import shared_file

pytestmark = pytest.mark.django_db


def aged(as_of, **request):
    return aging(AgingRequest(as_of=as_of, **request))


def amounts(report, currency="EUR"):
    return report.totals[currency].amounts


def assert_ties(report):
    assert [line for line in tie_out(report) if not line.agrees] == []


def apply(payment, item, amount):
    allocate_payment(payment.pk, shares=[Share(item.pk, D(amount))], actor=SYSTEM)


# -- any day ----------------------------------------------------------------------------------


@pytest.fixture
def paid_in_parts():
    """10,000 of 30 November, due 28 February, paid before, on and after its own day."""
    customer = CustomerFactory()
    opened(date(2016, 11, 1), date(2017, 1, 1))
    payments = [
        given.payment("1500.00", customer=customer, on=date(2016, 11, 9)),
        given.payment("1000.00", customer=customer, on=date(2016, 11, 30)),
    ]
    item = given.debt(
        "10000.00", customer=customer, posted=date(2016, 11, 30), due=date(2017, 2, 28)
    )
    payments.append(given.payment("2000.00", customer=customer, on=date(2017, 1, 30)))
    for payment in payments:
        apply(payment, item, payment.amount.amount)
    return item


def test_what_is_open_is_as_old_as_its_due_date_not_as_its_payments(paid_in_parts):
    (found,) = items_as_of(AgingRequest(as_of=date(2017, 4, 4))).values()

    assert (found.amount, found.days, found.bucket) == (D("5500.00"), 35, 2)


def test_a_payment_that_came_later_has_not_come_yet(paid_in_parts):
    report = aged(date(2017, 1, 15))

    assert amounts(report) == [D("7500.00"), 0, 0, 0, 0]
    assert_ties(report)


@pytest.mark.parametrize(
    ("day", "open_amount", "unapplied"),
    [
        (date(2016, 11, 8), None, None),
        (date(2016, 11, 9), 0, D("-1500.00")),
        (date(2016, 11, 29), 0, D("-1500.00")),
        (date(2016, 11, 30), D("7500.00"), 0),
        (date(2017, 1, 29), D("7500.00"), 0),
        (date(2017, 1, 30), D("5500.00"), 0),
        (date(2030, 1, 1), D("5500.00"), 0),
    ],
)
def test_every_day_has_its_own_truth(paid_in_parts, day, open_amount, unapplied):
    report = aged(day)

    totals = report.totals.get("EUR")
    found = (totals.total, totals.unapplied) if totals else (None, None)
    assert found == (open_amount, unapplied)
    assert_ties(report)


def test_a_statement_of_april_does_not_know_what_was_applied_in_may():
    customer = CustomerFactory()
    with clock.at(date(2026, 4, 2)):
        early = given.payment("1000.00", customer=customer, on=date(2026, 2, 10))
        march = [
            given.debt("10000.00", customer=customer, posted=date(2026, 3, day))
            for day in (1, 8, 15, 22, 29)
        ]
        given.debt("100000.00", customer=customer, posted=date(2026, 4, 1))
    with clock.at(date(2026, 5, 6)):
        late = given.payment("49000.00", customer=customer, on=date(2026, 5, 5))
        apply(early, march[0], "1000.00")
        apply(late, march[0], "9000.00")
        for item in march[1:]:
            apply(late, item, "10000.00")

    then = datetime(2026, 4, 30, 22, tzinfo=UTC)
    report = aged(date(2026, 4, 30), known_at=then, basis="invoice", bounds=[29])

    totals = report.totals["EUR"]
    assert totals.amounts == [D("100000.00"), D("50000.00")]
    assert (totals.total, totals.unapplied, totals.balance) == (
        D("150000.00"),
        D("-1000.00"),
        D("149000.00"),
    )
    assert_ties(report)
    now = aged(date(2026, 4, 30)).totals["EUR"]
    assert (now.total, now.unapplied, now.balance) == (D("149000.00"), 0, D("149000.00"))


def test_what_was_taken_back_counts_until_that_day():
    customer = CustomerFactory()
    item = given.debt("100.00", customer=customer)
    payment = given.payment("100.00", customer=customer, on=date(2026, 2, 1))
    apply(payment, item, "60.00")
    with clock.at(date(2026, 3, 1)):
        reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)

    opens = {day: aged(day).totals["EUR"] for day in (date(2026, 2, 28), date(2026, 3, 1))}

    assert [(t.total, t.unapplied) for t in opens.values()] == [
        (D("40.00"), D("-40.00")),
        (D("100.00"), D("-100.00")),
    ]
    for day in opens:
        assert_ties(aged(day))


def test_a_bounced_payment_was_there_until_it_bounced():
    customer = CustomerFactory()
    item = given.debt("100.00", customer=customer)
    payment = given.payment("100.00", customer=customer, on=date(2026, 2, 1))
    apply(payment, item, "60.00")
    with clock.at(date(2026, 3, 1)):
        reverse_payment(payment.pk, reason="bounced", actor=SYSTEM)

    before, after = aged(date(2026, 2, 10)), aged(date(2026, 3, 1))

    assert (before.totals["EUR"].total, before.totals["EUR"].unapplied) == (D("40.00"), D("-40.00"))
    assert (after.totals["EUR"].total, after.totals["EUR"].unapplied) == (D("100.00"), 0)
    for report in (before, after):
        assert_ties(report)


def test_money_of_an_unknown_payer_is_nobodys_credit():
    given.payment("100.00", on=date(2026, 2, 1))

    assert aged(date(2026, 2, 1)).rows == []


def test_an_applied_credit_and_its_reversal_are_dated_too():
    customer = CustomerFactory()
    item = given.debt("100.00", customer=customer, posted=date(2026, 1, 5))
    credit = given.debt("-30.00", customer=customer, posted=date(2026, 2, 5))
    allocate_credit(credit.pk, shares=[Share(item.pk, D("30.00"))], actor=SYSTEM)

    before = items_as_of(AgingRequest(as_of=date(2026, 2, 4)))
    after = items_as_of(AgingRequest(as_of=date(2026, 2, 5)))

    assert {pk: row.amount for pk, row in before.items()} == {item.pk: D("100.00")}
    assert {pk: row.amount for pk, row in after.items()} == {item.pk: D("70.00")}
    assert_ties(aged(date(2026, 2, 5)))


# -- buckets and columns ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "bucket"), [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (91, 4)]
)
def test_boundary_days_fall_into_one_bucket(days, bucket):
    today = date(2026, 6, 30)
    given.debt("0.01", due=today - timedelta(days=days))

    row = aged(today).rows[0]

    assert row.amounts == [D("0.01") if n == bucket else 0 for n in range(5)]
    assert row.counts == [1 if n == bucket else 0 for n in range(5)]


def test_by_invoice_date_the_age_counts_and_nothing_is_not_due():
    given.debt("10.00", posted=date(2026, 5, 1), due=date(2026, 12, 31))

    report = aged(date(2026, 6, 30), basis="invoice", bounds=[30, 60])

    assert amounts(report) == [0, D("10.00"), 0]


def test_own_buckets():
    given.debt("10.00", due=date(2026, 6, 20))

    assert amounts(aged(date(2026, 6, 30), bounds=[7, 14, 21])) == [0, 0, D("10.00"), 0, 0]


def test_unapplied_cash_has_a_column_of_its_own_and_is_netted_into_no_bucket():
    customer = CustomerFactory()
    given.debt("100.00", customer=customer)
    payment = given.payment("30.00", customer=customer)

    report = aged(date(2026, 12, 31))

    (row,) = report.rows
    assert (row.total, row.unapplied, row.balance) == (D("100.00"), D("-30.00"), D("70.00"))
    assert unapplied_as_of(report.request) == {payment.pk: D("30.00")}


def test_customers_and_currencies_are_kept_apart_and_can_be_asked_for():
    first, second = CustomerFactory(), CustomerFactory(currency="USD")
    given.debt("10.00", customer=first)
    given.debt("20.00", customer=second, currency="USD")
    given.debt("30.00", customer=second)
    day = date(2026, 6, 30)

    assert [
        (r.customer_id, r.currency, r.total) for r in aged(day, customer_id=second.pk).rows
    ] == [
        (second.pk, "EUR", D("30.00")),
        (second.pk, "USD", D("20.00")),
    ]
    assert list(aged(day, currency="EUR").totals) == ["EUR"]
    assert aged(day).totals["EUR"].items == 2
    assert_ties(aged(day))


def test_a_difference_to_the_ledger_is_seen():
    item = given.debt("10.00")
    OpenItem.objects.filter(pk=item.pk).update(open_amount=D("9.00"), base_open=D("9.00"))

    (line,) = tie_out(aged(date(2026, 12, 31)))

    assert not line.agrees
    assert line.difference == D("-1.00")


def test_aging_is_one_statement(count_statements):
    given.debt("10.00")

    with count_statements() as count:
        aged(date(2026, 12, 31))

    assert int(count) == 1, str(count)


# -- other people's books ---------------------------------------------------------------------


def load(path, read):
    """Take over a file's items; one customer per code. Returns item ids by document."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [read(row) for row in csv.DictReader(file)]
    sample = CustomerFactory()
    codes = sorted({row["customer"] for row in rows})
    customers = {
        customer.code: customer.pk
        for customer in type(sample).objects.bulk_create(
            type(sample)(
                code=code,
                name=code,
                currency=sample.currency,
                terms=sample.terms,
                tax_profile=sample.tax_profile,
            )
            for code in codes
        )
    }
    opening = [
        OpeningItem(
            customer_id=customers[row["customer"]],
            document_number=row["document"],
            currency=row["currency"],
            amount=row["amount"],
            document_date=row["posted"],
            due_date=row["due"],
            posting_date=row["posted"],
        )
        for row in rows
    ]
    opened(*sorted({row["posted"].replace(day=1) for row in rows}))
    items = take_over_items(opening, account_id=given.opening_account().pk, actor=SYSTEM)
    return customers, {item.document_number: item for item in items}


def test_the_buckets_of_6734_open_items_are_the_known_ones():
    path = shared_file("business", "open_items.csv")
    for code in ("USD", "CAD"):
        ExchangeRateFactory(known__code=code, currency=code)
    load(
        path,
        lambda row: {
            "customer": row["cust_number"],
            "document": row["doc_id"],
            "currency": row["invoice_currency"],
            "amount": D(row["total_open_amount"]),
            "posted": date.fromisoformat(row["posting_date"]),
            "due": date.fromisoformat(row["due_in_date"]),
        },
    )

    report = aged(date(2020, 5, 31))

    usd, cad = report.totals["USD"], report.totals["CAD"]
    assert usd.counts == [111, 1857, 2869, 1441, 8]
    assert usd.amounts == [
        *(D("1374956.83"), D("55074807.93"), D("86711015.68")),
        *(D("39764002.02"), D("170406.11")),
    ]
    assert usd.total == D("183095188.57")
    assert cad.counts == [0, 131, 192, 125, 0]
    assert cad.amounts == [0, D("6942177.52"), D("12120142.21"), D("7653917.25"), 0]
    assert_ties(report)


def test_two_years_of_late_payers_leave_what_the_file_says():
    path = shared_file("business", "ar_late_payments.csv")
    day = date(2013, 6, 30)
    settled = {}

    def read(row):
        settled[row["invoiceNumber"]] = date.fromisoformat(row["SettledDate"])
        return {
            "customer": row["customerID"],
            "document": row["invoiceNumber"],
            "currency": "EUR",
            "amount": D(row["InvoiceAmount"]),
            "posted": date.fromisoformat(row["InvoiceDate"]),
            "due": date.fromisoformat(row["DueDate"]),
        }

    customers, items = load(path, read)
    bank = given.bank_account().pk
    opened(*sorted({on.replace(day=1) for on in settled.values()}))
    by_payment = {}
    for document, item in items.items():
        by_payment.setdefault((item.customer_id, settled[document]), []).append(item)
    settle(
        [
            Receipt(
                bank_account_id=bank,
                amount=sum(item.original for item in paid),
                base_amount=sum(item.original for item in paid),
                currency="EUR",
                value_date=on,
                customer_id=customer_id,
                shares=[Share(item.pk, item.original) for item in paid],
            )
            for (customer_id, on), paid in by_payment.items()
        ],
        actor=SYSTEM,
    )

    report = aged(day, bounds=[30, 60])

    assert len(customers) == 72
    assert len(by_payment) == 1752
    totals = report.totals["EUR"]
    assert totals.counts == [54, 11, 0, 0]
    assert totals.amounts == [D("3266.86"), D("769.50"), 0, 0]
    assert (totals.items, totals.total) == (65, D("4036.36"))
    assert_ties(report)
    assert OpenItem.objects.exclude(open_amount=0).count() == 0
