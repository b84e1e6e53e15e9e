"""Stage 6: what customers owe, and the money that came.

An open item is one instalment of a posted invoice (or a credit). A payment is allocated to open
items; allocations are dated twice and reversed, never edited, so that aging is right for any day
as known at any moment. Comes from invoicing; leads to reconciliation.
"""
