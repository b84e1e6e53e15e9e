"""A retail file as a month of business: every invoice in it becomes a customer order that is
captured, checked, picked, packed, shipped, billed, paid and reconciled by commands.
"""
