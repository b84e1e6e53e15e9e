"""Decisions about what customers owe, on plain values: no database, clock or settings."""
