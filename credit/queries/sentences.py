"""Decisions in words: a stored rule or part, as the reader reads it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.web.formats import money_text


def rule_sentence(fired: Mapping[str, str], currency: str) -> str:
    """One rule that fired, with its numbers."""

    def money(name: str) -> str:
        return money_text(Decimal(fired[name]), currency)

    match fired["rule"]:
        case "blocked":
            return _("The account is blocked: %(reason)s.") % {"reason": fired["reason"]}
        case "new_customer":
            return _("It is the customer's first order.")
        case "over_limit":
            return _("Over the limit by %(over)s (limit %(limit)s, exposure %(exposure)s).") % {
                "over": money("over"),
                "limit": money("limit"),
                "exposure": money("exposure"),
            }
        case "overdue":
            return _(
                "%(amount)s overdue, the oldest since %(days)s days (%(allowed)s are allowed)."
            ) % {
                "amount": money("amount"),
                "days": fired["days"],
                "allowed": fired["allowed"],
            }
    raise ValueError(fired["rule"])


def rule_sentences(fired: Sequence[Mapping[str, str]], currency: str) -> list[str]:
    """Every rule that fired."""
    return [rule_sentence(rule, currency) for rule in fired]


def part_labels() -> dict[str, str]:
    """The parts of the waterfall in words."""
    return {
        "receivables": _("Open receivables"),
        "shipped_not_invoiced": _("Shipped, not invoiced"),
        "released_not_shipped": _("Released, not shipped"),
        "this_order": _("This order"),
        "unapplied_cash": _("Cash not applied"),
        "open_credits": _("Open credits"),
    }
