"""Basu, Mitra & Saha 2020: a network trained on many other X-rays first, then on four classes."""

from reproductions.basu.claims import CLAIMS
from reproductions.basu.config import ROWS, demo, split_of
from reproductions.basu.printed_sets import FACTS, PRINTED_NUMBERS, PRINTED_SETS
from shared.paper import Paper, lazily

PAPER = Paper(
    name="basu",
    title="Deep learning for screening COVID-19 using chest X-ray images",
    citation="S. Basu, S. Mitra, N. Saha. IEEE SSCI 2020; arXiv:2004.10507v4.",
    about=__doc__,
    package=__name__,
    rows=ROWS,
    claims=CLAIMS,
    selectors={"network": "network", "seen": "seen", "start": "start", "protocol": "protocol"},
    grouped_by="start",
    demo=demo,
    needs=lazily(__name__, "plan", "needs"),
    work=lazily(__name__, "plan", "work"),
    run=lazily(__name__, "experiment", "run"),
    trained=lazily(__name__, "trained", "trained"),
    split_of=split_of,
    splits=lazily(__name__, "published", "splits"),
    printed_sets=PRINTED_SETS,
    printed_numbers=PRINTED_NUMBERS,
    mixed_precision=12,
    facts=FACTS,
    control_rows=("alexnet-random-clean",),
    write_phantoms=lazily(__name__, "data", "write_phantoms"),
)
