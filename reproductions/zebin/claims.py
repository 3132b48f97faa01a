"""The paper's claims about its rows, as paired tests over folds; each is also tested on the clean rows."""

from __future__ import annotations

import numpy as np

from shared.comparison import (
    TAIL,
    Claim,
    ClaimResult,
    ClaimTest,
    Effect,
    Run,
    RunsByRow,
    above,
    all_of,
    beats,
    decide,
)

OTHERS_PRECISION = 0.909
"""COVIDNet-CXR's of COVID-19, in section 4.2 and Table 2."""


def epochs_to(loss: float, history: list[dict]) -> int:
    """The first epoch, counted from 1, whose training loss is as low; one more than all where none is."""
    reached = [epoch for epoch, logs in enumerate(history, 1) if logs["loss"] <= loss]
    return reached[0] if reached else len(history) + 1


def steps_to(loss: float, run: Run) -> int:
    """Steps until that epoch has ended: where a row has more images, an epoch has more steps."""
    images = run.facts["image_steps"] // run.facts["epochs"]
    return epochs_to(loss, run.history) * -(-images // run.facts["config"]["batch"])


def sooner(fast: str, slow: str, base: str) -> ClaimTest:
    """`fast` comes to the loss that `base` ends with in fewer steps than `slow`, fold against same fold.

    Both are asked for the first epoch that reaches it: were `slow` charged with all of its epochs, a row
    would be sooner than itself.
    """

    def test(runs: RunsByRow, tail: float = TAIL) -> ClaimResult:
        rows = [{run.dealt: run for run in runs[row]} for row in (fast, slow, base)]
        draws = sorted(set.intersection(*(set(by_draw) for by_draw in rows)))
        if not draws:
            raise KeyError(f"{fast}, {slow} and {base} with the same draw")
        ends = [rows[2][d].history[-1]["loss"] for d in draws]
        taken, others = (
            [steps_to(loss, by_draw[d]) for loss, d in zip(ends, draws, strict=True)] for by_draw in rows[:2]
        )
        saved = np.subtract(others, taken)
        said = f"{fast} needs {_listed(taken)} steps, {slow} {_listed(others)}"
        one_epoch = rows[0][draws[0]].facts["image_steps"] / rows[0][draws[0]].facts["epochs"]
        grain = one_epoch / rows[0][draws[0]].facts["config"]["batch"]
        return decide(Effect(tuple(map(float, saved)), grain=grain), 0.0, said, tail)

    return test


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def claims_of(end: str, said: str) -> tuple[Claim, ...]:
    """The paper's claims of the rows with this end to their names."""
    v1, v2, resnet, efficient = (f"{r}{end}" for r in ("vgg16-v1", "vgg16-v2", "resnet50", "efficientnetb0"))
    resnet_v1, efficient_v1 = f"resnet50-v1{end}", f"efficientnetb0-v1{end}"
    told = (
        (
            "synthetic-images-help",
            "VGG16: the CycleGAN's images (v2) raise the accuracy of v1",
            "sections 3.3 and 4.2, Table 2",
            beats(v2, v1),
        ),
        (
            "synthetic-images-raise-precision",
            "VGG16: the CycleGAN's images (v2) raise the precision of COVID-19",
            "section 4.2, Table 2",
            beats(v2, v1, "precision", class_name="COVID-19"),
        ),
        (
            "backbones",
            "EfficientNetB0 beats ResNet50, and ResNet50 beats VGG16",
            "sections 3.3 and 4.2, Table 2",
            all_of(beats(efficient, resnet), beats(resnet, v2)),
        ),
        (
            "backbones-v1",
            "EfficientNetB0 beats ResNet50, and ResNet50 beats VGG16; read as all three with v1",
            "sections 3.3 and 4.2, Table 2",
            all_of(beats(efficient_v1, resnet_v1), beats(resnet_v1, v1)),
        ),
        (
            "precision-of-others",
            "EfficientNetB0: COVID-19 has a higher precision than COVIDNet-CXR's 0.909",
            "section 4.2, Table 2",
            above(efficient, "precision", OTHERS_PRECISION, "COVID-19"),
        ),
        (
            "synthetic-images-train-faster",
            "VGG16: v2 comes to the loss that v1 ends with in fewer steps than v1",
            "section 3.3, Fig. 4",
            sooner(v2, v1, v1),
        ),
        (
            "vgg16-v1-slowest",
            "VGG16 with v1 takes longest to the loss that it ends with",
            "section 3.3, Fig. 4",
            all_of(*(sooner(row, v1, v1) for row in (v2, resnet, efficient))),
        ),
        (
            "efficientnetb0-fastest",
            "EfficientNetB0 comes soonest to the loss that VGG16 with v1 ends with",
            "section 3.3, Fig. 4",
            all_of(*(sooner(efficient, row, v1) for row in (resnet, v2, v1))),
        ),
    )
    return tuple(Claim(f"{name}{end}", f"{text}{said}", place, test) for name, text, place, test in told)


CLAIMS = (*claims_of("", ""), *claims_of("-clean", " (patients kept apart)"))
