"""PDF output: what is missing on the machine is said, and a font is always there."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from o2c.core import pdf_support
from o2c.web import health

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _asked_anew():
    pdf_support.pdf_problem.cache_clear()
    yield
    pdf_support.pdf_problem.cache_clear()


def hide(monkeypatch, hidden: str) -> None:
    load = ctypes.CDLL

    def loader(name, *arguments, **keywords):
        if name and name.startswith(hidden):
            raise OSError(f"{name}: cannot open shared object file")
        return load(name, *arguments, **keywords)

    monkeypatch.setattr(ctypes, "CDLL", loader)


@pytest.mark.parametrize("hidden", ["libpango", "libharfbuzz-subset", "libgobject"])
def test_a_missing_library_is_named_with_the_packages_that_bring_it(monkeypatch, hidden):
    hide(monkeypatch, hidden)
    problem = health.pdf_problem()
    assert problem.startswith(f"PDF output needs Pango ({hidden}")
    assert problem.endswith("apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0")
    assert "\n" not in problem


def test_where_nothing_is_missing_nothing_is_said(monkeypatch):
    monkeypatch.setattr(pdf_support, "loads", lambda name, plain: True)
    assert pdf_support.pdf_problem() == ""


def test_the_question_is_answered_without_loading_the_pdf_library():
    program = (
        "import sys; from o2c.core.pdf_support import pdf_problem; pdf_problem();"
        "print('weasyprint' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert result.stdout == "False\n"


def test_the_font_configuration_names_the_machines_fonts_and_ours(tmp_path):
    path = pdf_support.write_font_configuration(tmp_path)
    text = path.read_text()
    assert '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>' in text
    folder = Path(text.partition("<dir>")[2].partition("</dir>")[0])
    assert list(folder.glob("*.ttf"))


def test_with_no_other_font_on_the_machine_a_pdf_still_has_its_text(tmp_path):
    if health.pdf_problem():
        pytest.skip(health.pdf_problem())
    configuration = pdf_support.write_font_configuration(tmp_path)
    alone = configuration.read_text().replace("/etc/fonts/fonts.conf", str(tmp_path / "none"))
    configuration.write_text(alone)
    program = (
        "from weasyprint import HTML; from pypdf import PdfReader; import io;"
        "pdf = HTML(string='<p>Zahlbar 12,50 € für Müller</p>').write_pdf();"
        "print(PdfReader(io.BytesIO(pdf)).pages[0].extract_text())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={"FONTCONFIG_FILE": str(configuration), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "Zahlbar 12,50 € für Müller"
