"""A tenth of at most 90,000 augmented images, balanced: too many for whole per cents to exclude any."""

from shared.consistency.checks import TestSet

TEST_SETS = (TestSet(rows=("*",), counts={"COVID": 4500, "non-COVID": 4500}, place="section 3.1.3"),)
