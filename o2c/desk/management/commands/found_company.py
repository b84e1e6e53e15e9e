"""manage.py found_company --name NAME --country DE --base-currency EUR --standard-percent 19 ..."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.core.actors import SystemActor
from o2c.core.errors import RuleViolation
from o2c.desk.commands import found_company
from o2c.desk.forms import FoundingForm


class Command(BaseCommand):
    help = "Set up the company of an empty database: accounts, taxes, terms, reminders with it."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, field in FoundingForm().fields.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                required=field.required,
                help=str(field.label or "").replace("%", "%%"),
            )

    def handle(self, *args: Any, **options: Any) -> None:
        form = FoundingForm(options)
        if not form.is_valid():
            raise CommandError(
                "\n".join(_said(name, text) for name, told in form.errors.items() for text in told)
            )
        try:
            company = found_company(**form.cleaned_data, actor=SystemActor("found_company"))
        except RuleViolation as refusal:
            told = [_said(error.field, error) for error in refusal.errors]
            raise CommandError("\n".join(told)) from refusal
        self.stdout.write(f"{company} is set up.")


def _said(field: str | None, problem: object) -> str:
    return f"--{field.replace('_', '-')}: {problem}" if field else str(problem)
