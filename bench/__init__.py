"""Measures Backplane against its budgets: `python -m bench [names...]`, or `make bench`.

Only ratios carry over from one machine to another, so each row measures what it is compared with in the same
run: whole processes in turn (A B A B), after one round that counts for nothing, and the medians of what they
took. Processor time stands beside wall time: it is the steadier of the two where others use the machine.
"""
