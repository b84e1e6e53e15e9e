"""Evidence in the reader's language."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reconciliation.models import MatchKind
from reconciliation.rules import Evidence, EvidenceKind

SENTENCES: Mapping[str, Promise] = {
    EvidenceKind.NAMES_DOCUMENT: _("The text names %(value)s."),
    EvidenceKind.NAMES_DIGITS: _("The text has the digits of %(value)s."),
    EvidenceKind.NAMES_ORDER: _("The text names order %(value)s, billed by %(other)s."),
    EvidenceKind.NAMES_PURCHASE_ORDER: _(
        "The text names the customer's order %(value)s, billed by %(other)s."
    ),
    EvidenceKind.NAMES_DELIVERY: _("The text names delivery %(value)s, billed by %(other)s."),
    EvidenceKind.KNOWN_ACCOUNT: _("%(other)s has paid from account %(value)s before."),
    EvidenceKind.KNOWN_NAME: _("The payer's name is %(other)s's: “%(value)s”."),
    EvidenceKind.SIMILAR_NAME: _("The payer's name “%(value)s” resembles %(other)s."),
    EvidenceKind.AMOUNT_EQUAL: _("The amount is the open amount, %(value)s."),
    EvidenceKind.AMOUNT_WITH_DISCOUNT: _(
        "The amount is the open amount less the early-payment discount, %(value)s."
    ),
    EvidenceKind.AMOUNT_OF_ALL: _("The amount is the sum of all %(other)s open items, %(value)s."),
    EvidenceKind.AMOUNT_OF_SET: _("Only %(other)s together make %(value)s."),
    EvidenceKind.AMOUNT_OF_INSTALMENTS: _("The amount is its first open instalments, %(value)s."),
    EvidenceKind.AMOUNT_NEAR: _("Of what is named only %(other)s comes near: %(value)s short."),
    EvidenceKind.AMOUNT_UNIQUE: _("Only %(other)s is open with %(value)s."),
    EvidenceKind.LESS_CREDIT: _("Credit %(other)s is deducted, %(value)s."),
    EvidenceKind.SHORT: _("It is %(value)s short."),
    EvidenceKind.OVER: _("It is %(value)s too much; the rest stays on account."),
    EvidenceKind.OLDEST_FIRST: _("The amount fits no single set of items: oldest first."),
    EvidenceKind.SEVERAL_PAYERS: _("The documents belong to several payers."),
    EvidenceKind.TAKEN: _("%(value)s is proposed for another payment already."),
    EvidenceKind.SETTLED: _("%(value)s is settled already."),
    EvidenceKind.STAYS: _("The money stays on account."),
    EvidenceKind.REST_FOR: _("%(value)s stays on account for the customer of %(other)s."),
    EvidenceKind.BATCH: _("The entry holds %(value)s payments, each looked at by itself."),
    EvidenceKind.PART_UNKNOWN: _("Of %(value)s nobody is known to be the payer."),
    EvidenceKind.NOT_OPEN: _("Nothing of this payer is open: it stays on account."),
    EvidenceKind.COMES_BACK: _(
        "The bank says that money of ours comes back (%(value)s): it is no customer's payment."
    ),
    EvidenceKind.OWN_ACCOUNT: _(
        "It comes from our own account %(other)s, %(value)s: it is no customer's payment."
    ),
    EvidenceKind.NOTHING_FOUND: _("Neither text, payer nor amount points to anything open."),
    EvidenceKind.ENTERED_BY_HAND: _("%(value)s of %(other)s was entered by hand over this amount."),
    EvidenceKind.TAKES_BACK: _("The bank takes back %(value)s (%(other)s)."),
    EvidenceKind.SAME_REFERENCE: _("It carries the reference of %(value)s."),
    EvidenceKind.SAME_DOCUMENT: _("The text names %(other)s, which %(value)s has settled."),
    EvidenceKind.SAME_ACCOUNT: _("%(value)s came from the same account, %(other)s."),
    EvidenceKind.SAME_NAME: _("%(value)s is of the same payer, “%(other)s”."),
    EvidenceKind.OF_THIS_PAYER: _("%(value)s is of the same payer, %(other)s."),
    EvidenceKind.SEVERAL_ALIKE: _("%(value)s payments are as likely: this is the nearest."),
    EvidenceKind.WITH_FEE: _("The bank took %(value)s more: its fee."),
    MatchKind.JOINS: _("It is %(value)s, entered by hand; %(other)s said so."),
    MatchKind.RETURNS: _("It takes %(value)s back; %(other)s said so."),
    "chosen": _("Chosen by %(value)s."),
}


def as_json(evidence: Sequence[Evidence]) -> list[dict[str, str]]:
    """Evidence as it is stored with a match."""
    return [{"kind": str(e.kind), "value": e.value, "other": e.other} for e in evidence]


def in_words(stored: Sequence[Mapping[str, str]]) -> list[str]:
    """Stored evidence as sentences."""
    return [str(SENTENCES[e["kind"]]) % {"value": e["value"], "other": e["other"]} for e in stored]
