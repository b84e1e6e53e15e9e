"""CSV as it really comes: with a BOM, in UTF-16 or Windows-1252, with semicolons or tabs."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from o2c.tabular.sheets import FileRefused, Row

_DELIMITERS = ",;\t|"
_NAMES = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar"),
}
#: UTF-8 read as Windows-1252 and saved again: "Ã¼" where "ü" was meant.
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf]|â€")


def rows_of(data: bytes) -> tuple[Iterator[Row], list[str]]:
    """The records of a delimited text with the line each begins on, and remarks.

    Raises FileRefused for undecodable bytes, NUL characters and unclosed quotes, naming the line.
    """
    text, encoding = _decode(data)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileRefused(_("Line %(line)s holds a NUL character.") % {"line": line}, row=line)
    text, first_line, delimiter = _dialect(text)
    notes = []
    if encoding != "UTF-8":
        notes.append(_("Read as %(encoding)s.") % {"encoding": encoding})
    if delimiter != ",":
        notes.append(_("Columns are separated by %(mark)s.") % {"mark": _NAMES[delimiter]})
    if match := _MOJIBAKE.search(text):
        notes.append(
            _("Line %(line)s looks garbled by a wrong encoding (“%(text)s”).")
            % {
                "line": text.count("\n", 0, match.start()) + first_line,
                "text": text[match.start() : match.start() + 12].split("\n")[0],
            }
        )
    return _records(text, first_line, delimiter), notes


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(codecs.BOM_UTF8):
        return _strict(data, "utf-8-sig", "UTF-8")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16", "UTF-16")
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _strict(data, "cp1252", "Windows-1252")


def _strict(data: bytes, codec: str, name: str) -> tuple[str, str]:
    try:
        return data.decode(codec), name
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            _("Line %(line)s cannot be read as %(encoding)s. Save the file as UTF-8.")
            % {"line": line, "encoding": name},
            row=line,
        ) from None


def _dialect(text: str) -> tuple[str, int, str]:
    """The text without Excel's `sep=` line, the number of its first line, and the delimiter."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _newline, rest = text.partition("\n")
    if first.lower().startswith("sep=") and first[4:5] in _DELIMITERS and len(first) == 5:
        return rest, 2, first[4]
    header = next((line for line in text.split("\n", 50) if line.strip()), "")
    outside_quotes = re.sub(r'"[^"]*"?', "", header)
    return text, 1, max(_DELIMITERS, key=outside_quotes.count)


def _records(text: str, first_line: int, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 0
    while True:
        line = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken(text, line, first_line, str(error)) from None
        yield Row(line + first_line, list(cells))


def _broken(text: str, line: int, first_line: int, reason: str) -> FileRefused:
    """Say on which line the quote was opened that the record starting after `line` never closes."""
    opened, inside = line + first_line, False
    for number, content in enumerate(text.split("\n")[line:], start=line + first_line):
        odd = content.count('"') % 2 == 1
        if odd and not inside:
            opened = number
        inside ^= odd
    if inside:
        message = _("The quote opened on line %(line)s is never closed.")
    elif "limit" in reason:
        message = _("A cell on line %(line)s is too long. Is a quote missing?")
    else:
        message = _("Line %(line)s: after a closing quote only a separator may follow.")
        opened = line + first_line
    return FileRefused(message % {"line": opened}, row=opened)
