"""Small papers for the tests of trust: numbers as printed, and the claims about them."""

import dataclasses

from shared.comparison import Reported
from shared.consistency.printed import PrintedSet
from shared.trust.rates import printed_by

SIZES = PrintedSet(rows=("*",), counts={"COVID": 100, "Normal": 100}, place="Table 1")


def number(row, value, metric="accuracy", class_name="", **fields):
    """A rate in per cent with one digit after the point, printed in Table 1."""
    line = Reported(
        *("Table 1", row, row, class_name, "test", metric, "=", value, "", "%", 1),
        *("table", "paper", "mean", "", ""),
        runs=1,
    )
    return dataclasses.replace(line, **fields)


def printed(*numbers, sizes=SIZES):
    """What a paper prints, on one stated test set."""
    return printed_by(numbers, [sizes])
