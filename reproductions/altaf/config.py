"""Table 1 as rows: four backbones × four methods × two datasets, other readings of them, and sources."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_builders.blinding import WAYS
from shared.base.fields import assumed, stated

BACKBONES = ("inceptionv3", "resnet50", "densenet201", "vgg16")
METHODS = ("transfer", "boosted", "boosted-aug", "combined")
DATASETS = {"sc2c": "sars_cov2_ct", "ccd": "covid_ct"}
"""The paper's abbreviations and the builders' names."""
MOVING, RETAKEN = "moving", "retaken"
"""Batch norm's averages: those that moved along in the training, or all training images' after it."""


@dataclass(frozen=True)
class Row:
    """One line of Table 1."""

    id: str
    dataset: str = stated("sc2c", "Table 1", choices=tuple(DATASETS))
    backbone: str = stated("resnet50", "Table 1", choices=BACKBONES)
    method: str = stated("transfer", "Table 1", choices=METHODS)
    draws: int = stated(5, "section 4")
    test_fraction: float = stated(0.1, "section 4", above=0, below=1)
    split: str = stated(
        "chunk", "section 4: random chunks of consecutive images; or `random`", choices=("chunk", "random")
    )
    weights: str = stated("imagenet", "section 3, source model; or `random`", choices=("imagenet", "random"))
    head: str = assumed("published", 1, choices=("published", "gap"))
    momentum: float = assumed(0.99, 14, least=0, below=1)
    averages: str = assumed(RETAKEN, 14, choices=(MOVING, RETAKEN))
    source_side: int = stated(224, "section 3, source model", least=75, most=2048)
    side: int = stated(448, "section 3, intermediate model", least=150, most=2048)
    batch: int = assumed(16, 5)

    findings_per_class: int = stated(775, "section 3, intermediate model")
    intermediate_epochs: tuple[int, int, int] = stated((5, 5, 5), "section 3, intermediate model")
    intermediate_rate: float = stated(1e-3, "section 3, intermediate model")
    rate_divisor: float = stated(10.0, "section 3, intermediate model: before steps 2 and 3")
    central_crop: float = stated(
        850 / 1024, "section 3, intermediate model: 850 of 1024 pixels", above=0, most=1
    )
    rotation: float = stated(7.0, "section 3, intermediate model", least=0, most=180)

    epochs: int = assumed(5, 6)
    rate: float = stated(5e-4, "section 3, target model")
    output_rate: float = stated(10.0, "section 3, target model: the output layer's multiple")
    scaling: tuple[float, float] = stated((0.9, 1.1), "section 4", above=0, most=10)
    translation: float = stated(5.0, "section 4; deviation 8: in pixels", least=0)

    sparsity: int = stated(50, "section 4")
    ridge: float = stated(2.0, "section 4")
    code_norm: str = stated(
        "l2", "section 3: 'simply normalizing'; deviation 9: l2, or l1, or none", choices=("l2", "l1", "none")
    )
    blind: str = stated("", "the images as they are", choices=("", *WAYS))

    @property
    def boosted(self) -> bool:
        """Whether the row starts from the intermediate model."""
        return self.method != "transfer"

    @property
    def has_batch_norm(self) -> bool:
        """Whether there are averages at all."""
        return self.backbone != "vgg16"

    @property
    def retakes_averages(self) -> bool:
        """Whether batch norm's averages are taken anew after the target training."""
        return self.has_batch_norm and self.averages == RETAKEN

    @property
    def augmented(self) -> bool:
        """Whether the target training augments; `combined` is the same training with a dictionary."""
        return self.method in ("boosted-aug", "combined")


def as_printed(row: Row) -> Row:
    """The same cell by Table 1's own arithmetic: a test set of 20%, on SC2C in three draws (deviation 15)."""
    draws = 3 if row.dataset == "sc2c" else row.draws
    return replace(row, id=f"{row.id}@as-printed", draws=draws, test_fraction=0.2)


def _in_table(row: Row) -> bool:
    return row.dataset == "sc2c" or row.method == "combined"


def _readings(row: Row) -> tuple[Row, ...]:
    """A row, the same row under another reading of the paper, and with the split that section 5 speaks of."""
    found: tuple[Row, ...] = (row, as_printed(row)) if _in_table(row) else (row,)
    if row.method == "transfer" and row.has_batch_norm:
        found += (replace(row, id=f"{row.id}@moving-averages", averages=MOVING),)
    if row.id == "ccd-vgg16-transfer":
        found += (replace(row, id=f"{row.id}@averaged-head", head="gap"),)
    if row.dataset == "ccd" and row.method == "transfer":
        found += (replace(row, id=f"{row.id}-random-split", split="random"),)
    return found


# Backbone by backbone, and plain transfer first, so that neighbours share a compiled model.
ROWS = tuple(
    reading
    for backbone in BACKBONES
    for method in METHODS
    for dataset in DATASETS
    for reading in _readings(
        Row(id=f"{dataset}-{backbone}-{method}", dataset=dataset, backbone=backbone, method=method)
    )
)


def split_of(row: Row) -> str:
    """The name of a row's split: the same for every backbone and method."""
    size = "-as-printed" if row.id.endswith("@as-printed") else ""
    return f"{row.dataset}{size}{'-random' if row.split == 'random' else ''}"


def deviations_without_field(row: Row) -> tuple[int, ...]:
    """Those of the method, of the kind of split and of the reading."""
    found = {3: True, 11: True, 7: not row.boosted, 10: row.split == "chunk", 9: row.method == "combined"}
    found |= dict.fromkeys((2, 4, 13), row.boosted) | dict.fromkeys((8, 12), row.augmented)
    found |= {15: row.id.endswith("@as-printed"), 17: row.split == "random"}
    return tuple(sorted(number for number, holds in found.items() if holds))


def code_version(row: Row) -> int:
    """2 since batch norm's averages are retaken: runs from before have the moving ones."""
    return 2 if row.has_batch_norm else 1


def demo(row: Row) -> Row:
    """The same row, small: a third of the side, eight images a finding, an epoch a step, one draw.

    Batch norm's averages follow within its few steps.
    """
    return replace(
        row,
        draws=1,
        test_fraction=0.4,
        weights="random",
        momentum=0.8,
        source_side=80,
        side=160,
        findings_per_class=8,
        intermediate_epochs=(1, 1, 1),
        epochs=4,
        batch=8,
    )
