"""What PDF output needs from the machine: Pango, and a font. Standard library only."""

import ctypes
import sys
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

LIBRARIES = {
    "libgobject-2.0.so.0": "gobject-2.0",
    "libpango-1.0.so.0": "pango-1.0",
    "libpangoft2-1.0.so.0": "pangoft2-1.0",
    "libharfbuzz.so.0": "harfbuzz",
    "libharfbuzz-subset.so.0": "harfbuzz-subset",
    "libfontconfig.so.1": "fontconfig",
}
CURE = (
    "brew install pango"
    if sys.platform == "darwin"
    else "Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)
FONT_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


@cache
def pdf_problem() -> str:
    """Why no PDF can be made here, with the cure; empty when all is well.

    Asks the loader only: importing WeasyPrint takes a second and raises where Pango is missing.
    """
    missing = [name for name, plain in LIBRARIES.items() if not loads(name, plain)]
    if not missing:
        return ""
    return f"PDF output needs Pango ({missing[0]} is missing). {CURE}"


def loads(name: str, plain: str) -> bool:
    for candidate in (name, find_library(plain) if sys.platform == "darwin" else None):
        if candidate:
            try:
                ctypes.CDLL(candidate)
            except OSError:
                continue
            return True
    return False


def write_font_configuration(folder: Path) -> Path:
    """Write `fonts.conf` into `folder`: the machine's fonts, if any, and the one we bring along.

    Pango crashes the process when it finds no font at all, so FONTCONFIG_FILE has to name the
    result before the first font is looked up.
    """
    package = find_spec("font_manrope")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("font-manrope is not installed")
    fonts = Path(package.submodule_search_locations[0]) / "files"
    text = FONT_CONFIGURATION.format(
        fonts=escape(str(fonts)), cache=escape(str(folder / "fontcache"))
    )
    path = folder / "fonts.conf"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path
