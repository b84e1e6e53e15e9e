"""post_entry: one statement, balanced, in an open month, once per source and purpose."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.ledger.commands import (
    AccountMissing,
    EntryDoesNotBalance,
    PeriodClosed,
    PeriodMissing,
    PostedOtherwise,
    Posting,
    install_chart,
    post_entry,
)
from o2c.ledger.models import Account, Entry, Line, Period
from tests.factories.masters import BankAccountFactory, CompanyFactory, CustomerFactory
from tests.given.ledger import DAY, chart, closed_period, opened, posted

pytestmark = pytest.mark.django_db

INVOICE = ("invoicing.invoice", 7)


def euros(account, amount, **more):
    return Posting(account, Decimal(amount), "EUR", Decimal(amount), **more)


def sale(customer, amount="119", net="100"):
    tax = Decimal(amount) - Decimal(net)
    return [
        euros("AR", amount, customer_id=customer.pk),
        euros("REVENUE", f"-{net}"),
        euros("TAX", -tax),
    ]


def post(lines, source=INVOICE, on=DAY, purpose="post"):
    return post_entry(source, purpose, on, lines, actor=SYSTEM, description="Invoice 7")


def test_an_entry_names_its_accounts_by_role(check_deferred):
    chart()
    customer = CustomerFactory()

    entry = post(sale(customer))
    check_deferred()

    assert [
        (line.account.role, line.amount, line.customer_id)
        for line in entry.lines.order_by("number")
    ] == [("AR", 119, customer.pk), ("REVENUE", -100, None), ("TAX", -19, None)]
    assert entry.number == f"JE-{entry.pk:06d}"
    assert entry.period.code == "2026-09"
    assert entry.recorded_by == "system"


@pytest.mark.parametrize("lines", [1, 40])
def test_posting_takes_one_statement_however_many_lines(lines, count_statements):
    posted()
    pairs = [euros("REVENUE", "-1"), euros("INVENTORY", "1")] * lines

    with count_statements() as count:
        command(lambda *, actor: post(pairs))(actor=SYSTEM)

    assert int(count) == 1, str(count)


def test_the_first_posting_of_a_month_opens_it():
    chart(of_year=None)

    with clock.at(date(2024, 2, 29)):
        post([euros("INVENTORY", 5), euros("GOODS_RECEIVED", -5)], on=date(2024, 2, 29))

    period = Period.objects.get()
    assert (period.code, str(period.start_date), str(period.end_date), period.state) == (
        "2024-02",
        "2024-02-01",
        "2024-02-29",
        "open",
    )


def test_the_same_posting_again_gives_the_entry_there_is():
    chart()
    customer = CustomerFactory()
    first = post(sale(customer))

    again = post(sale(customer))

    assert again == first
    assert Entry.objects.count() == 1


def test_another_amount_for_the_same_purpose_is_refused():
    chart()
    customer = CustomerFactory()
    post(sale(customer))

    with pytest.raises(PostedOtherwise, match=r"invoicing\.invoice 7 has posted “post” before"):
        post(sale(customer, "238", "200"))


def test_the_same_amounts_on_other_accounts_or_for_another_customer_are_refused():
    chart()
    customer = CustomerFactory()
    first = post(sale(customer))
    lines = sale(customer)
    elsewhere = [lines[0], *(line._replace(account="ROUNDING") for line in lines[1:])]

    for wrong in (elsewhere, sale(CustomerFactory())):
        with pytest.raises(PostedOtherwise):
            post(wrong)

    by_key = {line.account.role: line.account_id for line in first.lines.select_related("account")}
    assert post([line._replace(account=by_key[line.account]) for line in lines]) == first


def test_zero_lines_are_dropped_and_an_empty_entry_is_none():
    chart()
    entry = post([euros("INVENTORY", 5), euros("GOODS_RECEIVED", -5), euros("TAX", 0)])

    assert entry.lines.count() == 2
    assert post([euros("TAX", 0)], purpose="nothing") is None


def test_lines_that_do_not_add_up_are_a_bug():
    chart()

    with pytest.raises(EntryDoesNotBalance):
        post([euros("INVENTORY", 5), euros("GOODS_RECEIVED", -4)])


def test_each_currency_balances_on_its_own():
    chart()
    dollars = Posting("INVENTORY", Decimal(10), "USD", Decimal(9))

    with pytest.raises(EntryDoesNotBalance):
        post([dollars, euros("GOODS_RECEIVED", -9)])


def test_a_closed_month_takes_nothing():
    posted()
    closed_period()

    with pytest.raises(PeriodClosed, match="2026-09 is closed"):
        post([euros("INVENTORY", 5), euros("GOODS_RECEIVED", -5)])


@pytest.mark.parametrize("day", [date(2027, 11, 28), date(2099, 1, 1), date(2026, 12, 1)])
def test_nothing_is_posted_in_the_future_even_into_an_open_month(day):
    chart()
    opened(date(2027, 11, 1))

    with (
        clock.at(date(2026, 11, 30)),
        pytest.raises(RuleViolation, match="between 1 Jan 2000 and 30 Nov 2026") as refusal,
    ):
        post([euros("INVENTORY", 5), euros("GOODS_RECEIVED", -5)], on=day)

    assert refusal.value.field == "posting_date"
    assert not Entry.objects.exists()


@pytest.mark.parametrize("day", [date(2026, 10, 31), date(2025, 11, 30), date(2000, 1, 1)])
def test_a_month_that_is_over_is_not_opened_by_a_posting(day):
    chart(of_year=None)

    with (
        clock.at(date(2026, 11, 30)),
        pytest.raises(PeriodMissing, match=f"No month {day:%Y-%m} is open; a controller can open"),
    ):
        post([euros("INVENTORY", 5), euros("GOODS_RECEIVED", -5)], on=day)

    assert not Period.objects.exists()


def test_a_role_nobody_plays_is_named():
    CompanyFactory()
    opened(DAY)
    Account.objects.create(code="1", name="Stock", kind="asset", role="INVENTORY")

    with pytest.raises(AccountMissing, match="GOODS_RECEIVED"):
        post([euros("INVENTORY", 5), euros("GOODS_RECEIVED", -5)])


def test_a_bank_account_has_its_own_account_or_falls_to_the_general_one():
    known = BankAccountFactory()
    chart()
    other = BankAccountFactory(code="OTHER", iban="DE02120300000000202051")

    entry = post(
        [
            euros("BANK", 5, bank_account_id=known.pk),
            euros("BANK", 6, bank_account_id=other.pk),
            euros("UNAPPLIED_CASH", -11),
        ]
    )

    accounts = [line.account for line in entry.lines.select_related("account").order_by("number")]
    assert accounts[0].bank_account_id == known.pk
    assert (accounts[1].role, accounts[1].bank_account_id) == ("BANK", None)
    install_chart(actor=SYSTEM)
    assert Account.objects.filter(bank_account=other).exists()


def run(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(sql, *parameters):
    with pytest.raises(IntegrityError):
        run(sql, *parameters)


def test_the_database_refuses_a_receivable_without_customer():
    chart()

    with pytest.raises(IntegrityError, match="a receivable names its customer"):
        post([euros("AR", 5), euros("REVENUE", -5)])


def test_the_database_refuses_an_entry_whose_lines_do_not_balance():
    entry = posted()
    new = (
        "WITH e AS (INSERT INTO ledger_entry (source_type, source_id, purpose, posting_date, "
        "period_id, description, line_count, recorded_at, recorded_by) SELECT 'x', 1, 'x', "
        "posting_date, period_id, '', 2, now(), 'x' FROM ledger_entry WHERE id = %s RETURNING id, "
        "posting_date) INSERT INTO ledger_line (entry_id, number, account_id, currency, amount, "
        "base_amount, posting_date) "
        "SELECT e.id, l.number, l.account_id, l.currency, {}, e.posting_date "
        "FROM e, ledger_line l WHERE l.entry_id = %s"
    )

    refused(new.format("l.amount + 1, l.base_amount"), entry.pk, entry.pk)
    refused(new.format("l.amount, l.base_amount + 1"), entry.pk, entry.pk)
    refused(new.format("l.amount, l.base_amount") + " AND l.number = 1", entry.pk, entry.pk)


def test_the_database_refuses_a_further_line_of_a_posted_entry():
    entry = posted()
    line = entry.lines.first()

    refused(
        "INSERT INTO ledger_line (entry_id, number, account_id, currency, amount, base_amount, "
        "posting_date) VALUES (%s, 3, %s, 'EUR', 1, 1, %s)",
        entry.pk,
        line.account_id,
        entry.posting_date,
    )


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_line"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nothing_posted_can_be_changed(table, sql, check_deferred):
    posted()
    check_deferred()

    with pytest.raises(ProgrammingError, match=r"Cannot (update|delete|truncate)"):
        run(sql.format(table))
    assert Line.objects.count() == 2
