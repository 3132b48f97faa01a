"""A small paper of its own and its run folders: what the tests of the report look at."""

import dataclasses
import itertools
import json
import sys

import numpy as np

from data_builders import audit
from shared.base.fields import assumed, stated
from shared.comparison import Claim, Predictions, beats, folder_name, seals, write_run
from shared.paper import Paper
from shared.report import records
from shared.report.canvas import png_bytes
from shared.report.galleries import gallery

CLASSES = ("COVID", "Normal")
_numbers = itertools.count()
"""A package that was imported once stays: every scene has its own."""
HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>\"'&"

REPORTED = """\
place,row,label,class,split,metric,operator,value,spread,unit,decimals,source,by,take,unstated,note,runs,design,effect,setup_place,spread_unusable,over,class_from
Table 1,small,Small net,,test,accuracy,=,90.00,1.20,%,2,table,paper,mean,,,3,own,,section 4,,,
Table 1,small,Small net,COVID,test,sensitivity,=,0.90,,fraction,2,table,paper,mean,,positive class inferred,3,own,,section 4,,,inferred
Table 1,large,Large net,,test,accuracy,=,70.0,,%,1,table,paper,mean,,,3,own,,section 4,,,
Table 1,large,Large net,COVID,test,sensitivity,=,0.95,,fraction,2,table,paper,mean,,positive class inferred,3,own,,section 4,,,inferred
Table 1,unrun,Other net,,test,accuracy,=,85.0,,%,1,table,paper,mean,,,3,own,,section 4,,,
Table 1,,Their net,,test,accuracy,=,80.0,,%,1,table,others,mean,,,,,,,,,
section 4,small,Small net,,test,parameters,=,1234560,,count,0,prose,paper,mean,,,,,,,,,
"""  # noqa: E501
README = """\
# A toy

## In short
The `small` net held.
The large one did not.

## Claim
The **small** net beats the `large` one, see [here](https://example.org).

## Protocol
| stage | value |
|---|---|
| test | 200 images |

## Deviations
1. The batch size is not stated: 16.
2. The order of images is
   that of their names.
3. Nothing rests on this one.

## Results
<!-- table: verdicts -->
<!-- /table -->

<!-- table: reported-against-obtained -->
an old table
<!-- /table -->

After the table.
"""


@dataclasses.dataclass(frozen=True)
class Row:
    id: str
    learning_rate: float = stated(1e-3, "section 3")
    batch: int = assumed(16, 1)
    draws: int = stated(3, "section 4")


def paper(root, name="toy", reported=REPORTED, readme=README, **changes):
    """A Paper whose package lies under root, found by import."""
    folder = root / f"packages_{name}" / f"{name}_package_{next(_numbers)}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text("")
    (folder / "reported.csv").write_text(reported)
    (folder / "README.md").write_text(readme)
    sys.path.insert(0, str(folder.parent))
    fields = {
        "name": name,
        "title": f"A toy of two nets ({name})",
        "citation": "A. Author, Journal of Toys, 2020",
        "about": "Author 2020: two nets.",
        "package": folder.name,
        "rows": (Row("small"), Row("large"), Row("unrun")),
        "claims": (Claim("1", "The small net beats the large one", "section 4", beats("small", "large")),),
        "selectors": {},
        "printed_sets": (),
        "printed_numbers": {},
        "mixed_precision": 3,
        "control_rows": (),
        "demo": lambda row: row,
        **dict.fromkeys(("needs", "work", "run", "trained", "write_phantoms")),
    }
    return Paper(**{**fields, **changes})


def predictions(right, n=200, pictures=False, classes=CLASSES):
    """Of n images the first `right` are decided correctly; everything in it is fixed."""
    true = np.arange(n) % 2
    decided = np.where(np.arange(n) < right, true, 1 - true)
    probabilities = np.where(np.eye(2)[decided] == 1, 0.8, 0.2)
    history = [
        {"loss": 1 / k, "val_loss": 1.2 / k, "accuracy": 1 - 0.5 / k, "val_accuracy": 1 - 0.6 / k}
        for k in (1, 2, 3)
    ]
    shown = {}
    if pictures:
        images = np.arange(128, dtype="uint8").reshape(2, 8, 8)
        shown = {"gallery": (gallery(images, ["a", "b"]), "Grad-CAM of two images")}
    names = [f"image {k}.png" for k in range(n)]
    return Predictions(
        *(
            classes,
            ["test"] * n,
            names,
            [""] * n,
            true,
            probabilities,
            None,
            history,
            {"parameters": 1234560},
            shown,
        )
    )


def write(
    out, row="small", draw=0, right=180, demo=False, pictures=False, folder=None, classes=CLASSES, **facts
):
    """A run folder of the toy."""
    place = out / "demo" if demo else out
    everything = {
        "paper": "toy",
        "row": row,
        "draw": draw,
        "scale": "demo" if demo else "paper",
        "config": {"id": row, "learning_rate": 1e-3, "batch": 16, "draws": 3},
        "overrides": {},
        "deviations": [1, 2] if row == "small" else [1],
        "versions": {"keras": "3"},
        "device": "a device",
        "precision": "float32",
        "seed": 0,
        "code": {"commit": "0123456789abcdef", "changed": []},
        "seconds": 100.0,
        "command": f"python -m toy --row {row}",
        "started": f"2026-01-0{draw + 1}T10:00:00",
        **facts,
    }
    name = folder_name(row, everything["overrides"], 0, "auto", bool(everything.get("fast")))
    folder = folder or place / "toy" / name / f"draw-{draw}"
    write_run(folder, predictions(right, pictures=pictures, classes=classes), everything)
    return folder


def rewrite(folder, change):
    """Changes the facts of a run, as its own writer would."""
    seals.write_facts(folder, change(json.loads((folder / "facts.json").read_text())))


def partly_finished(out):
    """Two of three rows ran, one folder is damaged, one unfinished, one a demo."""
    for draw, (small, large) in enumerate(((180, 121), (179, 120), (181, 122))):
        write(out, "small", draw, small, pictures=draw == 0)
        write(out, "large", draw, large)
    damaged = write(out, "large", 7)
    (damaged / "facts.json").write_text('{"paper": "toy"')
    (out / "toy" / "unrun" / "draw-0").mkdir(parents=True)
    write(out, "unrun", 0, 100, demo=True, pictures=True)
    add_audit(out)


def demo_only(out):
    """What a demo leaves."""
    for row in ("small", "large", "unrun"):
        write(out, row, 0, 110, demo=True, pictures=True)
    add_audit(out, demo=True)


def add_audit(out, demo=False, place="toy/split"):
    """An audit folder, written by the audit's own hand."""
    folder = (out / "demo" if demo else out) / "audit" / place
    folder.mkdir(parents=True)
    images = np.arange(64, dtype="uint8").reshape(1, 8, 8)
    (folder / "pair-001.png").write_bytes(png_bytes(gallery(images, ["a", "b"]), demo))
    text = ("2 of 200 test images have a near-duplicate in training.",)
    lines = (("b.png", "a.png", "0.9"), ("c.png", "d.png", "0.8"))
    columns, pictures = ("first", "second", "likeness"), {"pair-001": "A near-duplicate pair"}
    audit._write(audit.Audit(folder, "Near-duplicates", text, columns, lines, pictures, {}), demo)


def recorded(paper, tmp_path, right):
    """Three draws as the toy's evidence, as if another machine had run them."""
    for draw in range(3):
        write(tmp_path / "elsewhere", "small", draw, right + draw)
    lines = list(records.record([paper], tmp_path / "elsewhere"))
    assert len(lines) == 3 and all("recorded in" in line for line in lines)
    return paper.folder
