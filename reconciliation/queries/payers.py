"""Who bank lines seem to come from."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q

from o2c.core.number_keys import number_key
from o2c.masters.models import BankAccount, Customer
from reconciliation.models import PayerAlias
from reconciliation.queries.transactions import Transaction
from reconciliation.rules import Evidence, EvidenceKind, KnownPayer, normal_name, resembling


@dataclass
class Payers:
    """The customers that the accounts and names on some lines point to: names by id."""

    by_iban: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    by_name: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    #: normal names on the lines that no customer has, only one that resembles them
    only_similar: set[str] = field(default_factory=set)
    #: codes of our own accounts, by IBAN
    our_accounts: dict[str, str] = field(default_factory=dict)

    def our_own(self, line: Transaction) -> Evidence | None:
        """Why the money of a line is ours and no customer's, if it is."""
        if line.comes_back:
            said = line.return_reason or line.return_text or line.text[:60]
            return Evidence(EvidenceKind.COMES_BACK, said)
        code = self.our_accounts.get(number_key(line.counterparty_iban))
        return Evidence(EvidenceKind.OWN_ACCOUNT, line.counterparty_iban, code) if code else None

    def of(self, line: Transaction) -> list[KnownPayer]:
        """Who line seems to come from: by account, by name, and last by a similar name."""
        theirs = self.by_iban.get(line.counterparty_iban, {}) if line.counterparty_iban else {}
        if len(theirs) == 1:
            ((payer, name),) = theirs.items()
            evidence = Evidence(EvidenceKind.KNOWN_ACCOUNT, line.counterparty_iban, name)
            return [KnownPayer(payer, evidence, certain=True)]
        name_on_line = normal_name(line.counterparty_name)
        named = self.by_name.get(name_on_line, {})
        certain = len(named) == 1 and name_on_line not in self.only_similar
        kind = EvidenceKind.KNOWN_NAME if certain else EvidenceKind.SIMILAR_NAME
        return [
            KnownPayer(payer, Evidence(kind, line.counterparty_name, name), certain)
            for payer, name in named.items()
        ]


def payers_of(lines: Collection[Transaction]) -> Payers:
    """Whom the lines may come from."""
    payers = Payers()
    ibans = {line.counterparty_iban for line in lines if line.counterparty_iban}
    names = {normal_name(line.counterparty_name) for line in lines if line.counterparty_name}
    aliases = PayerAlias.objects.filter(Q(iban__in=ibans) | Q(name__in=names)).select_related(
        "customer"
    )
    for alias in aliases:
        if alias.iban:
            payers.by_iban[alias.iban][alias.customer_id] = alias.customer.name
        if alias.name:
            payers.by_name[alias.name][alias.customer_id] = alias.customer.name
    if names:
        _know_by_name(payers, names)
    if ibans:
        ours = BankAccount.objects.exclude(iban="").values_list("iban", "code")
        payers.our_accounts = {number_key(iban): code for iban, code in ours}
    return payers


def _know_by_name(payers: Payers, names: set[str]) -> None:
    """Customers of the same normal name; for names nobody has, the one that resembles it most."""
    ours: dict[str, dict[int, str]] = defaultdict(dict)
    for pk, name in Customer.objects.filter(active=True).values_list("pk", "name"):
        ours[normal_name(name)][pk] = name
    for name in names - {""}:
        if name in ours:
            payers.by_name[name].update(ours[name])
        elif name not in payers.by_name and (similar := resembling(name, ours)):
            payers.by_name[name].update(ours[similar])
            payers.only_similar.add(name)
