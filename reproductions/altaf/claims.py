"""What the paper claims of its rows, as paired tests over draws."""

from reproductions.altaf.config import BACKBONES
from shared.comparison import Claim, at_least, beats

SHALLOWER = {"inceptionv3": "<", "resnet50": "<", "vgg16": ">"}
"""On SC2C, the sign that Table 1 itself has against DenseNet201."""


def _rising() -> list[Claim]:
    return [
        claim
        for b in BACKBONES
        for claim in (
            Claim(
                f"boosted-{b}",
                f"{b}: boosted beats plain transfer"
                + (" (the paper's own gain lies within its spread)" if b in ("resnet50", "vgg16") else ""),
                "section 4, Table 1",
                beats(f"sc2c-{b}-boosted", f"sc2c-{b}-transfer"),
            ),
            Claim(
                f"augmentation-{b}",
                f"{b}: augmentation does not harm the boosted model",
                "section 4",
                at_least(f"sc2c-{b}-boosted-aug", f"sc2c-{b}-boosted"),
            ),
            Claim(
                f"dictionary-{b}",
                f"{b}: the dictionary does not harm the augmented model",
                "section 4",
                at_least(f"sc2c-{b}-combined", f"sc2c-{b}-boosted-aug"),
            ),
        )
    ]


def _shallower() -> list[Claim]:
    return [
        Claim(
            f"shallower-{b}",
            f"{b} has a slight advantage over densenet201 (Table 1 itself has {b} {sign} densenet201)",
            "section 4",
            beats(f"sc2c-{b}-combined", "sc2c-densenet201-combined"),
        )
        for b, sign in SHALLOWER.items()
    ]


def _five_points() -> list[Claim]:
    return [
        Claim(
            f"five-points-{b}",
            f"{b}: on CCD the combined method gains more than 5 points over plain transfer",
            "section 4",
            beats(f"ccd-{b}-combined", f"ccd-{b}-transfer", margin=0.05),
        )
        for b in BACKBONES
    ]


CLAIMS = (*_rising(), *_shallower(), *_five_points())
