"""Floors and roof of the product; imports only go down this list.

Roof, which imports every stage: `urls`, `desk` and `rehearsal`, `flow` and `rights`.
Here stand the seven stages.
Floors, imported by every stage: `stock` and `ledger`, `masters`, `web`, `tabular`, `core`.
Apart, imported by `start.py` only: `runner`.
This file may import nothing but the Celery app, or the floors would rest on the roof.
"""

from o2c.celery import app as celery_app

__all__ = ["celery_app"]
