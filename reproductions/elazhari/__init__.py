"""El Azhari 2022: a small separable CNN against five backbones, random or pretrained and frozen."""

from reproductions.elazhari.claims import CLAIMS
from reproductions.elazhari.config import ROWS, demo, split_of
from reproductions.elazhari.printed_sets import PRINTED_NUMBERS, PRINTED_SETS
from shared.paper import Paper, lazily

PAPER = Paper(
    name="elazhari",
    title="Transfer learning for Covid-19 detection in medical images",
    citation="M. El Azhari, 2022.",
    about=__doc__,
    package=__name__,
    rows=ROWS,
    claims=CLAIMS,
    selectors={"modality": "modality", "model": "model", "protocol": "protocol", "only": "shown"},
    grouped_by="model",
    demo=demo,
    needs=lazily(__name__, "plan", "needs"),
    work=lazily(__name__, "plan", "work"),
    run=lazily(__name__, "experiment", "run"),
    trained=lazily(__name__, "trained", "trained"),
    split_of=split_of,
    splits=lazily(__name__, "data", "published_splits"),
    printed_sets=PRINTED_SETS,
    printed_numbers=PRINTED_NUMBERS,
    mixed_precision=10,
    control_rows=("ct-cnn-clean", "ct-vgg16-pretrained-clean"),
    write_phantoms=lazily(__name__, "data", "write_phantoms"),
    figures=lazily(__name__, "figures", "over_rows"),
)
