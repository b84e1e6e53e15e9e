"""Stage 2: who may owe us how much, and who decides when it would be more."""
