"""The test split of COVIDx CT-2A, for the paper's rows and those it cites."""

from shared.consistency.printed import PrintedSet

PRINTED_SETS = (
    PrintedSet(
        rows=("*",),
        counts={"Normal": 12245, "CP": 7395, "NCP": 6018},
        place="Fig. 2",
        repeats=("Table 3",),  # "We repeated the experiment and the results were slightly different"
    ),
)

PRINTED_NUMBERS = {
    ("table", "paper"): 49,
    ("table", "others"): 39,
    ("prose", "paper"): 7,
    ("figure", "paper"): 24,
}
"""(source, by) -> numbers, counted in the paper: every result of a table, and every one the prose gives."""

FACTS = ("images", "patients")
"""How many there are in all, as a row that counts notes them."""
