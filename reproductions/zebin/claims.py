"""What the paper claims of its rows, as paired tests over folds."""

from __future__ import annotations

import numpy as np

from shared.comparison import (
    FAILS,
    HOLDS,
    INCONCLUSIVE,
    Claim,
    ClaimResult,
    RunsByRow,
    all_of,
    beats,
    t_interval,
)


def epochs_to(loss: float, history: list[dict]) -> int:
    """The first epoch, counted from 1, whose training loss is as low; one more than all where none is."""
    reached = [epoch for epoch, logs in enumerate(history, 1) if logs["loss"] <= loss]
    return reached[0] if reached else len(history) + 1


def sooner(runs: RunsByRow) -> ClaimResult:
    """v2 reaches v1's last training loss in fewer epochs than v1 was trained; fold against the same fold."""
    first, second = ({run.draw: run for run in runs[row]} for row in ("vgg16-v1", "vgg16-v2"))
    draws = sorted(first.keys() & second.keys())
    if not draws:
        raise KeyError("vgg16-v1 and vgg16-v2 with the same draw")
    needed = [epochs_to(first[d].history[-1]["loss"], second[d].history) for d in draws]
    saved = [len(first[d].history) - epochs for d, epochs in zip(draws, needed, strict=True)]
    low, high = t_interval(saved)
    verdict = INCONCLUSIVE if np.isnan(low) else HOLDS if low > 0 else FAILS if high <= 0 else INCONCLUSIVE
    reason = f"v2 needs {', '.join(map(str, needed))} of {len(first[draws[0]].history)} epochs"
    return ClaimResult(verdict, float(np.mean(saved)), low, high, reason, len(draws))


CLAIMS = (
    Claim(
        "synthetic-images-help",
        "VGG16: the CycleGAN's images (v2) raise the accuracy of v1, by almost 3%",
        "sections 3.3 and 4.2, Table 2",
        beats("vgg16-v2", "vgg16-v1"),
    ),
    Claim(
        "backbones",
        "EfficientNetB0 beats ResNet50, and ResNet50 beats VGG16",
        "sections 3.3 and 4.2, Table 2",
        all_of(beats("efficientnetb0", "resnet50"), beats("resnet50", "vgg16-v2")),
    ),
    Claim(
        "synthetic-images-train-faster",
        "VGG16: v2 reaches the loss that v1 ends with in fewer epochs (an epoch of v2 has 100 images more)",
        "section 3.3, Fig. 4",
        sooner,
    ),
)
