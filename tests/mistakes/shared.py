"""Mistakes in what the papers share: data, training, stages, statistics, verdicts, evidence and report."""

from tests.mistakes._shared_averages import AVERAGES
from tests.mistakes._shared_control import CONTROL
from tests.mistakes._shared_data import DATA
from tests.mistakes._shared_draws import DRAWS
from tests.mistakes._shared_getting import COUNTS, GETTING, PLAN
from tests.mistakes._shared_lists import LISTS
from tests.mistakes._shared_many import MANY
from tests.mistakes._shared_predict import BLINDING, PREDICT
from tests.mistakes._shared_results import RESULTS
from tests.mistakes._shared_speed import SPEED
from tests.mistakes._shared_training import TRAINING
from tests.mistakes._shared_trials import TRIALS
from tests.mistakes._shared_trust import TRUST
from tests.mistakes._shared_verdicts import STATISTICS

MISTAKES = (
    *DATA,
    *CONTROL,
    *TRAINING,
    *AVERAGES,
    *SPEED,
    *MANY,
    *RESULTS,
    *STATISTICS,
    *GETTING,
    *PREDICT,
    *BLINDING,
    *PLAN,
    *COUNTS,
    *TRUST,
    *LISTS,
    *TRIALS,
    *DRAWS,
)
