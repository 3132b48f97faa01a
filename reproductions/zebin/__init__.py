"""Zebin and Rezvy 2020: three backbones on three classes of chest X-rays, and a CycleGAN for the rarest."""

from reproductions.zebin.claims import CLAIMS
from reproductions.zebin.config import ROWS, code_version, demo, deviations_without_field, split_of
from reproductions.zebin.printed_sets import FACTS, PRINTED_NUMBERS, PRINTED_SETS
from shared.paper import Paper, lazily

PAPER = Paper(
    name="zebin",
    title="COVID-19 detection and disease progression visualization: deep learning on chest X-rays",
    citation="T. Zebin, S. Rezvy. Applied Intelligence 51:1010-1021, 2020.",
    about=__doc__,
    package=__name__,
    rows=ROWS,
    claims=CLAIMS,
    selectors={"backbone": "backbone", "augmentation": "augmentation", "protocol": "protocol"},
    grouped_by="backbone",
    demo=demo,
    needs=lazily(__name__, "plan", "needs"),
    work=lazily(__name__, "plan", "work"),
    run=lazily(__name__, "experiment", "run"),
    trained=lazily(__name__, "trained", "trained"),
    split_of=split_of,
    splits=lazily(__name__, "published", "splits"),
    printed_sets=PRINTED_SETS,
    printed_numbers=PRINTED_NUMBERS,
    mixed_precision=15,
    facts=FACTS,
    control_rows=("resnet50-v1", "resnet50"),
    write_phantoms=lazily(__name__, "data", "write_phantoms"),
    figures=lazily(__name__, "overview", "over_rows"),
    deviations_without_field=deviations_without_field,
    code_version=code_version,
)
