"""The test set that the text states: Data-B, each image in one of five folds."""

from shared.consistency.checks import TestSet

TEST_SETS = (
    TestSet(
        rows=("*-detl",),
        counts={"normal": 350, "other disease": 300, "pneumonia": 322, "COVID-19": 305},
        folds=5,
        place="Table I, section IV",
    ),
)
