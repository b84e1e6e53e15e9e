"""Decisions on plain values: due dates, prices, units, identifiers. No ORM, clock or settings."""
