"""Documents speak the customer's language (ADR 11): the catalogue is whole; pages stay apart."""

import ast
import gettext as gnu
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import override

from o2c.web import formats

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
#: where the words beside the templates come from, and the functions that say them
DOCUMENT_MODULES = {
    "invoicing/commands/rendering.py": ["_facts"],
    "receivables/queries/documents.py": None,
    "shipping/queries/documents.py": None,
    "o2c/web/formats.py": None,
}


def catalogue(language: str) -> gnu.GNUTranslations:
    folder = ROOT / "o2c" / "locale" / language / "LC_MESSAGES"
    return gnu.GNUTranslations((folder / "django.mo").open("rb"))


def words_of_templates() -> set[str]:
    words = set()
    for folder in ("pdf", "invoicing/mail", "receivables/mail"):
        for path in (ROOT / "templates" / folder).iterdir():
            if path.suffix not in {".html", ".txt"}:
                continue
            nodes = get_template(f"{folder}/{path.name}").template.nodelist
            for node in nodes.get_nodes_by_type(TranslateNode):
                words.add(node.filter_expression.var.literal)
            for node in nodes.get_nodes_by_type(BlockTranslateNode):
                words.add(node.render_token_list(node.singular)[0])
    return words


def words_of_modules() -> set[str]:
    words = set()
    for name, functions in DOCUMENT_MODULES.items():
        tree = ast.parse((ROOT / name).read_text())
        for outer in ast.walk(tree):
            if isinstance(outer, ast.FunctionDef) and (not functions or outer.name in functions):
                words |= {
                    call.args[0].value
                    for call in ast.walk(outer)
                    if isinstance(call, ast.Call)
                    and getattr(call.func, "id", "") == "_"
                    and isinstance(call.args[0], ast.Constant)
                }
    return words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_document_is_in_the_catalogue(language):
    known = catalogue(language)._catalog
    wanted = words_of_templates() | words_of_modules()

    assert len(wanted) > 90
    assert {word for word in wanted if word not in known} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_its_source(language):
    source = ROOT / "o2c" / "locale" / language / "LC_MESSAGES" / "django.po"
    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    fresh = {k: v for k, v in gnu.GNUTranslations(compiled)._catalog.items() if k}

    assert {k: v for k, v in catalogue(language)._catalog.items() if k} == fresh


def test_figures_dates_and_countries_follow_the_language():
    with override("de"):
        assert formats.amount_text(Decimal("1240.5"), "EUR") == "1.240,50"
        assert formats.date_text(date(2026, 12, 5)) == "5. Dez 2026"
        assert formats.country_text("GB") == "Vereinigtes Königreich"
    with override("en"):
        assert formats.date_text(date(2026, 12, 5)) == "5 Dec 2026"
        assert formats.country_text("GB") == "United Kingdom"
        assert formats.country_text("XQ") == "XQ"


def test_an_address_has_no_blank_lines():
    lines = formats.address_lines({"street": "Kai 1", "city": "Bremen", "country": "DE"})

    assert lines == ["Kai 1", "Bremen", "Germany"]


def test_an_iban_is_printed_in_fours():
    assert formats.iban_text("DE4620099900000471") == "DE46 2009 9900 0004 71"


@pytest.mark.django_db
def test_a_page_speaks_one_language_whatever_the_browser_asks_for(client):
    page = client.get("/accounts/login/", headers={"accept-language": "de-DE,de;q=0.9"})

    assert '<html lang="en"' in page.content.decode()
    assert "Anmelden" not in page.content.decode()
