"""The paper's claims: all models alike, the CNN in fewer epochs, little gained by pretraining."""

from __future__ import annotations

from reproductions.elazhari.config import BACKBONES, DATASETS, ROWS
from shared.comparison import Claim, all_of, at_least, beats, within

# The bars of Figs. 5 and 6; micro precision, recall and F1 equal the accuracy.
BARS = (("accuracy", None), *((m, c) for m in ("precision", "recall", "f1") for c in ("COVID", "non-COVID")))
LITTLE = 0.05  # "minuscule impact": the text gives no number for accuracy; this one is ours


def _claims(modality: str, protocol: str) -> tuple[Claim, ...]:
    end = "-clean" if protocol == "clean" else ""
    named = f"{'X-ray' if modality == 'xray' else 'CT'}{', clean split' if end else ''}"
    rows = tuple(row.id for row in ROWS if (row.modality, row.protocol) == (modality, protocol))
    cnn = f"{modality}-cnn{end}"
    pairs = [(f"{modality}-{b}-pretrained{end}", f"{modality}-{b}-random{end}") for b in BACKBONES]
    maximum = (f"{modality}-densenet121-pretrained{end}", f"{modality}-resnet50-random{end}")
    return (
        Claim(
            f"best-accuracy-{modality}{end}",
            f"Pretrained DenseNet121 and random ResNet50 have the highest accuracy ({named}).",
            "section 3.1.6",
            all_of(
                *(at_least(best, row, slack=0.0) for best in maximum for row in rows if row not in maximum)
            ),
        ),
        Claim(
            f"highest-recall-{modality}{end}",
            f"Pretrained DenseNet121 has the highest recall of COVID ({named}).",
            "section 3.1.6",
            all_of(*(_recalls_more(maximum[0], row, "COVID") for row in rows if row != maximum[0])),
        ),
        Claim(
            f"least-recall-{modality}{end}",
            f"The CNN has the lowest recall of non-COVID ({named}).",
            "section 3.1.6",
            all_of(*(_recalls_more(row, cnn, "non-COVID") for row in rows if row != cnn)),
        ),
        Claim(
            f"precision-{modality}{end}",
            f"ResNet50 has a higher precision of COVID than VGG16, from whatever start ({named}).",
            "section 3.1.6",
            all_of(
                *(beats(maximum[1], row, "precision", class_name="COVID") for row in rows if "-vgg16-" in row)
            ),
        ),
        Claim(
            f"fewest-epochs-{modality}{end}",
            f"The CNN needs fewer epochs than every other model, as the last sentence says ({named}).",
            "section 3.1.6",
            all_of(*(beats(row, cnn, "epochs") for row in rows if row != cnn)),
        ),
        Claim(
            f"alike-{modality}{end}",
            f"All models within 0.28 of each other on every metric ({named}).",
            "section 3.1.6",
            within(rows, BARS, 0.28),
        ),
        Claim(
            f"fewer-epochs-{modality}{end}",
            f"The CNN needs fewer epochs than the randomly initialised backbones ({named}).",
            "section 3.1.6",
            all_of(*(beats(random, cnn, "epochs") for _, random in pairs)),
        ),
        Claim(
            f"pretraining-{modality}{end}",
            f"Pretrained or random, a backbone's accuracy is nearly the same: {LITTLE} or less ({named}).",
            "abstract, section 4",
            all_of(*(within(pair, "accuracy", LITTLE) for pair in pairs)),
        ),
    )


def _recalls_more(row: str, other: str, class_name: str):
    return at_least(row, other, "recall", slack=0.0, class_name=class_name)


CLAIMS = tuple(
    claim for protocol in ("as_published", "clean") for m in DATASETS for claim in _claims(m, protocol)
)
