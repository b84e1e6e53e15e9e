"""Files of real banks through `import_statement FILE --dry-run --json`: lines and sums as others
counted them, whether or not an account is ours."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from o2c.core.money import MINOR_UNITS
from reconciliation.adapters import read_statements
from reconciliation.models import BankStatement
from tests.factories.masters import BankAccountFactory, CurrencyFactory
from tests.reconciliation.test_adapters_on_real_files import CAMT053, MT940
from tests.shared_data import shared_file

pytestmark = pytest.mark.django_db

#: Files none of which can be kept, and what is said: an entry in euro of an account in yen, and an
#: account in German marks, which nobody keeps any more.
REFUSED = {
    "bank/camt/genkgo_camt053.v2.with-account-name.xml": "the entry is in EUR",
    "bank/mt940/cmxl_mt940-with-colon-after-line-break.txt": "which we do not keep",
}
READ = [(name, facts) for name, facts in (*CAMT053, *MT940) if name not in REFUSED]


def dry_run(name):
    """What the command prints of a file, with its exit code."""
    out = StringIO()
    try:
        call_command(
            "import_statement", str(shared_file(*name.split("/"))), dry_run=True, json=True,
            stdout=out, stderr=StringIO(),
        )  # fmt: skip
    except SystemExit as left:
        return left.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def keep_accounts_of(name):
    """The accounts of a file are ours, in currencies there are."""
    records = read_statements(shared_file(*name.split("/")).read_bytes())
    for number, (account, currency) in enumerate(
        sorted({(r.account, r.currency) for r in records})
    ):
        if currency in MINOR_UNITS:
            CurrencyFactory(code=currency)
            BankAccountFactory(
                code=f"B{number}", account_number=account[:34], iban="", currency=currency
            )


def total(sums):
    """`3=1405.31`, or the sum alone."""
    return Decimal(sums.split("=")[-1])


@pytest.mark.parametrize(("name", "facts"), READ, ids=[name for name, _facts in READ])
def test_the_sums_of_a_file_are_those_others_counted(name, facts):
    keep_accounts_of(name)

    code, told = dry_run(name)

    statements = told["statements"]
    assert (code, told["refused"], len(statements)) == (
        0,
        False,
        int(facts.get("stmts") or facts["msgs"]),
    )
    assert sum(s["lines"] for s in statements) == int(facts["entries"])
    assert sum(Decimal(s["sum"]) for s in statements) == total(facts["credits"]) - total(
        facts["debits"]
    )
    assert all(s["kept"] + s["skipped"] == s["lines"] for s in statements)
    assert not BankStatement.objects.exists()


@pytest.mark.parametrize(("name", "words"), REFUSED.items())
def test_what_cannot_be_kept_is_refused_in_words(name, words):
    keep_accounts_of(name)

    code, told = dry_run(name)

    assert (code, told["refused"]) == (1, True)
    assert words in told["errors"][0]["message"]
