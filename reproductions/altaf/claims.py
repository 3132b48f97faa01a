"""The paper's claims about its rows, as paired tests over draws."""

from reproductions.altaf.config import BACKBONES, DATASETS
from shared.comparison import Claim, beats

TITLES = {"sc2c": "SC2C", "ccd": "CCD"}
PLACES = {"sc2c": "section 4, Table 1", "ccd": "section 4: 'reporting similar trends'"}
WITHIN_SPREAD = {("sc2c", "resnet50"), ("sc2c", "vgg16")}
"""Where Table 1's own gain of boosted over plain transfer, 0.54 and 1.08 points, lies within its spread."""
SHALLOWER = {
    ("sc2c", "inceptionv3"): "<",
    ("sc2c", "resnet50"): "<",
    ("sc2c", "vgg16"): ">",
    ("ccd", "inceptionv3"): ">",
    ("ccd", "resnet50"): "<",
    ("ccd", "vgg16"): ">",
}
"""The sign that Table 1 itself has against DenseNet201."""


def _rising(dataset: str, backbone: str) -> tuple[Claim, ...]:
    """The three steps of Table 1; "slight gain" and "increasing trend" are gains, however small."""
    of = f"{TITLES[dataset]}, {backbone}"
    own = " (the paper's own gain lies within its spread)" if (dataset, backbone) in WITHIN_SPREAD else ""
    steps = (
        ("boosted", f"{of}: boosted beats plain transfer{own}", "boosted", "transfer"),
        ("augmentation", f"{of}: augmentation improves the boosted model", "boosted-aug", "boosted"),
        ("dictionary", f"{of}: the dictionary improves the augmented model", "combined", "boosted-aug"),
    )
    row = f"{dataset}-{backbone}"
    return tuple(
        Claim(f"{name}-{row}", text, PLACES[dataset], beats(f"{row}-{better}", f"{row}-{worse}"))
        for name, text, better, worse in steps
    )


def _whole(backbone: str) -> Claim:
    return Claim(
        f"whole-sc2c-{backbone}",
        f"SC2C, {backbone}: the whole method beats plain transfer",
        "section 5: 'a large accuracy gain across all models'",
        beats(f"sc2c-{backbone}-combined", f"sc2c-{backbone}-transfer"),
    )


def _shallower(dataset: str, backbone: str, sign: str) -> Claim:
    return Claim(
        f"shallower-{dataset}-{backbone}",
        f"{TITLES[dataset]}: {backbone} has a slight advantage over densenet201 "
        f"(Table 1 itself has {backbone} {sign} densenet201)",
        "section 4",
        beats(f"{dataset}-{backbone}-combined", f"{dataset}-densenet201-combined"),
    )


def _split_matters(backbone: str) -> Claim:
    return Claim(
        f"split-ccd-{backbone}",
        f"CCD, {backbone}: plain transfer looks better with test images drawn at random than with chunks",
        "section 5: 'by slightly changing the training/testing data selection strategy'",
        beats(f"ccd-{backbone}-transfer-random-split", f"ccd-{backbone}-transfer"),
    )


def _five_points(backbone: str) -> Claim:
    return Claim(
        f"five-points-{backbone}",
        f"CCD, {backbone}: the combined method gains more than 5 points over plain transfer",
        "section 4",
        beats(f"ccd-{backbone}-combined", f"ccd-{backbone}-transfer", margin=0.05),
    )


CLAIMS = (
    *(claim for dataset in DATASETS for backbone in BACKBONES for claim in _rising(dataset, backbone)),
    *map(_whole, BACKBONES),
    *(_shallower(dataset, backbone, sign) for (dataset, backbone), sign in SHALLOWER.items()),
    *map(_five_points, BACKBONES),
    *map(_split_matters, BACKBONES),
)
