"""House rules as tests. Each names the file and line it found, so that it can be mended."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from o2c.core.models import Eventful

ROOT = Path(__file__).resolve().parent.parent
STAGES = [
    "orders",
    "credit",
    "fulfillment",
    "shipping",
    "invoicing",
    "receivables",
    "reconciliation",
]
PRODUCT = ["o2c", *STAGES]
STAGE_MODULES = {
    *("models", "rules", "queries", "commands", "adapters", "forms", "tables", "views", "urls"),
    *("api", "tasks", "admin", "apps", "migrations", "management", "__init__"),
}
EMPTY_NAMES = {"utils", "helpers", "common", "manager", "managers", "misc"}
MONEY_MODULES = ("rules", "money", "commands", "queries", "ledger", "stock", "models", "adapters")


@cache
def sources(*folders: str) -> list[tuple[Path, ast.Module, str]]:
    """Path, syntax tree and text of every Python file below folders, migrations left out."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                text = path.read_text()
                found.append((path.relative_to(ROOT), ast.parse(text), text))
    return found


def nodes(kind: type, *folders: str) -> Iterator[tuple[Path, ast.AST]]:
    for path, tree, _ in sources(*folders):
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield path, node


def at(path: Path, node: ast.AST) -> str:
    return f"{path}:{node.lineno}"  # type: ignore[attr-defined]


def test_files_keep_under_400_lines():
    long = {
        str(path): text.count("\n")
        for path, _, text in sources(*PRODUCT, "tests")
        if text.count("\n") > 400
    }
    assert long == {}


def test_start_py_keeps_its_caps_too():
    text = (ROOT / "start.py").read_text()
    assert text.count("\n") <= 400


def test_functions_keep_under_70_lines():
    long = [
        f"{at(path, node)} {node.name}"
        for path, node in nodes(ast.FunctionDef, *PRODUCT, "tests")
        if node.end_lineno - node.lineno + 1 > 70
    ]
    assert long == []


def test_style_sheets_keep_under_400_lines():
    sheets = sorted((ROOT / "static" / "css").glob("*.css"))
    assert len(sheets) > 10
    assert [sheet.name for sheet in sheets if sheet.read_text().count("\n") > 400] == []


def test_templates_keep_under_150_lines():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "templates").rglob("*.html")
        if (lines := path.read_text().count("\n")) > 150
    }
    assert long == {}


def test_template_lines_keep_to_120():
    """Pages, e-mails and printed documents alike."""
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    lines = [(path, line) for path in templates for line in path.read_text().splitlines()]
    assert len(lines) > 2000
    assert [f"{path.relative_to(ROOT)}: {line}" for path, line in lines if len(line) > 120] == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_the_file_names_every_stage_has(stage):
    found = {
        child.stem
        for child in (ROOT / stage).iterdir()
        if child.suffix == ".py" or (child.is_dir() and child.name != "__pycache__")
    }
    assert found <= STAGE_MODULES


def test_no_file_has_an_empty_name():
    named = [path for path, _, _ in sources(*PRODUCT, "tests") if path.stem in EMPTY_NAMES]
    assert named == []


def test_a_number_tells_the_kind_of_its_document():
    prefixes = re.findall(
        r'number_from_id\("(\w+)"', "".join(text for _, _, text in sources(*PRODUCT))
    )
    assert len(prefixes) > 15
    assert sorted(set(prefixes)) == sorted(prefixes)


def test_only_the_door_writes_state():
    """`x.state = ...` anywhere, or a queryset's `update(state=...)`, goes round the door.

    A delivery is the one row with a state that is no document: it is the bookkeeping of the
    door's own events, and only the module that pays it writes it.
    """
    allowed = {"o2c/core/deliveries.py"}
    documents = {"state"}
    writers = set()
    for path, node in nodes(ast.Attribute, *PRODUCT):
        if node.attr in documents and isinstance(node.ctx, ast.Store):
            writers.add(str(path))
    for path, node in nodes(ast.Call, *PRODUCT):
        name = getattr(node.func, "attr", "")
        if name == "update" and any(k.arg == "state" for k in node.keywords):
            writers.add(str(path))
        if name in {"bulk_update", "update_rows"} and any(
            isinstance(c, ast.Constant) and c.value == "state" for c in ast.walk(node)
        ):
            writers.add(str(path))
        if getattr(node.func, "id", "") == "setattr" and any(
            isinstance(a, ast.Constant) and a.value == "state" for a in node.args
        ):
            writers.add(str(path))
    assert writers <= allowed, writers - allowed


def test_every_fact_has_words_or_steers_the_flow():
    """A fact nobody gave words would be missing from the timeline unnoticed."""
    records = {"begin", "begin_many", "transition", "save_document", "record_event"}
    eventful = [model for model in apps.get_models() if issubclass(model, Eventful)]
    known = {name for model in eventful for name in model.fact_words} | {"changes", "currency"}
    told = set()
    for _path, node in nodes(ast.Call, *PRODUCT):
        if getattr(node.func, "id", "") == "when":
            known |= {k.value.value for k in node.keywords if k.arg == "given"}
        elif getattr(node.func, "id", "") in records:
            told |= {k.arg for k in node.keywords if k.arg}
    assert "gross" in told
    assert told - known == {"actor", "event", "facts"}


def test_no_float_comes_near_money():
    """Rules, books, commands and queries know Decimal only."""
    floats = []
    for path, tree, _ in sources(*PRODUCT):
        if not any(part.removesuffix(".py") in MONEY_MODULES for part in path.parts):
            continue
        if str(path) == "shipping/adapters.py":  # pictures and bars, measured in millimetres
            continue
        for node in ast.walk(tree):
            is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float"
            is_literal = isinstance(node, ast.Constant) and type(node.value) is float
            is_field = isinstance(node, ast.Attribute) and node.attr == "FloatField"
            if is_call or is_literal or is_field:
                floats.append(at(path, node))
    assert floats == []


def test_nothing_is_sent_to_the_broker_inside_a_transaction():
    """`.delay(` and friends live in the kernel's doorbell, which rings after the commit."""
    senders = {
        str(path)
        for path, node in nodes(ast.Attribute, *PRODUCT)
        if node.attr in {"delay", "apply_async", "delay_on_commit", "send_task"}
    }
    assert senders <= {"o2c/core/doorbell.py"}


def test_only_the_clock_asks_for_the_time():
    askers = []
    for path, node in nodes(ast.Call, *PRODUCT):
        name = ast.unparse(node.func)
        if name in {
            *("timezone.now", "datetime.now", "datetime.utcnow", "datetime.today"),
            *("date.today", "time.time", "timezone.localdate"),
        } and not str(path).startswith(("o2c/core/clock", "o2c/runner")):
            askers.append(at(path, node))
    assert askers == []


def test_rows_are_locked_by_the_lock_helper_only():
    lockers = {
        str(path)
        for path, node in nodes(ast.Attribute, *PRODUCT)
        if node.attr == "select_for_update"
    }
    assert lockers <= {
        *("o2c/core/locks.py", "o2c/core/deliveries.py"),
        "credit/commands/accounts.py",  # opening an account, when there is no row to lock yet
    }


#: Commands that are proven with the one they are a part of, or with the page they stand on.
PROVEN_TOGETHER = {
    "finish_letter": "test_send_dunning_letter",
    "settle_order": "test_settle_orders",
    "settle_orders_of_credit": "test_settle_orders",
    "settle_orders_of_write_off": "test_settle_orders",
    "post_adjustment_value": "test_flow_bridges",
    "post_count_value": "test_flow_bridges",
    "post_receipt_value": "test_flow_bridges",
    "settle_billed_order": "test_flow_bridges",
    "use_credit_note": "test_flow_bridges",
}


def test_each_command_has_its_test_file():
    files = {path.stem for path, _, _ in sources("tests")}
    missing = [
        f"{at(path, node)}: {node.name}"
        for path, node in nodes(ast.FunctionDef, *PRODUCT)
        if isinstance(node, ast.FunctionDef)
        and any("command" in ast.unparse(each).split("(")[0] for each in node.decorator_list)
        and not node.name.startswith("_")
        and "demo" not in path.parts
        and PROVEN_TOGETHER.get(node.name, f"test_{node.name}") not in files
    ]

    assert missing == []


def test_a_command_takes_parts_back_by_attempt_only():
    """A bare savepoint undoes rows, but not what the command has in hand (ADR 10)."""
    bare = [
        at(path, node)
        for path, node in nodes(ast.Attribute, *PRODUCT)
        if node.attr == "atomic"
        and not str(path).startswith("o2c/core/")
        and str(path) != "o2c/masters/admin.py"  # the unit of work of an admin page
    ]
    assert bare == []


def test_business_uses_no_signals():
    receivers = {
        at(path, node)
        for path, node in nodes(ast.Attribute, *STAGES)
        if node.attr in {"connect", "post_save", "pre_save", "post_delete"}
    }
    assert receivers == set()


def test_adapters_are_the_only_readers_of_foreign_xml():
    importers = {
        str(path)
        for path, node in nodes((ast.Import, ast.ImportFrom), *PRODUCT)  # type: ignore[arg-type]
        if "etree" in ast.unparse(node) or "xml." in ast.unparse(node)
    }
    writers = {"o2c/core/pdf_support.py"}  # writes a fontconfig file
    assert importers <= {"o2c/core/safe_xml.py"} | writers | {
        str(path) for path, _, _ in sources(*STAGES) if "adapters" in path.parts
    }


def test_the_kernel_speaks_no_http():
    """Requests, responses and templates of pages live in `o2c.web` and above."""
    web = ("django.http", "django.shortcuts", "django.views", "django.middleware")
    speakers = [
        at(path, node)
        for path, node in nodes((ast.Import, ast.ImportFrom), "o2c/core", "o2c/tabular")
        if ast.unparse(node).split()[1].startswith(web)
    ]
    assert speakers == []


def test_no_view_is_exempt_from_csrf():
    exempt = [
        at(path, node) for path, node in nodes(ast.Name, *PRODUCT) if node.id == "csrf_exempt"
    ]
    assert exempt == []


def test_every_foreign_key_protects():
    """Nothing in the business vanishes because something else did."""
    ours = [m for m in apps.get_models() if m.__module__.split(".")[0] in PRODUCT]
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in ours
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is not models.PROTECT
        and not hasattr(model, "instance_type")  # history rows outlive what they describe
    ]
    assert loose == []


def test_every_money_column_is_nan_proof():
    from djmoney.models.fields import MoneyField

    from o2c.core.fields import _DomainField

    ours = [m for m in apps.get_models() if m.__module__.split(".")[0] in PRODUCT]
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in ours
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.DecimalField)
        and not isinstance(field, _DomainField | MoneyField)
    ]
    assert loose == []


def test_templates_hold_no_inline_style_or_script():
    """The strict content security policy would block them; PDFs are not pages."""
    guilty = []
    for path in (ROOT / "templates").rglob("*.html"):
        if "pdf" in path.parts:
            continue
        text = path.read_text()
        if re.search(r'\sstyle="|\shx-on|javascript:|<style|<script(?![^>]*\bsrc=)', text):
            guilty.append(str(path.relative_to(ROOT)))
    assert guilty == []


def test_import_linter_ignores_nothing():
    text = (ROOT / "pyproject.toml").read_text()
    assert "ignore_imports" not in text


#: In brackets, so that the pattern is no mark itself.
LEFT_TO_DO = r"\b(TO[D]O|FIX[M]E|XX[X]|raise NotImplemented[E]rror)\b"


def test_nothing_is_left_to_do():
    marked = [
        f"{path}: {line.strip()[:60]}"
        for path, _, text in sources(*PRODUCT)
        for line in text.splitlines()
        if re.search(LEFT_TO_DO, line)
    ]
    assert marked == []


#: What no module imports: a server, compression beside static files, fonts for documents.
USED_BY_NAME = {"gunicorn": "start_web", "whitenoise": "WhiteNoise", "font-manrope": "manrope"}


def test_what_is_required_is_used():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[\[><=]", requirement)[0] for requirement in wanted}
    modules = defaultdict(set)
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules[distribution.lower()].add(module)
    text = "".join(text for _, _, text in sources(*PRODUCT))

    unused = [
        name
        for name in names
        if not any(re.search(rf"""(?:import|from|["'])\s*{m}\b""", text) for m in modules[name])
        and USED_BY_NAME.get(name, "\0").lower() not in text.lower()
    ]
    assert unused == []
