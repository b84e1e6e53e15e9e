"""What `start.py` does inside the virtual environment. Knows processes and files, no Django."""

from o2c.runner.commands import run_management_command, run_tests
from o2c.runner.supervisor import serve

__all__ = ["run_management_command", "run_tests", "serve"]
