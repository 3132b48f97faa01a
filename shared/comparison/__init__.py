"""Reported against obtained. This is the one door to comparison: other rooms import from here."""

from shared.comparison import metrics
from shared.comparison.answers import ON_LOG_SCALE, obtain
from shared.comparison.claims import (
    CLAIM_RULE,
    FAILS,
    HOLDS,
    Claim,
    ClaimResult,
    ClaimTest,
    RunsByRow,
    above,
    all_of,
    at_least,
    beats,
    check_claims,
    decide,
    in_most_draws,
    within,
)
from shared.comparison.evidence import files_of, place_of, record_run, same_run, strange_files, unfit
from shared.comparison.intervals import TAIL, Effect, difference, interval_over_draws, paired
from shared.comparison.planned import best_verdicts
from shared.comparison.rule import INCONCLUSIVE, REPRODUCED, VERDICT_RULE, VERDICTS
from shared.comparison.run_folders import folder_name, put_aside, write_run
from shared.comparison.run_reading import (
    DamagedRun,
    LeftOut,
    find_evidence,
    find_runs,
    once_each,
    read_run,
)
from shared.comparison.runs import Predictions, Run, by_row, measure, pool
from shared.comparison.simulation_page import write_simulation
from shared.comparison.tables import (
    REPORTED_COLUMNS,
    Obtained,
    Reported,
    count_text,
    load_reported,
)
from shared.comparison.verdicts import Comparison, compare, read_as
from shared.comparison.words import FACTS, Asking, Words, asking, check_tests

__all__ = [
    "CLAIM_RULE",
    "FACTS",
    "FAILS",
    "HOLDS",
    "INCONCLUSIVE",
    "ON_LOG_SCALE",
    "REPORTED_COLUMNS",
    "REPRODUCED",
    "TAIL",
    "VERDICTS",
    "VERDICT_RULE",
    "Asking",
    "Claim",
    "ClaimResult",
    "ClaimTest",
    "Comparison",
    "DamagedRun",
    "Effect",
    "LeftOut",
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
    "best_verdicts",
    "by_row",
    "check_claims",
    "check_tests",
    "compare",
    "count_text",
    "decide",
    "difference",
    "files_of",
    "find_evidence",
    "find_runs",
    "folder_name",
    "in_most_draws",
    "interval_over_draws",
    "load_reported",
    "measure",
    "metrics",
    "obtain",
    "once_each",
    "paired",
    "place_of",
    "pool",
    "put_aside",
    "read_as",
    "read_run",
    "record_run",
    "same_run",
    "strange_files",
    "unfit",
    "within",
    "write_run",
    "write_simulation",
]
