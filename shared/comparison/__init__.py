"""Reported against obtained. This is the one door to comparison: other rooms import from here."""

from shared.comparison import metrics
from shared.comparison.answers import obtain
from shared.comparison.claims import (
    CLAIM_RULE,
    FAILS,
    HOLDS,
    Claim,
    ClaimResult,
    RunsByRow,
    above,
    all_of,
    at_least,
    beats,
    check_claims,
    in_most_draws,
    within,
)
from shared.comparison.intervals import interval_over_draws
from shared.comparison.metrics import t_interval
from shared.comparison.run_folders import folder_name, put_aside, write_run
from shared.comparison.run_reading import DamagedRun, find_runs, read_run
from shared.comparison.runs import Predictions, Run, by_row, measure, pool
from shared.comparison.tables import (
    REPORTED_COLUMNS,
    Obtained,
    Reported,
    load_obtained,
    load_reported,
    write_obtained,
)
from shared.comparison.verdicts import INCONCLUSIVE, VERDICT_RULE, VERDICTS, Comparison, compare, read_as
from shared.comparison.words import Words, asking, check_tests

__all__ = [
    "CLAIM_RULE",
    "FAILS",
    "HOLDS",
    "INCONCLUSIVE",
    "REPORTED_COLUMNS",
    "VERDICTS",
    "VERDICT_RULE",
    "Claim",
    "ClaimResult",
    "Comparison",
    "DamagedRun",
    "Obtained",
    "Predictions",
    "Reported",
    "Run",
    "RunsByRow",
    "Words",
    "above",
    "all_of",
    "asking",
    "at_least",
    "beats",
    "by_row",
    "check_claims",
    "check_tests",
    "compare",
    "find_runs",
    "folder_name",
    "in_most_draws",
    "interval_over_draws",
    "load_obtained",
    "load_reported",
    "measure",
    "metrics",
    "obtain",
    "pool",
    "put_aside",
    "read_as",
    "read_run",
    "t_interval",
    "within",
    "write_obtained",
    "write_run",
]
