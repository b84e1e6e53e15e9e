"""What comes back is read as such and kept: MT940 RC, RD and NRTI, camt RvslInd and RtrInf."""

from decimal import Decimal

import pytest
from django.urls import reverse

from o2c.core.actors import SYSTEM
from reconciliation.adapters import read_statements
from reconciliation.commands import import_statement
from reconciliation.models import BankLine
from tests.factories.masters import BankAccountFactory
from tests.shared_data import shared_file

HEAD = ":20:A\r\n:25:DE89370400440532013000\r\n:28C:1/1\r\n:60F:C260101EUR100,00\r\n"
CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Id>S1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-02</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-02</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{entry}<Sts>BOOK</Sts>
<BookgDt><Dt>2026-01-02</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
OURS, THEIRS = "DE89370400440532013000", "DE02120300000000202051"
PARTIES = (
    f"<RltdPties><Dbtr><Nm>We</Nm></Dbtr><DbtrAcct><Id><IBAN>{OURS}</IBAN></Id></DbtrAcct>"
    f"<Cdtr><Nm>Acme</Nm></Cdtr><CdtrAcct><Id><IBAN>{THEIRS}</IBAN></Id></CdtrAcct></RltdPties>"
)
CLOSED = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account closed</AddtlInf></RtrInf>"


def mt940(line, details=""):
    data = HEAD + line + "\r\n" + (f":86:{details}\r\n" if details else "")
    (statement,) = read_statements(data.encode())
    return statement.entries[0]


def camt(*, amount="40.00", side="CRDT", entry="", details="", closing="140.00"):
    text = CAMT.format(amount=amount, side=side, entry=entry, details=details, closing=closing)
    return text.encode()


def only_entry(data):
    (statement,) = read_statements(data)
    (entry,) = statement.entries
    return entry


@pytest.mark.parametrize(
    ("sign", "amount", "reversal"),
    [("C", "5.00", False), ("D", "-5.00", False), ("RD", "5.00", True), ("RC", "-5.00", True)],
)
def test_rd_gives_a_debit_back_and_rc_takes_a_credit_back(sign, amount, reversal):
    entry = mt940(f":61:260102{sign}5,00NTRFNONREF")

    assert (entry.amount, entry.is_reversal) == (Decimal(amount), reversal)


@pytest.mark.parametrize(
    ("line", "details", "reason", "returned"),
    [
        (":61:260102C5,00NRTINONREF", "", "", True),
        (":61:260102C5,00NTRFNONREF", "159?00RETOURE?20EREF+X1?34901", "901", True),
        (":61:260102D5,00NMSCNONREF", "109?00RUECKLASTSCHRIFT?20EREF+X1?34912", "912", True),
        (":61:260102C5,00NTRFNONREF", "166?00GUTSCHRIFT?20EREF+X1?34000", "", False),
    ],
)
def test_an_mt940_return_is_known_by_its_codes(line, details, reason, returned):
    entry = mt940(line, details)

    assert (entry.is_return, entry.return_reason) == (returned, reason)


def test_our_own_transfer_that_comes_back_names_the_reason_and_whom_we_had_paid():
    data = camt(details=f"<TxDtls>{PARTIES}{CLOSED}</TxDtls>")

    entry = only_entry(data)

    assert entry.amount == 40
    assert (entry.is_return, entry.return_reason) == (True, "AC04")
    assert entry.return_text == "account closed"
    assert (entry.counterparty_name, entry.counterparty_iban) == ("Acme", THEIRS)


@pytest.mark.parametrize("said", ["true", "1"])
def test_a_camt_reversal_is_read_in_either_spelling(said):
    entry = only_entry(camt(entry=f"<RvslInd>{said}</RvslInd>"))

    assert entry.is_reversal
    assert not entry.is_return


@pytest.mark.parametrize(
    ("code", "returned"),
    [
        ("<Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn>", True),
        ("<Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>", False),
        ("<Prtry><Cd>NTRF+159+00931</Cd><Issr>DK</Issr></Prtry>", True),
        ("<Prtry><Cd>NTRF+166+00931</Cd><Issr>DK</Issr></Prtry>", False),
    ],
)
def test_a_bank_transaction_code_says_return_too(code, returned):
    assert only_entry(camt(entry=f"<BkTxCd>{code}</BkTxCd>")).is_return is returned


def test_real_files_say_what_came_back():
    swiss = shared_file("bank", "camt", "viafintech_valid_example_v4.xml").read_bytes()
    german = shared_file("bank", "mt940", "betterplace_sepa_snippet.sta").read_bytes()

    returned = [e for s in read_statements(swiss) for e in s.entries if e.is_return]
    reasons = [e.return_reason for s in read_statements(german) for e in s.entries if e.is_return]

    assert {entry.return_reason for entry in returned} == {"NARR", "MD06"}
    assert any("BEGUENSTIGTER UNBEKANNT" in entry.return_text for entry in returned)
    assert reasons == ["914", "914", "914", "901"]


@pytest.mark.django_db
def test_the_line_keeps_it_and_its_page_says_it(carlo):
    bank = BankAccountFactory(code="OUR", iban=OURS)
    data = camt(details=f"<TxDtls>{PARTIES}{CLOSED}</TxDtls>")

    import_statement(bank.code, "s.xml", data, actor=SYSTEM)

    line = BankLine.objects.get()
    assert line.comes_back
    assert (line.is_reversal, line.is_return) == (False, True)
    assert (line.return_reason, line.return_text) == ("AC04", "account closed")
    page = carlo.get(reverse("reconciliation:bank_line_detail", args=[line.pk]))
    assert b"AC04" in page.content
    assert b"A payment was returned." in page.content


BATCH = "".join(
    f"<TxDtls><Refs><EndToEndId>E{nr}</EndToEndId><AcctSvcrRef>B{nr}</AcctSvcrRef></Refs>"
    f"<AmtDtls><TxAmt><Amt Ccy='EUR'>{amount}</Amt></TxAmt></AmtDtls>"
    f"<RltdPties><Dbtr><Nm>Payer {nr}</Nm></Dbtr></RltdPties><RmtInf><Strd><CdtrRefInf>"
    f"<Ref>RF{nr}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"
    for nr, amount in enumerate(["91000.00", "800.00", "38.00"], 1)
)


@pytest.mark.django_db
def test_a_batch_keeps_amount_reference_and_payer_of_each_transaction(carlo):
    bank = BankAccountFactory(code="OUR", iban=OURS)
    data = camt(amount="91838.00", closing="91938.00", details=BATCH)

    import_statement(bank.code, "s.xml", data, actor=SYSTEM)

    line = BankLine.objects.get()
    parts = line.transactions
    assert [part["amount"] for part in parts] == [91000, 800, 38]
    assert [part["references"] for part in parts] == [["RF1"], ["RF2"], ["RF3"]]
    assert [part["counterparty_name"] for part in parts] == ["Payer 1", "Payer 2", "Payer 3"]
    assert [part["end_to_end_id"] for part in parts] == ["E1", "E2", "E3"]
    assert [part["bank_reference"] for part in parts] == ["B1", "B2", "B3"]
    assert line.statement.notices == []
    page = carlo.get(reverse("reconciliation:bank_line_detail", args=[line.pk])).content.decode()
    assert "Payer 2" in page
    assert "800.00" in page


def test_a_transaction_against_its_batch_has_the_other_sign():
    detail = "<TxDtls><Amt Ccy='EUR'>{}</Amt><CdtDbtInd>{}</CdtDbtInd></TxDtls>"

    entry = only_entry(
        camt(details=detail.format("50.00", "CRDT") + detail.format("10.00", "DBIT"))
    )

    assert [part.amount for part in entry.details] == [50, -10]


def test_details_in_another_currency_use_the_amount_in_the_accounts_currency():
    """A CHF entry of 285.00: 100 and 200 EUR, booked as 95 and 190 CHF."""
    detail = (
        "<TxDtls><AmtDtls><InstdAmt><Amt Ccy='EUR'>{}</Amt></InstdAmt>"
        "<TxAmt><Amt Ccy='CHF'>{}</Amt></TxAmt></AmtDtls></TxDtls>"
    )
    data = (
        camt(
            amount="285.00",
            closing="385.00",
            details=detail.format("100.00", "95.00") + detail.format("200.00", "190.00"),
        )
        .replace(b'Ccy="EUR"', b'Ccy="CHF"')
        .replace(b"<Ccy>EUR<", b"<Ccy>CHF<")
    )

    (statement,) = read_statements(data)
    parts = statement.entries[0].details

    assert [(part.amount, part.currency) for part in parts] == [(95, "CHF"), (190, "CHF")]
    assert [(part.stated_amount, part.stated_currency) for part in parts] == [
        (100, "EUR"),
        (200, "EUR"),
    ]
    assert statement.notices == ()
