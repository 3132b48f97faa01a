"""Are the data of a run the paper's? One rule for all papers, from what the facts of a run say is there.

The same: as many images as published, and nothing says that they were stored anew. Nearly: at least 99% of
the images of a row that uses all of them, or 95% of those that a random draw is made from. Copies: re-encoded
or reduced, told by their bytes, pixels and sizes; the longer side of reduced ones is at least the network's
input. All else is other data, which no printed number speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.comparison.runs import Run

SAME, NEARLY, COPIES, OTHER = "the same", "nearly the same", "copies", "other data"
ENOUGH = {"all": 0.99, "drawn": 0.95, "exactly": 1.0}
"""The share of the images that must be there, by what a row does with them. 'exactly': one absent image would
move others into its place."""


@dataclass(frozen=True)
class State:
    """What the data are, and in words what is not as published."""

    kind: str
    text: str = ""
    count: str = ""
    """How many images are there, where these are not as many as published."""


def state_of(name: str, facts: Mapping[str, Any], side: float) -> State:
    """The state of a dataset by its facts; `side` is the network's input."""
    part = facts.get("part", facts)
    here, published = part["images"], part["published"]
    count = f"{name} {here:,} of {published:,} images"
    share = min(here, published) / max(here, published, 1)
    if share < ENOUGH[facts.get("use", "all")]:
        return State(OTHER, f"other data: {count}")
    reduced, changed = _reduced_to(part, facts.get("published_side")), _changed(part)
    if reduced and reduced < side:
        return State(
            OTHER, f"other data: {name} reduced to {reduced} pixels, fewer than the network's {side:g}"
        )
    told = count if here != published else ""
    if reduced:
        return State(COPIES, f"copies of {name}, reduced to {reduced} pixels", told)
    if changed:
        return State(COPIES, f"copies of {name}, {changed:,} of {here:,} stored anew", told)
    return State(NEARLY, told, told) if told else State(SAME)


def states(run: Run) -> list[State]:
    """Of all data that a run used; a run that says nothing of its data has none."""
    side = (run.facts.get("config") or {}).get("side", 0)
    data = run.facts.get("data") or {}
    return [state_of(name, facts, facts.get("input", side)) for name, facts in data.items()]


def other_data(runs: Iterable[Run]) -> str:
    """Why these draws cannot be held against the paper, '' where they can."""
    return next((state.text for run in runs for state in states(run) if state.kind == OTHER), "")


def data_caveats(runs: Iterable[Run], counted: bool = False) -> list[str]:
    """What is not as published in the data and the weights of these draws, each once.

    How images are stored, and which weights a network starts from, says nothing of what is `counted`.
    """
    runs = list(runs)
    kept = [state for run in runs for state in states(run) if state.kind in (NEARLY, COPIES)]
    counts = [state.count for state in kept if state.count]
    if counted:
        return list(dict.fromkeys(counts))
    found = [*(state.text for state in kept), *counts]
    weights = [(run.facts.get("weights") or {}).items() for run in runs]
    found += [
        f"{name} is not the published file"
        for files in weights
        for name, facts in files
        if facts.get("published") is False
    ]
    return list(dict.fromkeys(found))


def _changed(part: Mapping[str, Any]) -> int:
    """How many images have neither the bytes nor the pixels that were published, where these are known."""
    known = part.get("known") or {}
    same = [known[key] for key in ("bytes", "pixels") if known.get(key) is not None]
    return part["images"] - max(same) if same else 0


def _reduced_to(part: Mapping[str, Any], published_side: int | None) -> int:
    """The longer side that most images have and none exceeds, unless they were published so; else 0.

    Published collections come from many machines and journals: one size for most images was made later.
    """
    sides = part.get("longer_side")
    if not sides or not _might_be_reduced(part):
        return 0
    side, times = sides["commonest"]
    made = side == sides["most"] and times > part["images"] / 2 and side != published_side
    return side if made else 0


def _might_be_reduced(part: Mapping[str, Any]) -> bool:
    """Whether the published bytes or pixels are unknown, or not those of all images."""
    known = part.get("known") or {}
    return part["images"] not in (known.get("bytes"), known.get("pixels"))
