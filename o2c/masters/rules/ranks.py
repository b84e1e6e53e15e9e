"""The order in which the rows of an order to cash are locked."""

from enum import IntEnum


class Rank(IntEnum):
    """Whoever locks rows of several kinds takes those of a lower rank first.

    It follows the goods and then the money. Kinds of one rank are never locked after one another
    in two orders; within a rank rows are locked by primary key. Numbers of documents come last
    (`o2c.core.numbering`).
    """

    PERIOD = 20
    MASTER = 25
    CREDIT_AUTHORITY = 28
    CREDIT_ACCOUNT = 30
    ORDER = 40
    CREDIT_CHECK = 45
    ORDER_LINE = 50
    GOODS_DOCUMENT = 60  # pick lists, shipments, returns, stock documents, and their lines
    EXPECTED_RECEIPT = 65
    STOCK_BALANCE = 70
    INVOICE = 80
    MATCH = 86
    BANK_STATEMENT = 87
    MONEY_DOCUMENT = 90  # bank lines, payments, credits applied, write-offs, cases, dunning runs
    DUNNING_LETTER = 95
    OPEN_ITEM = 100
