"""Which spellings of a customer's order number are one number, and which are two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.drafts import reference_key

SEPARATORS = st.sampled_from(["-", "/", ".", " ", "_", " - ", "\u2011", "\u00a0"])
GROUPS = st.lists(st.from_regex(r"[0-9]{1,4}", fullmatch=True), min_size=1, max_size=4)


@pytest.mark.parametrize(
    "spelling",
    ["PO-4711", "po 4711", "Po4711", " PO/4711 ", "PO\u200b4711", "\uff30\uff2f-4711"],
)
def test_case_blanks_and_what_nobody_sees_make_no_other_number(spelling):
    assert reference_key(spelling) == "po4711"


@pytest.mark.parametrize(
    ("one", "other"),
    [("2024/11-1", "2024/1-11"), ("1-23", "12-3"), ("PO 1.23", "PO 12.3"), ("1-2-3", "123")],
)
def test_numbers_that_only_share_their_digits_are_two(one, other):
    assert reference_key(one) != reference_key(other)


def test_which_separator_stands_between_digits_does_not_matter():
    assert reference_key("2024/11-1") == reference_key("2024-11/1") == reference_key("2024 11 1")


@given(GROUPS, st.data())
def test_the_groups_of_digits_are_the_number_however_they_are_separated(groups, data):
    spelt = groups[0]
    for group in groups[1:]:
        spelt += data.draw(SEPARATORS) + group

    assert reference_key(spelt).split("-") == groups


@given(st.text(max_size=64))
def test_a_key_is_its_own_key_and_fits_its_column(reference):
    key = reference_key(reference)

    assert reference_key(key) == key
    assert len(key) <= 64
