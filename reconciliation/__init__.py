"""Stage 7: the bank says what was paid, and every cent finds its order.

Documents: BankStatement (what the bank says), Match (what we make of one of its lines).
Comes from receivables, whose open items a match settles; leads nowhere: this is the end.
"""
