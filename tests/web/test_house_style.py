"""House rules of templates, styles and scripts, for every stage: checked, not remembered."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
#: For other readers than staff: letters and documents choose their own language.
DOCUMENTS = {"pdf", "mail"}
PAGES = [path for path in TEMPLATES if not DOCUMENTS & set(path.parts)]
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))

_TRANSLATED = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?%}.*?{%\s*endblocktrans(?:late)?\s*%}|{#.*?#}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
_SILENT = re.compile(r"<(script|style|kbd|code|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>", re.DOTALL)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SPOKEN = re.compile(r'\b(?:title|alt|placeholder|aria-label|data-key-label)="([^"]*)"')
#: The same in every language.
_NAMES = {
    "O2C",
    "Excel",
    "doctype",
    "html",
    "kg",
    "SSCC",
    "PDF",
    "CSV",
    "XLSX",
    "IBAN",
    "BIC",
    "GLN",
    "SKU",
}


def ids(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def unmarked_words(source):
    """The words a reader would see that no translation covers."""
    text = _SILENT.sub(" ", _TRANSLATED.sub(" ", source))
    text = re.sub(r"&\w+;", " ", text)
    spoken = " ".join(_SPOKEN.findall(text))
    seen = f"{_TAG.sub(' ', text)} {spoken}"
    return [word for word in _WORDS.findall(seen) if word not in _NAMES]


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_every_word_of_a_page_is_marked_for_translation(path):
    assert unmarked_words(path.read_text()) == []


def test_the_search_for_unmarked_words_finds_them():
    assert unmarked_words('<p title="Old">New {% translate "Fine" %}</p>') == ["New", "Old"]


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_nothing_in_a_page_breaks_the_policy(path):
    source = path.read_text()

    assert not re.search(r"\sstyle=", source), "style attributes are refused by the policy"
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)", source), "nothing inline"
    assert not re.search(r"\son[a-z]+=|hx-on|\bjs:", source), "no code in attributes"
    assert not re.search(r"https?://(?!www\.w3\.org)", source), "nothing from elsewhere"
    assert "|safe" not in source, "text is escaped"
    assert "csrf_exempt" not in source


@pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
def test_a_template_can_be_read_at_a_glance(path):
    assert len(path.read_text().splitlines()) <= 150


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_every_post_carries_its_token(path):
    forms = re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL)
    for form in forms:
        assert "{% csrf_token %}" in form or "{% slot body %}" in form, form[:120]


@pytest.mark.parametrize("path", SCRIPTS, ids=ids(SCRIPTS))
def test_a_script_needs_no_evaluation_and_no_other_host(path):
    source = path.read_text()

    assert not re.search(r"\beval\b|new Function|innerHTML", source)
    assert "http" not in source
    assert len(source.splitlines()) <= 150


# ---------------------------------------------------------------- contrast of the tokens


def tokens():
    """name -> (light, dark) as hex colours."""
    css = (ROOT / "static" / "css" / "tokens.css").read_text()
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour):
    def linear(channel):
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


BACKGROUNDS = ["page", "surface", "sunken", "row-hover", "row-selected"]
PAIRS = [
    *[(text, back, 4.5) for text in ("text", "muted", "link", "negative") for back in BACKGROUNDS],
    ("on-primary", "primary", 4.5),
    ("on-destructive", "destructive", 4.5),
    ("destructive", "surface", 4.5),
    *[("focus", back, 3) for back in BACKGROUNDS],
    *[("border-control", back, 3) for back in ("page", "surface")],
    *[
        pair
        for tone in ("neutral", "info", "active", "attention", "success", "danger", "dispute")
        for pair in (
            (f"{tone}-text", f"{tone}-bg", 6),
            (f"{tone}-border", "surface", 3),
            (f"{tone}-border", "page", 3),
        )
    ],
]


@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_can_be_told_apart_in_both_themes(front, back, least):
    known = tokens()

    for theme in (0, 1):
        assert contrast(known[front][theme], known[back][theme]) >= least


#: Forms that run no command, or whose command knows by itself what it has seen (imports).
WITHOUT_KEY = ("account/", "admin/", "web/_rail.html", "web/_user.html", "web/import.html")


def test_every_form_carries_an_operation_key():
    bare = [
        str(path.relative_to(ROOT / "templates"))
        for path in (ROOT / "templates").rglob("*.html")
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL)
        if 'method="post"' in form and 'name="op_id"' not in form
    ]

    assert [name for name in bare if not name.startswith(WITHOUT_KEY)] == []


#: Tables whose cells are typed into, and the one page that stands inside Django's administration.
HAND_WRITTEN = {
    "fulfillment/confirm_form.html",
    "fulfillment/pack_form.html",
    "invoicing/credit_form.html",
    "receivables/_payment_shares.html",
    "receivables/_shares.html",
    "shipping/announce_form.html",
    "shipping/delivery_form.html",
    "shipping/receive_form.html",
    "simple_history/object_history_list.html",
    "web/_lines_form.html",
}


def test_one_template_draws_the_tables_of_all_pages():
    """A page declares its table (`o2c.web.tables`); printed documents are laid out for print."""
    pages = {
        path.relative_to(ROOT / "templates").as_posix(): path.read_text() for path in TEMPLATES
    }
    drawn = {name for name, text in pages.items() if "<table" in text}
    assert {name for name in drawn if not name.startswith("pdf/")} - HAND_WRITTEN == {
        "web/_table.html"
    }
    assert drawn >= HAND_WRITTEN
