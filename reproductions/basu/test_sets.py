"""Data-B of Table I, all of which is scored once in five folds."""

from shared.consistency import TestSet

TEST_SETS = (
    TestSet(
        rows=("*-detl",),
        counts={"normal": 350, "pneumonia": 322, "other disease": 300, "COVID-19": 305},
        folds=5,
        place="Table I",
    ),
)
