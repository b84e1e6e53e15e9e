"""What banks write differently is read; what is no statement is refused by its name."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.errors import RuleViolation
from o2c.core.safe_xml import MAX_BYTES
from reconciliation.adapters import UnreadableStatement, read_statements
from reconciliation.adapters.mt940_details import read_details
from tests.shared_data import shared_file

HEAD = ":20:A\r\n:25:{account}\r\n:28C:1/1\r\n:60F:C260101{currency}100,00\r\n"
FOOT = ":62F:C260102{currency}100,00\r\n-\r\n"
CAMT = (
    "<{p}BkToCstmrStmt><{p}Stmt><{p}Id>S1</{p}Id><{p}Acct><{p}Id>"
    "<{p}IBAN>DE89370400440532013000</{p}IBAN></{p}Id></{p}Acct></{p}Stmt></{p}BkToCstmrStmt>"
)
URN = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."


def mt940(*, account="DE89370400440532013000", currency="EUR", body=""):
    return (HEAD + body + FOOT).format(account=account, currency=currency).encode()


def entry_of(line, details=""):
    body = f"{line}\r\n" + (f":86:{details}\r\n" if details else "")
    (statement,) = read_statements(mt940(body=body))
    (entry,) = statement.entries
    return entry


# -- camt --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f'<Document xmlns="{URN}14">{CAMT.format(p="")}</Document>',
        f'<Document xmlns="{URN}02">{CAMT.format(p="")}</Document>',
        f"<Document>{CAMT.format(p='')}</Document>",
        CAMT.format(p=""),
        f'<n:Document xmlns:n="{URN}08">{CAMT.format(p="n:")}</n:Document>',
        f'<Document xmlns="urn:swift:xsd:$camt.053.001.02">{CAMT.format(p="")}</Document>',
        f'<Envelope><AppHdr/><Document xmlns="{URN}08">{CAMT.format(p="")}</Document></Envelope>',
    ],
    ids=["14", "02", "no namespace", "no Document", "prefix", "swift", "envelope"],
)
def test_a_camt053_is_known_by_its_structure(text):
    (statement,) = read_statements(text.encode())

    assert (statement.account, statement.statement_id) == ("DE89370400440532013000", "S1")


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("BkToCstmrAcctRpt", r"camt\.052"),
        ("BkToCstmrDbtCdtNtfctn", r"camt\.054"),
        ("BkToCstmrDbtCdtNtfctnV01", r"camt\.054"),
    ],
)
@pytest.mark.parametrize(
    "namespace", ["", ' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"']
)
def test_reports_and_advices_are_refused_by_name(message, named, namespace):
    data = f"<Document{namespace}><{message}/></Document>".encode()

    with pytest.raises(UnreadableStatement, match=named):
        read_statements(data)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("camt/finland_FI_camt_052_sample.xml.xml", "camt.052"),
        ("camt/tryton_camt.054.001.01.xml", "camt.054"),
        ("mt940/mbank_mt942.sta", "MT942"),
    ],
)
def test_real_reports_are_refused_by_name(name, named):
    with pytest.raises(UnreadableStatement, match=named):
        read_statements(shared_file("bank", *name.split("/")).read_bytes())


def test_a_version_nobody_knows_is_refused():
    data = f'<Document xmlns="{URN}15">{CAMT.format(p="")}</Document>'

    with pytest.raises(UnreadableStatement, match="version 15 is not read; 02 to 14 are"):
        read_statements(data.encode())


ENTRY = (
    '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
    "<BookgDt><Dt>2026-01-02</Dt></BookgDt></Ntry>"
)


def camt(*, amount="5.00", number="<Id>S1</Id>", closing_currency="EUR"):
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
        for kind, currency in (("OPBD", "EUR"), ("CLBD", closing_currency))
    )
    account = "<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    entry = ENTRY.format(amount=amount)
    statement = f"<Stmt>{number}{account}{balances}{entry}</Stmt>"
    return f'<Document xmlns="{URN}08"><BkToCstmrStmt>{statement}</BkToCstmrStmt></Document>'


def test_every_message_of_an_envelope_is_read():
    """All but the first were left out in silence."""
    messages = camt(number="<Id>S1</Id>") + camt(number="<Id>S2</Id>")

    statements = read_statements(f"<Envelope>{messages}</Envelope>".encode())

    assert [(one.statement_id, one.total) for one in statements] == [("S1", 5), ("S2", 5)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (camt(amount="-5.00"), "Statement S1, entry 1: the amount -5.00 is negative"),
        (camt(amount="x", number=""), "Statement #1, entry 1: “x” is not an amount"),
    ],
    ids=["negative amount", "no number"],
)
def test_a_fault_of_a_camt053_is_refused_and_its_place_named(data, says):
    with pytest.raises(UnreadableStatement, match=says):
        read_statements(data.encode())


def test_a_balance_in_another_currency_is_none_and_said():
    """6 EUR were compared with 6 USD."""
    (statement,) = read_statements(camt(closing_currency="USD").encode())

    assert (statement.opening, statement.closing, statement.balances) == (1, None, False)
    assert statement.notices == ("Its balance CLBD is in USD, the account in EUR.",)


def test_a_fault_of_the_xml_is_said_in_words_for_people():
    with pytest.raises(RuleViolation, match=r"not readable as XML: [^<>]*$"):
        read_statements(camt().replace("</Stmt>", "").encode())


# -- MT940 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "currency", "account"),
    [
        ("CH9300762011623852957CHF", "CHF", "CH9300762011623852957"),
        ("CH93 0076 2011 6238 5295 7 CHF", "CHF", "CH9300762011623852957"),
        ("10050000/0054540402EUR", "EUR", "10050000/0054540402"),
        ("10050000/0054540402 EUR", "EUR", "10050000/0054540402"),
        ("DE89370400440532013000", "EUR", "DE89370400440532013000"),
        # the currency belongs to an IBAN of the Seychelles
        ("SC18SSCB11010000000000001497USD", "USD", "SC18SSCB11010000000000001497USD"),
    ],
)
def test_a_currency_behind_the_account_is_no_part_of_it(written, currency, account):
    (statement,) = read_statements(mt940(account=written, currency=currency))

    assert (statement.account, statement.currency) == (account, currency)


def test_an_account_with_a_bank_code_behind_it_is_read():
    data = mt940().replace(
        b":25:DE89370400440532013000", b":25P:DE89370400440532013000\r\nBANKDEFF"
    )

    assert read_statements(data)[0].account == "DE89370400440532013000"


@pytest.mark.parametrize("amount", ["12.50", "1.234,56", "1,234.56"])
def test_an_amount_with_a_point_is_refused_in_words(amount):
    """12.50 was read as 12 and the rest as text."""
    with pytest.raises(UnreadableStatement, match=r"Line 5: .* a comma before the cents"):
        read_statements(mt940(body=f":61:260102C{amount}NTRFNONREF\r\n"))


def test_a_balance_with_a_point_is_refused_too():
    with pytest.raises(UnreadableStatement, match=r"Line 4: .*comma"):
        read_statements(mt940().replace(b"EUR100,00", b"EUR100.00", 1))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (mt940().split(b"\r\n", 1)[1], r"Line 1: the statement has no reference \(:20:\)"),
        (mt940().split(b"\r\n", 1)[1] + mt940(), r"Line 1: the statement has no reference"),
        (
            mt940() + mt940().replace(b":25:DE89370400440532013000\r\n", b""),
            r"Line 7: the statement has no account \(:25:\)",
        ),
        (
            mt940() + mt940().split(b"\r\n", 1)[1],
            r"Line 9: a second opening balance in one statement",
        ),
    ],
    ids=["alone", "first of two", "no account", "second of two"],
)
def test_a_block_that_lacks_a_field_is_refused_and_its_line_named(data, says):
    """The first was a KeyError; the statement without an account was left out in silence."""
    with pytest.raises(UnreadableStatement, match=says):
        read_statements(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            mt940().replace(b":62F:C260102EUR", b":62F:C260102USD"),
            "Line 5: the closing balance is in USD, the opening in EUR",
        ),
        (
            mt940().replace(b"-\r\n", b":62F:C260102EUR200,00\r\n-\r\n"),
            "Line 6: a second closing balance",
        ),
        (mt940(body=":61:2601020000C5,00NTRFNONREF\r\n"), "Line 5: “0000” is not a booking day"),
        (mt940(body=":61:2601021350C5,00NTRFNONREF\r\n"), "Line 5: “1350” is not a booking day"),
        (mt940(body=":61:000000C5,00NTRFNONREF\r\n"), "Line 5: “000000” is not a date"),
    ],
    ids=["two currencies", "two closings", "booked on 0000", "month 13", "date 000000"],
)
def test_what_contradicts_itself_is_refused_and_its_line_named(data, says):
    with pytest.raises(UnreadableStatement, match=says):
        read_statements(data)


def test_a_booking_day_that_the_month_does_not_have_is_its_end():
    entry = entry_of(":61:2602280230C5,00NTRFNONREF")

    assert entry.entry_date == date(2026, 2, 28)


@pytest.mark.parametrize("in_between", [":12:30 Uhr", "-", ":99:x"])
def test_a_line_of_text_that_looks_like_a_field_stays_text(in_between):
    """The text was cut off there."""
    entry = entry_of(":61:260102C5,00NTRFNONREF", f"Treffen\r\n{in_between}\r\nRE-77")

    assert entry.text == f"Treffen {in_between} RE-77"


def test_what_is_written_around_statements_is_left_alone():
    data = b"{1:F01BANKDEFFXXXX0000000000}{2:O940BANKDEFFXXXXN}{4:\r\n" + mt940() + b":20:END\r\n"

    assert len(read_statements(data)) == 1


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ("166?00GUTSCHRIFT?20Wo ist das Geld? Danke?21 sehr?32Acme", "Wo ist das Geld? Danke sehr"),
        ("166?00GUTSCHRIFT?20Rechnung?15 Stueck?32Acme", "Rechnung?15 Stueck"),
        ("166?00GUTSCHRIFT?20offen?2026-01?32Acme", "offen?2026-01"),
        ("166?00GUTSCHRIFT?20EREF+X1?21SVWZ+Alles gut?22?32Acme", "Alles gut"),
    ],
)
def test_a_question_mark_in_the_text_is_no_sub_field(details, text):
    entry = entry_of(":61:260102C5,00NTRFNONREF", details)

    assert (entry.text, entry.counterparty_name) == (text, "Acme")


@given(st.text("abc ?/+-.:", max_size=20), st.text("abc ?", max_size=20))
def test_no_text_of_a_sub_field_is_lost(first, second):
    said = read_details(f"166?00X?20a{first}?21b{second}?32Acme")

    wanted = " ".join(f"a{first}b{second}".split())
    assert (said.text, said.name) == (wanted, "Acme")


@pytest.mark.parametrize(
    ("details", "name", "iban", "end_to_end", "text"),
    [
        (
            "/TRTP/SEPA OVERBOEKING/IBAN/NL20INGB0001234567/BIC/INGBNL2A/NAME/J JANSEN"
            "/REMI/Factuur 2024/11/EREF/ORDER-7",
            *("J JANSEN", "NL20INGB0001234567", "ORDER-7", "Factuur 2024/11"),
        ),
        (
            "/EREF/NOTPROVIDED//CNTP/NL32INGB0000012345/INGBNL2A/ING BANK NV INZAKE WEB/"
            "//REMI/USTD//EV10002REP1000000T1000//",
            *("ING BANK NV INZAKE WEB", "NL32INGB0000012345", "", "EV10002REP1000000T1000"),
        ),
        (
            "/BENM//NAME/JOHN DOE/REMI/Reference 201301234",
            "JOHN DOE",
            "",
            "",
            "Reference 201301234",
        ),
    ],
    ids=["abn amro", "ing", "rabobank"],
)
def test_dutch_sub_fields_are_read(details, name, iban, end_to_end, text):
    entry = entry_of(":61:260102C5,00NTRFEREF", details)

    assert (entry.counterparty_name, entry.counterparty_iban) == (name, iban)
    assert (entry.end_to_end_id, entry.text, entry.references) == (end_to_end, text, ())


def test_a_dutch_structured_reference_and_return_are_read():
    paid = entry_of(":61:260102C5,00NTRFEREF", "/NAME/ACME/REMI/STRD/CUR/RF18539007547034")
    back = entry_of(":61:260102C5,00NTRFEREF", "/RTRN/AC04//NAME/ACME/REMI/Factuur 7")

    assert paid.references == ("RF18539007547034",)
    assert (back.is_return, back.return_reason) == (True, "AC04")
    assert not paid.is_return


def test_the_names_of_a_real_dutch_file_are_read_across_line_breaks():
    data = shared_file("bank", "mt940", "jejik_rabobank-iban.sta").read_bytes()

    first, second = read_statements(data)[0].entries

    assert first.counterparty_name == "CONTRA ACCOUNT HOLDER"
    assert (first.end_to_end_id, first.amount) == ("01-01-2013 12:00 0030000987654321", -25)
    assert first.counterparty_iban == "NL70ABNA0987654321"
    assert (second.counterparty_name, second.text) == ("JOHN DOE", "Reference 201301234")


def test_another_mark_of_sub_fields_is_read():
    data = shared_file("bank", "mt940", "jejik_triodos.sta").read_bytes()

    entries = read_statements(data)[0].entries

    assert entries[1].text == "HUUR KANTOOR - FEB 2010"
    assert entries[1].amount == Decimal("-700.00")


# -- what is no statement ----------------------------------------------------------------------


def zipped():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("s.sta", mt940())
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (zipped(), "ZIP archive"),
        (mt940().decode().encode("utf-16"), "written in UTF-16"),
        (mt940().decode().encode("utf-16-le"), "written in UTF-16"),
        (mt940().decode().encode("utf-16-be"), "written in UTF-16"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b" \r\n", "The file is empty"),
        (mt940() + b" " * MAX_BYTES, "larger than 20 MB"),
    ],
    ids=["zip", "utf-16", "utf-16-le", "utf-16-be", "gzip", "pdf", "empty", "large"],
)
def test_another_kind_of_file_is_said_plainly(data, says):
    with pytest.raises(UnreadableStatement, match=says):
        read_statements(data)
