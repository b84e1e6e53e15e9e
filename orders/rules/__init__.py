"""Decisions about orders on plain values. No ORM, clock or settings."""
