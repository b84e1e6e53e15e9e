"""Codes and numbers are pasted with what nobody sees, and in other capitals: they are found."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.http import QueryDict
from django.urls import get_resolver, reverse

from fulfillment.commands import start_pick
from o2c.desk.search import PLACES, search
from o2c.masters.forms import form_for
from o2c.masters.models import Recorded
from o2c.web.code_fields import IdentifierField, TypedCodeField
from o2c.web.forms import CodeField
from o2c.web.tables import ForeignKeyFilter, SearchFilter, Table
from o2c.web.tables.paths import field_at
from reconciliation.forms import PayerForm
from tests.every_master import every_master
from tests.factories.masters import CustomerFactory
from tests.given.logistics import planned_list, stops
from tests.whole_house import furnish

#: How fields are called that take a code or a number.
TAKES_A_CODE = re.compile(
    r"(^|_)(code|number|iban|bic|vat_id|gln|barcode|sscc|lot|location|tracking|scac|ship_to|payer"
    r"|currency|unit|item|customer|bank_account|customer_reference|registration)(_|$)|postcode"
)
#: Named like a code, yet words; and the path of a number a form keeps hidden.
WORDS = {"payer_name", "tracking_url"}
PLAIN_BOXES = {"TextField", "CharField"}


def pasted(text: str) -> str:
    """The text as it comes out of a mail or a sheet, in other capitals."""
    half = len(text) // 2
    return f"\u00a0\u200b{text[:half]}\u200b{text[half:]}\ufeff\u00a0 ".swapcase()


def all_below(base: type[Any]) -> Iterator[type[Any]]:
    for kind in base.__subclasses__():
        yield kind
        yield from all_below(kind)


def ours(kind: type[Any]) -> bool:
    return not kind.__module__.startswith(("django.", "allauth.", "tests."))


def declared_fields() -> dict[str, forms.Field]:
    """The fields of every form there is, masters' included."""
    assert get_resolver().url_patterns  # which imports the views, and they the forms
    masters = [m for m in apps.get_models() if issubclass(m, Recorded)]
    kinds = {*filter(ours, all_below(forms.BaseForm)), *map(form_for, masters)}
    return {
        f"{kind._meta.model.__name__ if hasattr(kind, '_meta') else kind.__name__}.{name}": field
        for kind in kinds
        for name, field in getattr(kind, "base_fields", {}).items()
        if TAKES_A_CODE.search(name) and name not in WORDS
    }


def boxes_in_source() -> Iterator[tuple[str, str]]:
    """(place, name) of each plain text box in a module of forms, whoever adds it to which form."""
    root = Path(settings.BASE_DIR)
    for path in sorted(root.glob("**/forms.py")):
        if path.is_relative_to(root / "tests") or ".venv" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign | ast.Return) and isinstance(node.value, ast.Call):
                made = node.value.func
                kind = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
                if kind in PLAIN_BOXES and isinstance(node, ast.Assign):
                    yield str(path.relative_to(root)), ast.unparse(node.targets[0])
                elif kind in PLAIN_BOXES:
                    yield str(path.relative_to(root)), ast.unparse(node.value)


def test_every_field_that_takes_a_code_cleans_it():
    fields = declared_fields()
    typed = {name: f for name, f in fields.items() if isinstance(f, forms.CharField)}

    plain = {name for name, field in typed.items() if not isinstance(field, TypedCodeField)}

    assert plain == set()
    assert len(typed) > 50
    for name, field in typed.items():
        expected = "AB12" if isinstance(field, IdentifierField) else "aB12"
        field.validators = []  # how long or of which form it may be is not asked here
        assert field.clean("\u00a0\u200baB\u200b12\ufeff ") == expected, name


def test_no_form_adds_a_plain_box_for_a_code():
    boxes = list(boxes_in_source())

    assert len(boxes) > 30
    assert [
        box for box in boxes if box[1] not in WORDS and re.search(TAKES_A_CODE, _key(box[1]))
    ] == []


def _key(target: str) -> str:
    """`sscc_{number}` of `self.fields[f'sscc_{number}']`."""
    return "".join(re.findall(r"\[f?'([a-z_]+)", target)) or target


@pytest.fixture
def house():
    every_master()
    furnish()


@pytest.mark.django_db
class TestSearches:
    def test_every_list_finds_what_is_pasted_into_its_search(self, house):
        tried, missed = set(), []
        for table, one in self.filters(SearchFilter):
            for path in one.paths:
                rows = table.model._default_manager.exclude(**{f"{path}__isnull": True})
                text = rows.exclude(**{path: ""}).values_list(path, flat=True).first()
                if text is None or re.search(r"[|,\n]", text):
                    continue
                asked = one.read(QueryDict(mutable=True) | {"q": pasted(text)}, table.model)
                tried.add((table.__name__, path))
                if not table.model._default_manager.filter(asked.condition, **{path: text}):
                    missed.append((table.__name__, path, text))

        assert missed == []
        assert len({name for name, _path in tried}) > 20

    def test_every_list_finds_the_record_whose_code_is_pasted_into_a_filter(self, house):
        tried, missed = 0, []
        for table, one in self.filters(ForeignKeyFilter):
            others = field_at(table.model, one.name).related_model._default_manager
            for other in others.order_by("pk")[:3]:
                code = getattr(other, one.code)
                asked = one.read(QueryDict(mutable=True) | {one.name: pasted(code)}, table.model)
                tried += 1
                if asked.problems or asked.summary != str(other):
                    missed.append((table.__name__, one.name, code))

        assert missed == []
        assert tried > 20

    def filters(self, kind: type[Any]) -> Iterator[tuple[type[Table], Any]]:
        assert get_resolver().url_patterns
        declared = [t for t in all_below(Table) if ours(t) and hasattr(t, "model")]
        for table in declared:
            yield from ((table, one) for one in table.filters if isinstance(one, kind))

    def test_the_search_of_everything_finds_it_exactly(self, house, boss):
        tried, missed = 0, []
        user = boss.get("/").wsgi_request.user
        for kind, model, fields, _right in PLACES:
            for field in fields:
                row = model._default_manager.exclude(**{field: ""}).order_by("-pk").first()
                text = getattr(row, field, "")
                if len(text) < 2:
                    continue
                tried += 1
                found = [one for one in search(pasted(text), user) if one.kind == kind]
                if not any(one.is_exact and one.name == str(row) for one in found):
                    missed.append((str(kind), field, text))

        assert missed == []
        assert tried >= 10

    def test_every_field_that_names_a_record_finds_it(self, house):
        fields = {n: f for n, f in declared_fields().items() if isinstance(f, CodeField)}
        tried = 0
        for name, field in fields.items():
            code = str(field.to_field_name)
            for row in field.rows.all().order_by("pk")[:3]:
                tried += 1
                assert field.clean(pasted(getattr(row, code))) == row, name

        assert len(fields) >= 10
        assert tried > 20


@pytest.mark.django_db
class TestScans:
    @pytest.mark.parametrize("what", ["item code", "barcode", "location"])
    def test_a_stop_is_found_by_what_is_scanned(self, pablo, picker, what):
        pick_list = start_pick(planned_list((1, 1)).pk, actor=picker)
        [stop] = stops(pick_list)
        type(stop.item).objects.filter(pk=stop.item_id).update(barcode="Own-4711")
        said = {
            "item code": stop.item.code, "barcode": "Own-4711", "location": stop.location.code
        }  # fmt: skip
        url = reverse("fulfillment:floor_pick", args=[pick_list.pk])

        answer = pablo.post(url, {"scan": pasted(said[what]), "stop": stop.pk})

        assert answer.status_code == 303
        pick_list.refresh_from_db()
        assert pick_list.state == ("picking" if what == "location" else "picked")

    def test_a_payer_is_found_by_the_longest_code_there_may_be(self):
        payer = CustomerFactory(code="Alpha-" + 34 * "7")

        form = PayerForm({"payer": pasted(payer.code)})

        assert form.is_valid()
        assert form.cleaned_data["payer"] == payer
        assert PayerForm({"payer": "nobody"}).errors["payer"] == [
            "There is no customer with this code."
        ]
