"""The numbers of the books are found however a payer, or his bank, writes them."""

from collections import defaultdict
from string import ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.number_keys import digits_key, number_key
from reconciliation.rules import Name, lookups, mentions

BOOKS = [
    *("INV-2026-000017", "CN-2026-000003", "RE-10550", "RE-10350", "DL-000004", "SO-000042"),
    *("1991838680", "2024/11-1", "2024/1-11", "A7", "4711", "Bestellung 12/B"),
]


def read(text, books=BOOKS):
    """The numbers of the books that a text names, and whether that is sure."""
    names, by_digits = defaultdict(list), defaultdict(list)
    for index, number in enumerate(books):
        names[number_key(number)].append(Name(index, "names_document", number))
        by_digits[digits_key(number)].append(Name(index, "names_digits", number))
    return [
        ([name.number for name in mention.names], mention.sure)
        for mention in mentions(text, names, by_digits)
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("RE-10550 less 100 damaged", "RE-10550"),
        ("re10550", "RE-10550"),
        ("Rechnung RE 10550, danke", "RE-10550"),
        ("RE.-NR.: RE/10550", "RE-10550"),
        ("RE-105\n50", "RE-10550"),
        ("RechnungRE10550vom 1.2.", None),
        ("inv 2026 000017", "INV-2026-000017"),
        ("INV2026000017", "INV-2026-000017"),
        ("INV/2026/0000 17", "INV-2026-000017"),
        ("charges DL 000004", "DL-000004"),
        ("credit cn-2026-000003", "CN-2026-000003"),
        ("so-000042", "SO-000042"),
        ("EREF1991838680SVWZ", "1991838680"),
        ("RF45INV2026000017", "INV-2026-000017"),
        ("RF18 1991 8386 80", "1991838680"),
        ("RF181991838680", "1991838680"),
        ("our order bestellung 12 b", "Bestellung 12/B"),
        ("2024/11-1", "2024/11-1"),
        ("2024 1 11", "2024/1-11"),
        ("A7", "A7"),
    ],
)
def test_a_number_is_found_as_people_write_it(text, number):
    found = [numbers for numbers, sure in read(text) if sure]

    assert found == ([[number]] if number else [])


@pytest.mark.parametrize(
    "text",
    [
        "XINV-2026-000017",  # a series of somebody else
        "INV-2026-0000170",
        "RE-1055",
        "RE-105500",
        "BA71",  # ends with a number of ours, begins with something else
        "less 100 damaged",
    ],
)
def test_what_only_looks_like_a_number_is_none(text):
    assert [numbers for numbers, sure in read(text) if sure] == []


def test_digits_alone_are_never_sure():
    assert read("Rechnung 10550") == [(["RE-10550"], False)]
    assert read("0010550") == [(["RE-10550"], False)]


def test_a_short_number_without_a_letter_is_never_sure():
    assert read("order 4711") == [(["4711"], False)]


def test_a_comma_parts_two_numbers_and_a_blank_does_not():
    assert read("RE-10,550") == []
    assert read("RE 10 550") == [(["RE-10550"], True)]


def test_without_separators_both_readings_are_possible():
    assert read("2024111") == [(["2024/11-1", "2024/1-11"], True)]


def test_the_longest_number_counts():
    books = ["RE-1", "RE-12", "RE-12-3"]

    assert [names for names, _sure in read("RE 12 3, RE 12", books)] == [["RE-12-3"], ["RE-12"]]


part = st.text(ascii_uppercase, min_size=1, max_size=4) | st.text(digits, min_size=1, max_size=6)
number = (
    st.lists(part, min_size=1, max_size=4)
    .map("-".join)
    .filter(lambda n: sum(c.isdigit() for c in n) >= 2 and len(n) >= 5)
)


@given(number, st.data())
def test_any_number_of_the_books_is_found_with_any_separators(own, data):
    between = st.sampled_from(["", " ", "-", "/", ".", " - ", "\n", ":"])
    written = "".join(c if c != "-" else data.draw(between) for c in own)
    before, after = data.draw(st.sampled_from(["", "paid, ", "(", "Danke | "])), ", thanks"

    found = read(before + written.lower() + after, [own])

    assert [own] in [names for names, _sure in found]


@given(number, st.text(max_size=60))
def test_what_is_found_was_looked_for(own, text):
    """The database is asked for every key a text can name, and only for those."""
    asked = lookups([text + " " + own])

    assert number_key(own) in asked.keys
    for names, sure in read(text, [own]):
        assert names == [own]
        assert number_key(own) in asked.keys if sure else True


@given(st.text(max_size=200))
def test_no_text_upsets_the_reader(text):
    asked = lookups([text])

    assert all(any(c.isdigit() for c in key) for key in asked.keys)
    assert all(key.isdigit() and len(key) >= 5 for key in asked.digits)
