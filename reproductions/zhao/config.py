"""The rows: five initialisations, two sweeps (Fig. 6), Figure 8's sizes in two readings, and the lists."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from data_builders.blinding import WAYS
from shared.base.fields import assumed, stated

DATASET = "covidx_ct"
STAGE = "bit"
"""The name of the stage that keeps a training."""
CLASSES = ("Normal", "CP", "NCP")
SETTING = "section Hyperparameter settings for training"
SWEEP = "section Hyperparameters sensitivity"
WEIGHTS = {
    "bit-s": "BiT-S-R50x1.npz",
    "bit-m": "BiT-M-R50x1.npz",
    "bit-m-c": "BiT-M-R50x1-CIFAR10.npz",
    "bit-m-s": "BiT-M-R50x1-ILSVRC2012.npz",
}
"""The official files by the paper's names; `random` needs none."""
RESOLUTIONS = ((160, 128), (256, 224), (448, 384), (512, 480))
SCHEDULES = (
    (100, 200, 300, 400, 500),
    (500, 1500, 3000, 4500, 5000),
    (500, 3000, 6000, 9000, 10000),
    (500, 6000, 12000, 18000, 20000),
)
MIXUP = 0.1
SIZES = (50, 100, 500, 1000)
HE_NORMAL, PYTORCH = "he_normal", "pytorch"
"""Initialisers of a random start: Keras' usual one, and what PyTorch gives a convolution unasked."""


@dataclass(frozen=True)
class Row:
    """One training setting, with the tables and figures that show it."""

    id: str
    shown: tuple[str, ...] = stated((), "the tables and figures themselves")
    weights: str = assumed("bit-m", 1, choices=("random", *WEIGHTS))
    resize: int = stated(512, SETTING, least=32, most=2048)
    crop: int = stated(480, SETTING, least=32, most=2048)
    schedule: tuple[int, ...] = stated(SCHEDULES[2], SWEEP)
    batch: int = stated(64, SETTING)
    rate: float = stated(0.003, SETTING)
    momentum: float = stated(0.9, SETTING, least=0, below=1)
    warmup_from: float = assumed(0.0, 2, least=0)
    weight_decay: float = assumed(0.0, 3)
    pixel_range: tuple[float, float] = assumed((-1.0, 1.0), 4)
    mixup: float = assumed(MIXUP, 5, least=0)
    initialiser: str = assumed(HE_NORMAL, 6, choices=(HE_NORMAL, PYTORCH))
    per_class: int = stated(0, "Fig. 8; 0 is the entire training set")
    draws: int = assumed(1, 7)
    block: int = stated(100, "section Impact of parameter initialization: evaluated every 100 steps")
    curve: str = assumed("validation", 8, choices=("validation", "test"))
    curve_share: float = stated(
        0.0, "Fig. 7: of the split, for the five initialisations only", least=0, most=1
    )
    tsne_images: int = assumed(3000, 9)
    examples: int = assumed(4, 10)
    blind: str = stated("", "the images as they are", choices=("", *WAYS))

    def contradiction(self) -> str:
        """Values of which each is possible and that cannot be together."""
        if self.crop > self.resize:
            return f"crop={self.crop} is larger than resize={self.resize}"
        if len(self.schedule) != 5 or list(self.schedule) != sorted(self.schedule):
            return "schedule: five steps are expected, none smaller than the one before"
        return ""


@dataclass(frozen=True)
class FewImages(Row):
    """A row of Figure 8: for how long to train on so few images, and with mixup or not, the text leaves open.

    The default is BiT's rule for fewer than 20,000 images.
    """

    schedule: tuple[int, ...] = assumed(SCHEDULES[0], 11)
    mixup: float = assumed(0.0, 11)


@dataclass(frozen=True)
class Lists:
    """The official lists, counted: nothing is trained and no image is read."""

    id: str = "lists"
    shown: tuple[str, ...] = stated(("fig2",), "section Datasets, Fig. 2")
    draws: int = stated(1, "a count is the same every time")


NOT_TRAINING = ("id", "shown", "draws", "tsne_images", "examples", "blind")


def training_fields(row: Row) -> dict:
    """All fields that a training depends on: rows that agree in them are served by one."""
    return {name: value for name, value in asdict(row).items() if name not in NOT_TRAINING}


FULL: dict[str, Any] = {"curve_share": 1.0}


def _initialisations() -> list[Row]:
    tables = ("table1", "table2", "table3", "fig7")
    best = (*tables, "fig4", "fig5", "fig9")
    return [
        Row("random", shown=tables, weights="random", draws=2, **FULL),
        Row("random-pytorch", weights="random", initialiser=PYTORCH, draws=2),
        Row("bit-s", shown=tables, weights="bit-s", draws=2, **FULL),
        Row("bit-m", shown=best, weights="bit-m", draws=2, **FULL),
        Row("bit-m-c", shown=("table3", "fig7"), weights="bit-m-c", **FULL),
        Row("bit-m-s", shown=("table3", "fig7"), weights="bit-m-s", **FULL),
    ]


def _figure6() -> list[Row]:
    settings = [(resolution, SCHEDULES[2]) for resolution in RESOLUTIONS]
    settings += [(RESOLUTIONS[3], nodes) for nodes in SCHEDULES if nodes != SCHEDULES[2]]
    return [_sweep(*setting, mixup) for setting in settings for mixup in (MIXUP, 0.0)]


def _sweep(resolution: tuple[int, int], nodes: tuple[int, ...], mixup: float) -> Row:
    """A bar of Figure 6; the setting in both panels was run for each, so it has two draws."""
    resize, crop = resolution
    twice = resolution == RESOLUTIONS[3] and nodes == SCHEDULES[2]
    panels = [panel for panel, shows in _panels(resolution, nodes).items() if shows]
    return Row(
        f"fig6-{resize}x{crop}-{nodes[-1]}{'-mixup' if mixup else ''}",
        shown=("fig6", *panels),
        resize=resize,
        crop=crop,
        schedule=nodes,
        mixup=mixup,
        draws=2 if twice else 1,
        curve_share=1.0 if twice and mixup else 0.0,
    )


def _panels(resolution, nodes) -> dict[str, bool]:
    return {"fig6a": nodes == SCHEDULES[2], "fig6b": resolution == RESOLUTIONS[3]}


def _figure8() -> list[Row]:
    """The sizes by BiT's rule, the whole training set, and the sizes in the setting of the whole set."""
    few = [FewImages(f"fig8-{size}", shown=("fig8",), per_class=size, draws=5) for size in SIZES]
    general: dict[str, Any] = {"schedule": SCHEDULES[2], "mixup": MIXUP, "draws": 3}
    alike = [replace(row, id=f"{row.id}-10000-mixup", **general) for row in few]
    return [*few, Row("fig8-full", shown=("fig8",), **FULL), *alike]


# Settings of one size stand together, so that they share a compiled model.
ROWS: tuple[Row | Lists, ...] = (*_initialisations(), *_figure8(), *_figure6(), Lists())


def split_of(row: Row | Lists) -> str:
    """The name of a row's split, which is the same for all draws."""
    return "official" if isinstance(row, Row) else ""


def deviations_without_field(row: Row | Lists) -> tuple[int, ...]:
    """How slices are drawn: in every training."""
    return (12,) if isinstance(row, Row) else ()


def demo(row: Row | Lists) -> Row | Lists:
    """The same row, small: every resolution 40 → 32 pixels, a step for every 160 of the paper."""
    if isinstance(row, Lists):
        return row
    steps = max(10, row.schedule[-1] // 160)
    return replace(
        row,
        weights="random",
        resize=40,
        crop=32,
        schedule=tuple(round(share * steps) for share in (0.05, 0.5, 0.75, 0.9, 1.0)),
        rate=3 * row.rate,
        momentum=0.8,
        batch=24,
        per_class=row.per_class and 2 + SIZES.index(row.per_class),
        draws=1,
        block=10,
        tsne_images=24,
        examples=1,
    )
