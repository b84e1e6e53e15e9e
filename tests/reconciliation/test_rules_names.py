"""A misspelt name is found; a company that only sounds alike is not taken for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.rules import normal_name, resembling

OURS = [
    "Nordwind Handels GmbH",
    "Bäckerei Sonnenschein",
    "Hanseatic Trading Ltd",
    "Filiale 12 Supermarkt Union",
    "Meyer Logistik AG",
    "Schmidt Maschinenbau",
    "Schmitt Maschinenbau",
]
KNOWN = [normal_name(name) for name in OURS]


def found(name):
    return resembling(normal_name(name), KNOWN)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NORDWIND HANDELS", "Nordwind Handels GmbH"),
        ("Nordwnd Handels GmbH", "Nordwind Handels GmbH"),
        ("Handels Nordwind", "Nordwind Handels GmbH"),
        ("BAECKEREI SONNENSCHEIN", "Bäckerei Sonnenschein"),
        ("Backerei Sonnenschein", "Bäckerei Sonnenschein"),
        ("Hanseatic Tradng Limited", "Hanseatic Trading Ltd"),
        ("Filiale 12 Supermarkt Unon", "Filiale 12 Supermarkt Union"),
    ],
)
def test_a_spelling_of_a_name_is_found(written, meant):
    assert found(written) == normal_name(meant)


@pytest.mark.parametrize(
    "written",
    [
        "Nordwand Bau GmbH",
        "Nordwind Energie GmbH",
        "Sonnenschein Solar",
        "Hanse Trade Center",
        "Meyer Transport AG",
        "Filiale 13 Supermarkt Union",
        "Filiale Supermarkt Union",
        "Meier",
        "AG",
        "",
    ],
)
def test_a_false_friend_is_not(written):
    assert found(written) is None


def test_between_two_that_are_as_near_nobody_chooses():
    assert found("Schmidtt Maschinenbau") is None
    assert found("Schmid Maschinenbau") == "SCHMIDT MASCHINENBAU"


names = st.text(st.sampled_from("ABCDEÄÖÜ 12"), min_size=1, max_size=20).map(normal_name)


@given(names, st.lists(names, max_size=6))
def test_whoever_is_found_is_one_of_ours_with_the_same_numbers(name, ours):
    meant = resembling(name, ours)

    assert meant is None or meant in ours
    if meant is not None:
        digits = [sorted(word for word in n.split() if word.isdigit()) for n in (name, meant)]
        assert digits[0] == digits[1]


@given(names.filter(bool))
def test_a_name_resembles_itself(name):
    assert resembling(name, [name]) == name
