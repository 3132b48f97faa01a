"""A tenth of at most 90,000 augmented images, balanced: too many for whole per cents to exclude any."""

from shared.consistency.printed import PrintedSet

PRINTED_SETS = (PrintedSet(rows=("*",), counts={"COVID": 4500, "non-COVID": 4500}, place="section 3.1.3"),)

PRINTED_NUMBERS = {("prose", "paper"): 11}
"""(source, by) -> numbers, counted in the paper: every result of a table, and every one the prose gives."""
