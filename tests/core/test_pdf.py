"""PDFs: archivable, with our font, and nothing is ever fetched for them."""

import io
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pypdf import PdfReader

from o2c.core import pdf
from o2c.core.pdf import ForbiddenInPdf, PdfUnavailable, pdf_problem, render_pdf

pytestmark = pytest.mark.skipif(bool(pdf_problem()), reason=pdf_problem())

SELLER = {
    "name": "Nordwind",
    "legal_name": "Nordwind GmbH",
    "address_lines": ["Speicherstraße 1", "20457 Hamburg"],
}
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@pytest.fixture
def render(tmp_path, settings):
    """Render the body of a template that extends the base of all documents."""
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}
    ]

    def do(body: str, **context) -> PdfReader:
        head = (
            '{% extends "pdf/base.html" %}{% block title %}Ö-Seite{% endblock %}{% block content %}'
        )
        (tmp_path / "probe.html").write_text(head + body + "{% endblock %}", encoding="utf-8")
        filled = {"seller": SELLER, "recipient": ["Müller"], "facts": [("Nr", "7")], **context}
        return PdfReader(io.BytesIO(render_pdf("probe.html", filled)))

    return do


@pytest.fixture
def web_server():
    """A server of our own that notes who asks."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_umlauts_and_currency_signs_come_out_and_the_font_is_embedded(render):
    reader = render("<p>Größe 5 € № ½ Łódź −1.234,50</p>")

    assert "Größe 5 € № ½ Łódź −1.234,50" in text_of(reader)
    fonts = reader.pages[0]["/Resources"]["/Font"]
    assert all("Manrope" in font.get_object()["/BaseFont"] for font in fonts.values())
    assert all("+" in font.get_object()["/BaseFont"] for font in fonts.values())


def test_a_pdf_is_an_archive_file_with_title_language_and_tags(render):
    reader = render("<p>x</p>")

    root = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part[>=\"]+3", xmp)
    assert re.search(r"pdfaid:conformance[>=\"]+A", xmp)
    assert "/OutputIntents" in root
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert reader.metadata.title.strip() == "Ö-Seite"


def test_every_page_after_the_first_repeats_heads_and_names_the_document(render):
    rows = "".join(f"<tr><td>{n}</td><td>row</td></tr>" for n in range(120))
    reader = render(
        f'<table class="lines"><thead><tr><th>Nr</th><th>What is it</th></tr></thead>{rows}</table>'
    )

    assert len(reader.pages) > 2
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert "What is it" in text
        assert f"{number} / {len(reader.pages)}" in text
        assert "Nordwind GmbH" in text


def test_texts_are_escaped(render):
    reader = render("<p>{{ name }}</p>", name='<img src="http://x/"> & {{ 7 }}')

    assert '<img src="http://x/"> & {{ 7 }}' in text_of(reader)


@pytest.mark.parametrize(
    "attack",
    [
        '<img src="{url}/img">',
        '<link rel="stylesheet" href="{url}/css">',
        '<link rel="attachment" href="{url}/attached">',
        '<style>@import url("{url}/import");</style>',
        '<p style="background: url({url}/background)">x</p>',
        '<object data="{url}/object"></object>',
        '<svg><use href="{url}/use#a"/></svg>',
        '<svg><image href="{url}/image" width="9" height="9"/></svg>',
        '<img src="{file}">',
        '<link rel="attachment" href="{file}">',
        "<style>@font-face {{ font-family: Evil; src: url({url}/font) }}"
        " p {{ font-family: Evil }}</style><p>x</p>",
    ],
)
def test_nothing_is_fetched_however_it_gets_into_the_page(render, web_server, tmp_path, attack):
    url, asked = web_server
    secret = tmp_path / "secret.txt"
    secret.write_text("top-secret")

    try:
        reader = render(attack.format(url=url, file=secret.as_uri()))
    except ForbiddenInPdf:
        pass
    else:
        assert not reader.attachments
        assert "top-secret" not in text_of(reader)
    assert asked == []


def test_a_template_that_asks_for_a_file_fails_instead_of_printing_a_hole(render):
    with pytest.raises(ForbiddenInPdf, match="logo"):
        render('<img src="http://127.0.0.1:1/logo.png">')


def test_data_urls_are_drawn(render):
    reader = render(f'<img src="{PIXEL}" width="10" height="10">')

    assert "/XObject" in reader.pages[0]["/Resources"]


def test_a_machine_without_pango_says_so_and_names_the_cure(monkeypatch):
    monkeypatch.setattr(pdf, "pdf_problem", lambda: "PDF output needs Pango. apt install it")

    with pytest.raises(PdfUnavailable, match="apt install") as refusal:
        render_pdf("pdf/base.html", {})

    assert refusal.value.status == 503


def test_the_page_speaks_the_language_it_is_asked_for():
    data = render_pdf("pdf/base.html", {"seller": SELLER, "recipient": ["x"]}, language="de")

    assert PdfReader(io.BytesIO(data)).trailer["/Root"]["/Lang"] == "de"
