"""Nordlicht Haushaltswaren GmbH of Lübeck: ninety days of a company that never was.

`manage.py demo` founds it, hires one person per role and lets them trade until today, by the same
commands people use. The same day gives the same story. Its masters are the CSV files in `data`,
good examples of what the imports take.
"""
