"""What the matcher is given, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


class Purpose(StrEnum):
    """What a line does: it is a payment, is one entered by hand before, or takes one back."""

    SETTLES = "settles"
    JOINS = "joins"
    RETURNS = "returns"


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
    AMOUNT_NEAR = "amount_near"
    AMOUNT_UNIQUE = "amount_unique"
    LESS_CREDIT = "less_credit"
    SHORT = "short"
    OVER = "over"
    OLDEST_FIRST = "oldest_first"
    SEVERAL_PAYERS = "several_payers"
    TAKEN = "taken"
    SETTLED = "settled"
    STAYS = "stays"
    REST_FOR = "rest_for"
    BATCH = "batch"
    PART_UNKNOWN = "part_unknown"
    NOT_OPEN = "not_open"
    COMES_BACK = "comes_back"
    OWN_ACCOUNT = "own_account"
    NOTHING_FOUND = "nothing_found"
    ENTERED_BY_HAND = "entered_by_hand"
    TAKES_BACK = "takes_back"
    SAME_REFERENCE = "same_reference"
    SAME_DOCUMENT = "same_document"
    SAME_ACCOUNT = "same_account"
    SAME_NAME = "same_name"
    OF_THIS_PAYER = "of_this_payer"
    SEVERAL_ALIKE = "several_alike"
    WITH_FEE = "with_fee"


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
    """An open item: a debt, or a credit when it is negative.

    `offer` is what may be deducted on the line's value date of all `original`. `open_amount` is
    what other proposals have left of it, nothing when it is theirs, or when it `is_settled`.
    """

    item_id: int
    payer_id: int
    number: str
    open_amount: Decimal
    original: Decimal
    due_date: date
    currency: str
    offer: Decimal = ZERO
    is_settled: bool = False

    @property
    def discount(self) -> Decimal:
        """What may be deducted of what is open."""
        whole = Discount(self.offer, ZERO)
        return available_discount(whole, self.original, self.open_amount, self.currency).amount

    @property
    def to_pay(self) -> Decimal:
        return self.open_amount - self.discount

    def without(self, taken: Decimal) -> "Candidate":
        """What is left when another line takes so much of it; a discount is for taking all."""
        if not taken:
            return self
        left = self.open_amount - taken
        bounded = max(left, ZERO) if self.open_amount > 0 else min(left, ZERO)
        return replace(self, open_amount=bounded, offer=ZERO)

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
    """What of the line goes to one open item, and the discount it takes besides.

    With a credit, so much of that is used for the item, and nothing of the line. Without an item
    it goes on the account of a payer other than the main one, or waits for one.
    """

    item_id: int | None
    amount: Decimal
    discount: Decimal = ZERO
    payer_id: int | None = None
    credit_id: int | None = None


@dataclass(frozen=True)
class Proposal:
    """Our answer: tier, payer, shares, what stays on account, and why.

    `payment_id` is the payment that the line is, or takes back; then it has no shares.
    """

    tier: Tier
    payer_id: int | None
    shares: tuple[Share, ...]
    on_account: Decimal
    evidence: tuple[Evidence, ...]
    purpose: Purpose = Purpose.SETTLES
    payment_id: int | None = None
