"""manage.py generate: a company of any size that holds together like one that was traded."""

import re
from io import BytesIO, StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from pypdf import PdfReader

from invoicing.commands.rendering import PDF_PURPOSE
from invoicing.models import Invoice
from o2c.core.attachments import read_file
from o2c.core.models import Attachment
from o2c.core.verify import run_all
from o2c.ledger.models import Line
from o2c.masters.models import Company, Customer
from o2c.rehearsal.generate import copying
from orders.models import Order
from receivables.models import OpenItem
from reconciliation.models import BankLine, Match
from tests.factories.masters import CompanyFactory


def test_every_rule_names_a_model_or_a_column():
    scaled = [f"{model}.{name}" for model, names in copying.SCALED.items() for name in names]
    columns = copying.NAMED | copying.WORDED | copying.ONCE | copying.COUNTED | copying.IBANS
    for name in [*copying.SHARED, *scaled, *columns]:
        app, model, *column = name.split(".")
        found = apps.get_model(app, model)
        assert column == [] or found._meta.get_field(column[0])


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["--orders", "0"], "--orders takes a number from 1 to 10,000,000."),
        (["--orders", "20000000"], "--orders takes a number from 1 to 10,000,000."),
        (["--orders", "10", "--volume", "0"], "--volume takes a number from 1 to 20."),
    ],
)
def test_a_size_beyond_the_limits_is_refused(arguments, refusal):
    with pytest.raises(CommandError, match=refusal):
        call_command("generate", *arguments)


@pytest.mark.django_db
def test_a_company_that_is_there_is_not_written_over():
    CompanyFactory()
    with pytest.raises(CommandError, match="There is a company in this database already"):
        call_command("generate", orders=10)
    assert Company.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_generated_company_holds_together():
    out = StringIO()
    call_command("generate", orders=300, stdout=out)

    orders = Order.objects.count()
    assert 300 <= orders < 450
    assert orders % 3 == 0
    assert f"{orders:,} orders of {Customer.objects.count():,} customers" in out.getvalue()
    assert [finding.invariant.id for finding in run_all() if not finding.holds] == []
    first, last = Order.objects.order_by("pk")[0], Order.objects.order_by("-pk")[0]
    assert int(last.number[3:]) - int(first.number[3:]) == orders - 1
    # Every copy has customers of its own, and all of them the same business.
    assert Customer.objects.filter(code__endswith="-2").count() * 3 == Customer.objects.count()
    assert len(totals_of_copies(Invoice, "gross", 3)) == 1
    assert len(totals_of_copies(OpenItem, "open_amount", 3)) == 1
    assert totals_of_copies(Line, "base_amount", 1) == {0}
    assert_words_name_their_own_documents()
    assert_nothing_was_printed()
    assert_new_rows_find_free_keys()


def totals_of_copies(model, column, copies):
    """The sums of a column over each copy."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sum({column}) FROM {model._meta.db_table} GROUP BY (id - 1) % {copies}"
        )
        return {total for (total,) in cursor.fetchall()}


def assert_words_name_their_own_documents():
    """A payer of the second copy names the invoice of the second copy."""
    named = 0
    for line in BankLine.objects.exclude(payment=None).select_related("payment__customer"):
        for number in re.findall(r"INV-\d{4}-\d{6}", line.text):
            assert Invoice.objects.get(number=number).payer_id == line.payment.customer_id
            named += 1
    assert named > 100
    assert Match.objects.values("bank_line").distinct().count() > named / 2


def assert_nothing_was_printed():
    """Every invoice has a PDF that can be opened, and drawing them took no time."""
    page = read_file(Attachment.objects.filter(purpose=PDF_PURPOSE).latest("pk"))
    [empty] = PdfReader(BytesIO(page)).pages
    assert empty.extract_text() == ""


def assert_new_rows_find_free_keys():
    last = Customer.objects.order_by("-pk")[0]
    fresh = Customer.objects.get(pk=last.pk)
    fresh.pk, fresh.code = None, "C-NEW"
    fresh.save()
    assert fresh.pk == last.pk + 1
