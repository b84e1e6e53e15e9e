"""Stored decisions in words: why this price, this tax, this date; what to look at in review."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from o2c.masters.models import TaxCategory, TaxClass
from o2c.web.formats import (
    amount_text,
    country_text,
    date_text,
    money_text,
    number_text,
    percent_text,
    price_text,
)
from orders.models import OrderLine

#: The steps of a price that are always told alike.
STEPS = {
    "list": gettext_lazy("List price %(price)s (%(source)s)."),
    "break": gettext_lazy("From %(from)s: %(price)s (%(source)s)."),
    "contract": gettext_lazy("Agreed with the customer: %(price)s (%(source)s)."),
    "ordered_unit": gettext_lazy("For %(per)s: %(price)s."),
    "list_discount": gettext_lazy("Discount of the list: %(percent)s."),
    "line_discount": gettext_lazy("Discount on this line: %(percent)s."),
    "document_discount": gettext_lazy("Share of the order's discount: %(amount)s."),
    "net": gettext_lazy("Net amount: %(amount)s."),
    "net_of_tax": gettext_lazy("Net amount without the tax inside the price: %(amount)s."),
}


def price_sentences(line: OrderLine) -> list[str]:
    """Every step from the list to the net amount."""
    return [_price_sentence(step, line.order.currency) for step in line.price_steps]


def _price_sentence(step: Mapping[str, str], currency: str) -> str:
    kind = step["step"]
    texts = {
        name: _figure_text(name, text, currency) for name, text in step.items() if name != "step"
    }
    if kind == "manual":
        if step["instead_of"]:
            return _("Set by hand: %(price)s instead of %(instead_of)s. Reason: %(reason)s") % texts
        return _("Set by hand: %(price)s. Reason: %(reason)s") % texts
    if kind == "amount":
        return _amount_sentence(texts, discounted=step["percent"] != "0")
    return str(STEPS[kind]) % texts


def _amount_sentence(texts: Mapping[str, str], *, discounted: bool) -> str:
    if "per" in texts:
        if discounted:
            return _("%(quantity)s × %(price)s per %(per)s, less %(percent)s: %(amount)s.") % texts
        return _("%(quantity)s × %(price)s per %(per)s: %(amount)s.") % texts
    if discounted:
        return _("%(quantity)s × %(price)s, less %(percent)s: %(amount)s.") % texts
    return _("%(quantity)s × %(price)s: %(amount)s.") % texts


def _figure_text(name: str, text: str, currency: str) -> str:
    """A figure of a step as people read it."""
    if name in ("source", "reason") or not text:
        return text
    figure = Decimal(text)
    if name in ("price", "instead_of"):
        return price_text(figure)
    if name == "percent":
        return percent_text(figure)
    if name == "amount":
        return money_text(figure, currency)
    return number_text(figure)


def tax_sentence(line: OrderLine) -> str:
    """Which tax applies and why."""
    reason = line.tax_reason
    words = {
        "class": TaxClass(reason["tax_class"]).label,
        "profile": reason["profile"],
        "code": reason["code"],
        "category": TaxCategory(line.tax_category).label,
        "percent": percent_text(line.tax_percent),
        "exemption": reason["exemption_reason"],
    }
    said = _("%(code)s: %(percent)s (%(category)s).") % words
    why = _("Items taxed “%(class)s”, buyers “%(profile)s”.") % words
    parts = (said, why, _trade_sentence(reason.get("trade")), words["exemption"])
    return " ".join(part for part in parts if part)


def _trade_sentence(trade: Mapping[str, str] | None) -> str:
    """The countries and the VAT id that decided a tax; empty where they were not asked."""
    if not trade:
        return ""
    countries = {name: country_text(trade[name]) for name in ("seller", "bill_to", "ship_to")}
    words = {**countries, "vat_id": trade["vat_id"] or _("none")}
    return (
        _("Sold from %(seller)s, sent to %(ship_to)s, billed to %(bill_to)s, VAT id: %(vat_id)s.")
        % words
    )


def promise_sentences(line: OrderLine) -> list[str]:
    """What is promised for when, and the terms of the sum."""
    promise = line.promise
    if not promise:
        return []
    said = [
        _("%(quantity)s on %(day)s.")
        % {"quantity": number_text(Decimal(part["quantity"])), "day": _day_text(part["day"])}
        for part in promise["parts"]
    ]
    missing = Decimal(promise["missing"])
    if missing:
        said.append(_("%(quantity)s without a date.") % {"quantity": number_text(missing)})
    return said + [_term_sentence(term) for term in promise["terms"]]


def _term_sentence(term: Mapping[str, str]) -> str:
    words = {
        "quantity": number_text(abs(Decimal(term["quantity"]))),
        "day": _day_text(term["day"]),
        "reference": term["reference"],
    }
    match term["kind"]:
        case "on_hand":
            return _("On hand: %(quantity)s.") % words
        case "reserved":
            return _("Reserved for orders: %(quantity)s.") % words
        case "receipt":
            return _("Expected on %(day)s: %(quantity)s (%(reference)s).") % words
    if words["reference"]:
        return _("Promised to %(reference)s for %(day)s: %(quantity)s.") % words
    return _("Promised to another line for %(day)s: %(quantity)s.") % words


def _day_text(text: str) -> str:
    return date_text(date.fromisoformat(text))


def promise_summary(line: OrderLine) -> str:
    """The promise in a few words: `12 now, 28 on 4 Dec 2026`."""
    if not line.promise:
        return date_text(line.promised_date) if line.promised_date else ""
    parts = [
        _("%(quantity)s on %(day)s")
        % {"quantity": number_text(Decimal(part["quantity"])), "day": _day_text(part["day"])}
        for part in line.promise["parts"]
    ]
    if Decimal(line.promise["missing"]):
        parts.append(
            _("%(quantity)s no date") % {"quantity": number_text(Decimal(line.promise["missing"]))}
        )
    return " · ".join(parts)


def review_sentences(notes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a person should look at before the order is confirmed."""
    return [_review_sentence(note) for note in notes]


def _review_sentence(note: Mapping[str, Any]) -> str:
    match note["code"]:
        case "duplicate":
            return _("Number %(reference)s is already order %(order)s.") % note
        case "price":
            words = {
                **note,
                "theirs": price_text(Decimal(note["theirs"])),
                "ours": price_text(Decimal(note["ours"])),
            }
            return (
                _("Line %(line)s, %(item)s: the customer says %(theirs)s, our price is %(ours)s.")
                % words
            )
        case "total":
            return _("The customer's total is %(theirs)s, ours is %(ours)s.") % {
                "theirs": amount_text(Decimal(note["theirs"]), note["currency"]),
                "ours": money_text(Decimal(note["ours"]), note["currency"]),
            }
        case "requested_date":
            return _("The requested day %(day)s has passed.") % {"day": _day_text(note["day"])}
        case "stock":
            return _supply_sentence(note)
    return str(note.get("text", note["code"]))


def _supply_sentence(note: Mapping[str, Any]) -> str:
    words = {"line": note["line"], "item": note["item"]}
    if note["promised"]:
        words |= {"asked": _day_text(note["asked"]), "promised": _day_text(note["promised"])}
        return _("Line %(line)s, %(item)s: asked for %(asked)s, promised for %(promised)s.") % words
    words |= {name: number_text(Decimal(note[name])) for name in ("missing", "quantity")}
    return (
        _("Line %(line)s, %(item)s: for %(missing)s of %(quantity)s there are no goods in sight.")
        % words
    )


def review_count(notes: Sequence[Mapping[str, Any]]) -> str:
    """`2 points to review`; nothing for none."""
    count = len(notes)
    if not count:
        return ""
    return ngettext("%(count)s point to review", "%(count)s points to review", count) % {
        "count": count
    }
