"""The roof: what looks across stages. Role homes, search, the trace of one order, stuck work,
the page that proves the product, and the rehearsals (replay, demo).
"""
