"""Finding document numbers in what a payer typed: one pass over the text, no guessing."""

import re

# INV-2026-000017 as banks mangle it: "INV 2026 000017", "inv2026000017", "INV/2026/000017"
_YEARLY = re.compile(r"(?<![A-Z0-9])(INV|CN)[\s\-/.:_]*(\d{4})[\s\-/.:_]*(\d{6})(?!\d)")
_PLAIN = re.compile(r"(?<![A-Z0-9])(SO|SH)[\s\-/.:_]*(\d{6,})(?!\d)")
_WORD = re.compile(r"[A-Z0-9][A-Z0-9\-/._]{2,}")


def document_numbers(text: str) -> list[str]:
    """Our own document numbers named in text, in canonical form and order of appearance."""
    upper = text.upper()
    yearly = [(m.start(), f"{m[1]}-{m[2]}-{m[3]}") for m in _YEARLY.finditer(upper)]
    plain = [(m.start(), f"{m[1]}-{m[2]}") for m in _PLAIN.finditer(upper)]
    return list(dict.fromkeys(number for _, number in sorted(yearly + plain)))


def words(text: str) -> list[str]:
    """Words with a digit in them: what a customer's own order number may look like."""
    found = (word.strip("-/._") for word in _WORD.findall(text.upper()))
    return list(dict.fromkeys(w for w in found if len(w) >= 3 and any(c.isdigit() for c in w)))
