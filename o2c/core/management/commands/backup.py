"""manage.py backup FILE: everything, in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.core.backup import BackupRefused, back_up
from o2c.core.management.progress import Steps


class Command(BaseCommand):
    help = "Write database and attachments of one moment into FILE. Nobody has to stop working."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="must not exist yet")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = back_up(file, Steps(self.stderr))
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        for sha256 in manifest.lost_files:
            self.stderr.write(f"The store has no file {sha256}: it is not in the backup.")
        self.stdout.write(
            f"{file}: {manifest.rows:,} rows of {len(manifest.tables)} tables, "
            f"{manifest.files:,} files, {file.stat().st_size // 1_000:,} kB"
        )
