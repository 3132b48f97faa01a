"""Trials: small experiments on a set of images that ask one question each."""

from __future__ import annotations

import dataclasses

from shared.trust.part_of_sights import FILE, SEEN

NAME = "trials"
"""Their runs bear it where others bear a paper's name."""
BY_SOURCE, BY_IMAGE = "source", "image"
SPREAD = "spread"
DEALS = 5
LEVELS = {"split": 4, "weights": 3, "order": 3, "augmentation": 3}
"""How many seeds of each are crossed in the trial of spread."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """A head trained on frozen features, and how images are seen, divided and labelled for it."""

    name: str
    by: str = BY_SOURCE
    """Whether images of one source stay on one side of the split."""
    learnt: str = ""
    """How training images are seen; '' is as they are."""
    shown: str = ""
    """How test images are seen."""
    shuffled: str = ""
    """Among what labels are shuffled: images or sources."""
    elsewhere: str = ""
    """The other set whose images are the test images."""

    @property
    def draws(self) -> int:
        """Labels that are dealt at random are dealt several times: one deal may favour somebody."""
        return DEALS if self.shuffled else 1


def trials(modality: str, other_sets: tuple[str, ...] = ()) -> list[Trial]:
    """All trials of a set; `other_sets` have the same classes. Lungs are found on CT alone."""
    ways = [way for way in SEEN if way != ("centre" if modality == "CT" else "lungs")]
    blind = [Trial(f"only-{way}", learnt=way, shown=way) for way in ways]
    shown = [Trial(f"shown-{way}", shown=way) for way in ways if way != FILE]
    chance = [
        Trial(f"shuffled-{among}s-by-{by}", by=by, shuffled=among)
        for among in (BY_IMAGE, BY_SOURCE)
        for by in (BY_SOURCE, BY_IMAGE)
    ]
    elsewhere = [Trial(f"elsewhere-{name}", elsewhere=name) for name in other_sets]
    return [
        Trial("by-source"),
        Trial("by-image", by=BY_IMAGE),
        *blind,
        *shown,
        *chance,
        *elsewhere,
        Trial(SPREAD),
    ]
