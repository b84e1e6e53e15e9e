"""manage.py restore FILE [--replace]: what `backup` wrote, into an empty database."""

from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError, connection

from o2c.core.backup import BackupRefused, restore
from o2c.core.databases import create_missing_database
from o2c.core.management.progress import Steps


class Command(BaseCommand):
    help = "Bring back database and attachments from FILE, then verify. Stop web and worker first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="what `backup` wrote")
        parser.add_argument(
            "--replace", action="store_true", help="delete what the database holds now"
        )

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        self._make_database()
        try:
            manifest = restore(file, Steps(self.stderr), replace=replace)
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        except OperationalError as error:
            raise CommandError(f"Is somebody working here? Stop web and worker: {error}") from error
        except (DatabaseError, psycopg.Error) as error:  # COPY raises the driver's own
            raise CommandError(f"Its rows do not fit; nothing was changed: {error}") from error
        call_command("migrate", verbosity=0, interactive=False)
        self.stdout.write(
            f"{manifest.rows:,} rows and {manifest.files:,} files as of {manifest.made_at}"
        )
        call_command("verify", stdout=self.stdout, stderr=self.stderr)

    def _make_database(self) -> None:
        """Make the database when there is none of that name. Raises CommandError."""
        if connection.connection is not None:
            return  # it is there
        try:
            if made := create_missing_database():
                self.stdout.write(f"There was no database {made}: it is made.")
        except psycopg.OperationalError as error:
            raise CommandError(f"The database server cannot be reached: {error}") from error
        except psycopg.Error as error:
            raise CommandError(
                f"There is no database {connection.settings_dict['NAME']}, and its user may not "
                f"make one: {error}"
            ) from error
