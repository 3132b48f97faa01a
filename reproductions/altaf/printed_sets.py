"""The test sets that the text states: 10% of each data set, five draws."""

from shared.consistency.printed import PrintedSet

PRINTED_SETS = (
    PrintedSet(
        rows=("sc2c-*",),
        counts={"non-COVID": 123, "COVID": 125},
        draws=5,
        whole={"non-COVID": 1230, "COVID": 1252},
        place="section 4",
    ),
    PrintedSet(
        rows=("ccd-*",),
        counts={"non-COVID": 40, "COVID": 35},
        draws=5,
        whole={"non-COVID": 397, "COVID": 349},
        place="section 4",
    ),
)

PRINTED_NUMBERS = {("table", "paper"): 80, ("prose", "paper"): 1}
"""(source, by) -> numbers, counted in the paper: every result of a table, and every one the prose gives."""
