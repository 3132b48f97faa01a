"""Zhao, Jiang and Qiu 2021: Big Transfer on the CT images of COVIDx CT-2A."""

from reproductions.zhao.claims import CLAIMS
from reproductions.zhao.config import ROWS, demo, deviations_without_field, split_of
from reproductions.zhao.printed_sets import FACTS, PRINTED_NUMBERS, PRINTED_SETS
from shared.paper import Paper, lazily

PAPER = Paper(
    name="zhao",
    title="Deep learning for COVID-19 detection based on CT images",
    citation="W. Zhao, W. Jiang, X. Qiu. Scientific Reports, 12 July 2021, doi:10.1038/s41598-021-93832-2.",
    about=__doc__,
    package=__name__,
    rows=ROWS,
    claims=CLAIMS,
    selectors={"only": "shown"},
    grouped_by="weights",
    demo=demo,
    needs=lazily(__name__, "plan", "needs"),
    work=lazily(__name__, "plan", "work"),
    run=lazily(__name__, "experiment", "run"),
    trained=lazily(__name__, "trained", "trained"),
    split_of=split_of,
    splits=lazily(__name__, "data", "published_splits"),
    printed_sets=PRINTED_SETS,
    printed_numbers=PRINTED_NUMBERS,
    mixed_precision=13,
    facts=FACTS,
    control_rows=("bit-m",),
    write_phantoms=lazily(__name__, "data", "write_phantoms"),
    deviations_without_field=deviations_without_field,
    figures=lazily(__name__, "sweeps", "over_rows"),
)
