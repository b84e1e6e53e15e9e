"""Figures, text and dates as people type them; states as people see them."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import BooleanField, ChoiceField
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.money import NotADecimal
from o2c.core.states import TONES, tones
from o2c.web.badges import badge_of
from o2c.web.formats import (
    actor_text,
    language_text,
    money_text,
    number_text,
    percent_text,
    price_text,
    value_text,
)
from o2c.web.forms import DayField, Form, StrictDecimalField, TextField, differences, read_figure
from o2c.web.icons import icon
from o2c.web.timeline import event_title, facts_of
from orders.models import Order


class TestFigures:
    @pytest.mark.parametrize(
        ("language", "typed", "meant"),
        [
            ("en", "1240.5", "1240.5"),
            ("en", "1,240.50", "1240.50"),
            ("en", "1.240,50", "1240.50"),
            ("en", "1 240,5", "1240.5"),
            ("en", "1,240", "1240"),
            ("en", "1,24", "1.24"),
            ("en", "1,234,567", "1234567"),
            ("en", " \u22125 ", "-5"),
            ("en", "-0", "0"),
            ("de", "1.240", "1240"),
            ("de", "1,240", "1.240"),
            ("de", "1.240,50", "1240.50"),
            ("de", "1,240.50", "1240.50"),
            ("de", "1240.5", "1240.5"),
        ],
    )
    def test_a_figure_is_read_in_the_manner_of_the_reader(self, language, typed, meant):
        with translation.override(language):
            assert read_figure(typed) == Decimal(meant)

    @pytest.mark.parametrize(
        "typed",
        ["", "-", "1e5", "NaN", "Infinity", "1_000", "١٢", "１２", "0x10", "1,2,3", "1.2.3",
         "12,34.5", "1,2345.6", "1 2 3", "+5", "5%", "EUR 5", "--5", ".", "1,,000"],
    )  # fmt: skip
    def test_what_is_not_a_figure_is_refused(self, typed):
        with pytest.raises(NotADecimal):
            read_figure(typed)

    @given(
        st.decimals(
            allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12
        )
    )
    def test_what_is_shown_can_be_typed_again(self, value):
        for language in ("en", "de"):
            with translation.override(language):
                assert read_figure(number_text(value, 3)) == value

    def test_a_field_says_how_to_write_it(self):
        with pytest.raises(ValidationError, match=r"Write it like 1,?240\.5"):
            StrictDecimalField().clean("1e5")

    def test_a_field_never_rounds(self):
        with pytest.raises(ValidationError, match="decimal"):
            StrictDecimalField(decimal_places=2).clean("1.005")


class TestText:
    def test_invisible_characters_are_dropped_and_blanks_are_empty(self):
        assert TextField(required=False).clean(" a\u202e\u200bb\x07 ") == "ab"
        with pytest.raises(ValidationError):
            TextField().clean("\u00a0 \u200b")

    def test_lines_stay_lines_where_they_may(self):
        assert TextField(lines=True).clean("a\r\nb") == "a\nb"
        assert TextField().clean("a\nb") == "ab"

    @pytest.mark.parametrize("typed", ["2026-11-22", "22.11.2026", "22/11/2026"])
    def test_a_day_may_be_written_three_ways(self, typed):
        assert DayField(kind=DayKind.ANY).clean(typed) == date(2026, 11, 22)

    @pytest.mark.parametrize("typed", ["31.02.2026", "1999-12-31", "9999-12-31", "03/04/26", "x"])
    def test_impossible_days_are_refused(self, typed):
        with pytest.raises(ValidationError):
            DayField(kind=DayKind.ANY).clean(typed)

    def test_the_picker_and_the_answer_name_the_limits_of_the_kind(self):
        class MoneyForm(Form):
            day = DayField(kind=DayKind.NEAR, label="Value date")

        with clock.at(date(2026, 11, 29)):
            form = MoneyForm({"day": "2099-01-01"})
            assert form.errors["day"] == [
                "Value date: 1 Jan 2099 does not lie between 1 Jan 2000 and 13 Dec 2026."
            ]
            assert 'min="2000-01-01" max="2026-12-13"' in str(form["day"])


class TestFormats:
    def test_figures_read_the_same_everywhere(self):
        assert money_text(Decimal("-1240.5"), "EUR") == "−1,240.50\u00a0EUR"
        assert money_text(Decimal("1240"), "JPY") == "1,240\u00a0JPY"
        assert price_text(Decimal("0.070000")) == "0.07"
        assert price_text(Decimal("0.012500")) == "0.0125"
        assert price_text(Decimal("100")) == "100.00"
        assert percent_text(Decimal("19.00000000")) == "19\u00a0%"


class TestBadges:
    def test_a_state_class_may_look_its_own_way(self):
        class Weather(models.TextChoices):
            RAIN = "rain", "Raining"

            tones = tones(rain="attention umbrella")

        assert badge_of(Weather, "rain").tone == "attention"
        assert badge_of(Weather, "rain").label == "Raining"
        assert Weather.values == ["rain"]

    def test_every_state_of_every_model_has_word_tone_and_icon(self, recwarn):
        vocabularies = [
            states
            for model in apps.get_models()
            for states in [
                *(getattr(field, "states", None) for field in model._meta.get_fields()),
                *getattr(model, "looks", {}).values(),
            ]
            if states is not None and model._meta.app_label != "sample"
        ]
        assert len(vocabularies) > 15
        for states in vocabularies:
            assert set(states.tones) == set(states.values), states
            for state in states:
                badge = badge_of(states, state.value)
                assert str(badge.label), state
                assert badge.tone in TONES, state
                assert icon(badge.icon).startswith("<svg")
        assert not recwarn.list


class TestComparison:
    def test_typed_and_present_values_are_told_in_words(self):
        class TripForm(Form):
            day = DayField(kind=DayKind.PLANNED, label="Day")
            by = ChoiceField(label="By", choices=[("rail", "Railway"), ("sea", "Ship")])
            soon = BooleanField(label="Soon", required=False)

        form = TripForm({"day": "2026-11-22", "by": "sea"})
        fresh = {"day": date(2026, 11, 23), "by": "rail", "soon": True}

        assert differences(form, fresh) == [
            ("Day", "22 Nov 2026", "23 Nov 2026"),
            ("By", "Ship", "Railway"),
            ("Soon", "No", "Yes"),
        ]

    def test_what_is_no_day_is_shown_as_typed(self):
        class TripForm(Form):
            day = DayField(kind=DayKind.PLANNED, label="Day")

        form = TripForm({"day": "soon"})

        assert differences(form, {"day": date(2026, 11, 23)}) == [("Day", "soon", "23 Nov 2026")]


class TestWords:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("clara", "clara"),
            ("system", "System"),
            ("system:PL-000069", "System (PL-000069)"),
            ("system:tell_credit", "System (tell credit)"),
        ],
    )
    def test_the_house_itself_has_a_name(self, name, words):
        assert actor_text(name) == words

    def test_values_read_as_people_say_them(self):
        assert language_text("de") == "German"
        assert language_text("xx") == "xx"
        assert value_text([30, 60]) == "30, 60"
        assert value_text(False) == "No"
        assert value_text(Decimal("20000.0000")) == "20,000"
        assert value_text(date(2026, 11, 22)) == "22 Nov 2026"
        assert value_text("") == "–"

    def test_an_amended_line_is_told_line_by_line(self):
        facts = facts_of(
            {"changes": [{"line": 2, "field": "quantity", "old": "7.000", "new": "5.000"}]}, Order
        )

        assert [(f.label, f.old, f.value) for f in facts] == [("Line 2, quantity", "7", "5")]

    def test_an_amount_has_its_currency_and_a_day_its_month(self):
        facts = facts_of({"gross": "1190.00", "currency": "EUR", "promised": "2026-11-22"}, Order)

        told = [(f.label, f.value) for f in facts]
        assert told == [("Total", "1,190.00\u00a0EUR"), ("Promised for", "22 Nov 2026")]

    def test_what_only_steers_the_flow_is_not_told(self):
        steering = {"held_by_credit": False, "services_only": True, "nothing_owed": True}

        assert facts_of(steering, Order) == []

    def test_an_event_has_a_title_without_dots(self):
        assert event_title("pick_list.picked") == "Pick list: picked"
