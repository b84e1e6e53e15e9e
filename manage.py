#!/usr/bin/env python3
"""Django's command line. `python3 start.py manage ...` runs it with the services it needs."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2c.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        command = " ".join(sys.argv[1:]) or "help"
        sys.exit(f"Django is not installed for this Python. Try: python3 start.py manage {command}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
