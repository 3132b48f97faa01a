"""The test set that the text states: Data-B, each image in one of five folds."""

from shared.consistency.printed import PrintedSet

PRINTED_SETS = (
    PrintedSet(
        rows=("*-detl",),
        counts={"normal": 350, "other disease": 300, "pneumonia": 322, "COVID-19": 305},
        folds=5,
        place="Table I, section IV",
    ),
)

PRINTED_NUMBERS = {("prose", "paper"): 9, ("figure", "paper"): 3, ("table", "paper"): 8}
"""Nine in the prose; Fig. 3 prints three of them again over its matrices, Table I counts images."""

FACTS = (
    *(f"{part}_{kind}" for part in ("training", "validation") for kind in ("normal", "diseased")),
    *(f"images_{kind}" for kind in ("normal", "pneumonia", "other_disease", "covid_19")),
    *(f"covid_{source}" for source in ("sirm", "radiopaedia", "cohen", "spain")),
)
"""The counts of Table I, as runs note them, and those of section III-A's sources, which no run can count."""
