"""The test split of COVIDx CT-2A, for the paper's rows and those it cites."""

from shared.consistency.checks import TestSet

TEST_SETS = (TestSet(rows=("*",), counts={"Normal": 12245, "CP": 7395, "NCP": 6018}, place="Fig. 2"),)
