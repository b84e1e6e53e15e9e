"""Stage 1: what a customer asked for, at which price, promised for when, and how far it is."""
