"""What the matcher is given, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from o2c.core.money import ZERO
from receivables.rules.discount import Discount, available_discount
from reconciliation.rules.numbers import Mention


class Tier(StrEnum):
    """How sure we are, the surest first."""

    EXACT = "exact"
    STRONG = "strong"
    POSSIBLE = "possible"
    NONE = "none"


class EvidenceKind(StrEnum):
    NAMES_DOCUMENT = "names_document"
    NAMES_DIGITS = "names_digits"
    NAMES_ORDER = "names_order"
    NAMES_PURCHASE_ORDER = "names_purchase_order"
    NAMES_DELIVERY = "names_delivery"
    KNOWN_ACCOUNT = "known_account"
    KNOWN_NAME = "known_name"
    SIMILAR_NAME = "similar_name"
    AMOUNT_EQUAL = "amount_equal"
    AMOUNT_WITH_DISCOUNT = "amount_with_discount"
    AMOUNT_OF_ALL = "amount_of_all"
    AMOUNT_OF_SET = "amount_of_set"
    AMOUNT_OF_INSTALMENTS = "amount_of_instalments"
    AMOUNT_UNIQUE = "amount_unique"
    SHORT = "short"
    OVER = "over"
    OLDEST_FIRST = "oldest_first"
    SEVERAL_PAYERS = "several_payers"
    NOT_OPEN = "not_open"
    COMES_BACK = "comes_back"
    OWN_ACCOUNT = "own_account"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True)
class Evidence:
    """One reason, with what it refers to: a number, a name, an amount with currency."""

    kind: EvidenceKind
    value: str = ""
    other: str = ""


@dataclass(frozen=True)
class LineFacts:
    """A bank line as the matcher sees it. Amount in the account's currency, positive = money in."""

    amount: Decimal
    currency: str
    mentions: Sequence[Mention] = ()
    our_own: Evidence | None = None  # why the money is no customer's but ours


@dataclass(frozen=True)
class Candidate:
    """An open item. `offer` is what may be deducted on the line's value date of all `original`."""

    item_id: int
    payer_id: int
    number: str
    open_amount: Decimal
    original: Decimal
    due_date: date
    currency: str
    offer: Decimal = ZERO

    @property
    def discount(self) -> Decimal:
        """What may be deducted of what is open."""
        whole = Discount(self.offer, ZERO)
        return available_discount(whole, self.original, self.open_amount, self.currency).amount

    @property
    def to_pay(self) -> Decimal:
        return self.open_amount - self.discount

    @property
    def age(self) -> tuple[date, int]:
        """Oldest first."""
        return self.due_date, self.item_id


@dataclass(frozen=True)
class KnownPayer:
    """Who the line seems to come from, and how we know."""

    payer_id: int
    evidence: Evidence
    certain: bool


@dataclass(frozen=True)
class Share:
    """What of the line goes to one open item, and the discount it takes besides."""

    item_id: int
    amount: Decimal
    discount: Decimal = ZERO


@dataclass(frozen=True)
class Proposal:
    """Our answer: tier, payer, shares, what stays on account, and why."""

    tier: Tier
    payer_id: int | None
    shares: tuple[Share, ...]
    on_account: Decimal
    evidence: tuple[Evidence, ...]
