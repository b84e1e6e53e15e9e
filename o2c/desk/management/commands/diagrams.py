"""manage.py diagrams [--check]: draw every state machine into docs/states/ as Mermaid."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_fsm import State

from o2c.core.models import Document

STATES = Path("docs") / "states"


def machines() -> dict[str, str]:
    """File name -> Mermaid page of every document that has a machine, in process order."""
    ours = [m for m in apps.get_models() if issubclass(m, Document) and m.steps()]
    return {
        f"{model._meta.app_label}.{model.noun}.md": draw(model)
        for model in ours
        if not model.__module__.startswith("tests.")
    }


def draw(model: type[Document]) -> str:
    """One machine: its states, its verbs, what each verb means."""
    field: Any = model._meta.get_field("state")  # type: ignore[misc]  # each subclass has one
    lines = [f"# {str(model._meta.verbose_name).capitalize()}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {value}: {label}" for value, label in field.choices]
    lines.append(f"    [*] --> {field.default}")
    arrows = {
        f"    {step.source} --> {target}: {step.name}"
        for step in model.transitions()
        for target in _targets(step.target)
    }
    lines += [*sorted(arrows), "```", "", "| verb | event | right | meaning |", "|---|---|---|---|"]
    lines += [
        f"| {verb} | {model.noun}.{info.event} | {model.permission(verb)} | "
        f"{' '.join(info.meaning.split())} |"
        for verb, info in model.steps().items()
    ]
    return "\n".join(lines) + "\n"


def _targets(target: Any) -> list[str]:
    if isinstance(target, State):
        return [str(state) for state in target.allowed_states or []]
    return [str(target)]


class Command(BaseCommand):
    help = "Draw the state machines into docs/states/; with --check only say what is out of date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="exit 1 when one is out of date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / STATES
        drawn = machines()
        present = {path.name: path.read_text() for path in folder.glob("*.*.md")}
        stale = sorted({n for n in drawn.keys() | present.keys() if drawn.get(n) != present.get(n)})
        if check:
            if stale:
                raise CommandError(f"Out of date: {', '.join(stale)}. Run manage.py diagrams.")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            if name in drawn:
                (folder / name).write_text(drawn[name])
            else:
                (folder / name).unlink()
        self.stdout.write(f"{len(drawn)} machines, {len(stale)} redrawn")
