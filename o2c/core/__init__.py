"""Mechanisms without business nouns: documents, the door, commands, events, locks, numbers.

Nothing here knows what an order is. Every stage stands on it.
"""
