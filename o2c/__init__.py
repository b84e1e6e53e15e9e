"""Floor and roof of the house.

Floor (imported by every stage): `core`, `masters`, `stock`, `ledger`.
Roof (imports every stage): `settings`, `urls`, `flow`, `rights`, `desk`.
This file may import nothing but the Celery app, or the floor would rest on the roof.
"""

from o2c.celery import app as celery_app

__all__ = ["celery_app"]
