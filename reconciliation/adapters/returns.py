"""The codes by which banks say that a payment came back.

Sources: ISO 20022 external bank transaction codes (sub-family); SWIFT "Category 9", field 61;
the German DFÜ agreement, annex 3, business transaction codes (GVC).
"""

#: sub-families of a bank transaction code: returned, recalled, unpaid or reversed
RETURN_FAMILIES = frozenset({"RRTN", "RPCR", "UPDD", "PRDD", "UPCQ", "CQRV"})
#: N or F and three letters in field 61
RETURN_KIND = "RTI"
#: cheque, collection and transfer returned; SEPA direct debit and credit transfer likewise
RETURN_GVC = frozenset({"009", "059", "108", "109", "159", "181", "184"})


def is_return(kind: str, gvc: str) -> bool:
    """Whether a SWIFT transaction type (NRTI) or a GVC (159) says that a payment came back."""
    return kind[1:] == RETURN_KIND or gvc in RETURN_GVC
