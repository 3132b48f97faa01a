"""Altaf et al. 2021: transfer learning boosted by an intermediate domain and by dictionaries."""

from reproductions.altaf.claims import CLAIMS
from reproductions.altaf.config import ROWS, code_version, demo, deviations_without_field, split_of
from reproductions.altaf.printed_sets import PRINTED_NUMBERS, PRINTED_SETS
from shared.paper import Paper, lazily

PAPER = Paper(
    name="altaf",
    title="Boosting deep transfer learning for COVID-19 classification",
    citation="F. Altaf, S. M. S. Islam, N. K. Janjua, N. Akhtar. arXiv:2102.08085, 2021.",
    about=__doc__,
    package=__name__,
    rows=ROWS,
    claims=CLAIMS,
    selectors={"dataset": "dataset", "backbone": "backbone", "method": "method"},
    grouped_by="method",
    demo=demo,
    deviations_without_field=deviations_without_field,
    needs=lazily(__name__, "plan", "needs"),
    work=lazily(__name__, "plan", "work"),
    run=lazily(__name__, "experiment", "run"),
    trained=lazily(__name__, "trained", "trained"),
    code_version=code_version,
    split_of=split_of,
    splits=lazily(__name__, "data", "published_splits"),
    printed_sets=PRINTED_SETS,
    printed_numbers=PRINTED_NUMBERS,
    mixed_precision=16,
    control_rows=("sc2c-resnet50-transfer", "sc2c-resnet50-combined"),
    write_phantoms=lazily(__name__, "data", "write_phantoms"),
)
