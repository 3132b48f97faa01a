"""What a line of reported.csv may say, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping

from shared.comparison.prediction import DESIGNS
from shared.comparison.words import SPLITS, Words, problem

SCALES = {"%": 0.01, "points": 0.01, "fraction": 1.0, "count": 1.0, "MB": 1.0, "s": 1.0, "ms": 1.0}
"""What turns a unit into a fraction (or leaves a count as it is)."""
RATE_UNITS = ("%", "points", "fraction")
OPERATORS = ("=", ">=", ">", "<=", "<", "~", "most draws")
TAKES = ("mean", "pooled", "best-validation", "best-row", "worst-row")
CLASS_FROM = ("text", "inferred")


def problem_of(line: Mapping[str, str]) -> str | None:
    """One sentence about the first error in a line of reported.csv, or None."""
    for column, allowed in (
        ("operator", OPERATORS),
        ("unit", tuple(SCALES)),
        ("source", ("table", "prose", "figure")),
        ("by", ("paper", "others")),
        ("take", (*TAKES, "")),
        ("design", (*DESIGNS, "")),
        ("class_from", CLASS_FROM if line["class_name"] else ("",)),
        ("split", SPLITS),
    ):
        if line[column] not in allowed:
            return problem(column, line[column], [word for word in allowed if word])
    if not line["value"]:
        return None if line["source"] == "figure" else "a value is missing"
    try:
        decimals, _ = int(line["decimals"]), [float(line[name] or 0) for name in ("value", "effect")]
        runs = int(line["runs"] or 0)
    except ValueError:
        return "value and effect must be numbers, decimals and runs whole numbers"
    printed = len(line["value"].partition(".")[2])
    if 0 < printed != decimals >= 0:  # a bare "1" has the digits of its column
        return f"value '{line['value']}' has {printed} decimals, not {decimals}"
    return _problem_of_setup(line, runs)


def unknown_word(line: Mapping[str, str], words: Words) -> str | None:
    """The first word that is none of the paper's rows, classes and metrics."""
    asked = [("row", row) for row in line["row"].split()] + [("metric", line["metric"])]
    asked += [("class", line["class_name"])] if line["class_name"] else []
    return next(filter(None, (words.problem(kind, word) for kind, word in asked)), None)


def _problem_of_setup(line: Mapping[str, str], runs: int) -> str | None:
    if bool(line["design"]) != (runs > 0):
        return "runs and design belong together: a number without noise has neither"
    if line["design"] and not line["setup_place"]:
        return "setup_place must say where runs, design and effect are from"
    if line["spread_unusable"] and not line["spread"]:
        return "spread_unusable says why a printed ± cannot be used, but no spread is printed"
    return None
