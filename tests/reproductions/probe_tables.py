"""A paper's protocol as a table: made from a log, kept in the paper's README, checked by its test.

`make protocol` writes the tables (it runs the tests named `protocol_table` with WRITE_TABLES=1); without that
the same tests fail where a README and the code differ.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from probe_log import Pass, Training
from probe_marks import Scale

from shared.base.text import markdown_table as table

WRITE = "WRITE_TABLES"


Parts = Mapping[str, Sequence[int]]
"""The numbers of the images that a protocol tells apart, by name."""
Line = dict[str, str]


def phase(
    name: str,
    training: Training,
    scale: Scale,
    parts: Parts,
    scene,
    truth: Mapping[int, str] | None = None,
    **more: object,
) -> Line:
    """A line of the table, all of it read from what reached the model; `more` adds columns.

    `truth` is each image's class by its number: with it the line says which class has which place.
    """
    first = training.epochs[0]
    cells = _seen(name, training.epochs, scale, parts, scene) | {
        "Classes": class_order(first, scale, truth) if truth else "",
        "Steps": f"{len(training.epochs)} × {len(first.sizes)} of {max(first.sizes)}",
        "Rate": rates(training),
        "Trained": layers(first),
    }
    return cells | {key.replace("_", " ").capitalize(): str(value) for key, value in more.items()}


def judged(name: str, passes: Sequence[Pass], scale: Scale, parts: Parts, scene) -> Line:
    """A line for what a model judges without learning: validations, or predictions."""
    moved = {path for one in passes for path in one.moved}
    assert not moved, f"{name}: judging has changed {sorted(moved)}"
    return _seen(name, passes, scale, parts, scene) | {"Trained": "nothing"}


def retaken(name: str, one: Pass, scale: Scale, parts: Parts, scene) -> Line:
    """A line for what batch norm's averages are retaken of."""
    assert all("moving_" in path for path in one.moved), f"{name}: {sorted(one.moved)} have moved"
    return _seen(name, [one], scale, parts, scene) | {"Trained": "batch norm's averages"}


def _seen(name: str, passes: Sequence[Pass], scale: Scale, parts: Parts, scene) -> Line:
    seen = {groups(one.numbers(scale), parts) for one in passes}
    return {
        "Phase": name,
        "Images": seen.pop() if len(seen) == 1 else "other images in each epoch",
        "Pixels": scale.name,
        "Augmentation": augmentation(passes, scale, scene),
    }


def class_order(one: Pass, scale: Scale, truth: Mapping[int, str]) -> str:
    """'normal, diseased': the class of each place in the targets; fails where a place holds two classes."""
    found: dict[int, set[str]] = {}
    for number, place in zip(one.numbers(scale).tolist(), one.labels.tolist(), strict=True):
        found.setdefault(place, set()).add(truth[number])
    assert all(len(names) == 1 for names in found.values()), f"a place of the targets mixes classes: {found}"
    return ", ".join(found[place].pop() if place in found else "?" for place in range(one.targets.shape[1]))


def groups(seen: np.ndarray, parts: Mapping[str, Sequence[int]]) -> str:
    """'training part, each once; 3 of 10 of test part, each once': which images were seen, how often."""
    counts = {number: int((seen == number).sum()) for number in set(seen.tolist())}
    said, known = [], set()
    for name, members in parts.items():
        often = [counts[number] for number in set(members) if number in counts]
        known |= set(members)
        if often:
            least, most = min(often), max(often)
            how = "once" if most == 1 else f"{least} times" if least == most else f"{least} to {most} times"
            share = "" if len(often) == len(set(members)) else f"{len(often)} of {len(set(members))} of "
            said.append(f"{share}{name}, each {how}")
    strange = sum(count for number, count in counts.items() if number not in known)
    return "; ".join(said + [f"{strange} others"] * bool(strange))


def augmentation(passes: Sequence[Pass], scale: Scale, scene) -> str:
    """Over epochs: none, the same in every epoch, or new in every epoch; fails on anything between."""
    plain = {image.tobytes() for pixels in scene.plain() for image in pixels[..., 0]}
    epochs = [_looks(epoch, scale) for epoch in passes]
    changed = [look for epoch in epochs for look in epoch if look not in plain]
    if not changed:
        return "none"
    total = sum(map(len, epochs))
    if len(changed) < 0.9 * total:
        raise AssertionError(f"{len(changed)} of {total} images are augmented, the others are not")
    if all(sorted(epoch) == sorted(epochs[0]) for epoch in epochs[1:]):
        return "the same in every epoch" if len(epochs) > 1 else "yes"
    again = total - len({look for epoch in epochs for look in epoch})
    if again > 0.1 * total:
        raise AssertionError(f"{again} of {total} augmented images came twice")
    return "new in every epoch"


def _looks(one: Pass, scale: Scale) -> list[bytes]:
    return [np.rint(image).astype("uint8").tobytes() for image in scale.grey(one.inputs)]


def rates(training: Training) -> str:
    """'0.001', '0.001 to 3e-05' where the rate changes, or '0 to 0.001 to 3e-05' after a warm-up."""
    first, highest, last = training.rates[0], max(training.rates), training.rates[-1]
    turns = dict.fromkeys(f"{rate:.3g}" for rate in (first, highest, last))
    return " to ".join(turns)


def layers(one: Pass) -> str:
    """The layers that may move, and how many are frozen."""
    own = list(dict.fromkeys(path.rsplit("/", 1)[0] for path in one.start))
    moving = {path.rsplit("/", 1)[0] for path in one.trainable}
    if moving == set(own):
        return "all layers"
    return ", ".join(name for name in own if name in moving) + f"; {len(own) - len(moving)} frozen"


def key_table(base: Mapping[str, list[str]], others: Mapping[str, Mapping[str, list[str]]]) -> list[dict]:
    """A line per changed input: which stages are made anew, and which are found again."""
    lines = []
    for change, keys in others.items():
        cells = {"Changed": change}
        for stage, own in base.items():
            cells[stage] = "not asked" if stage not in keys else "found" if keys[stage] == own else "anew"
        lines.append(cells)
    return lines


def check_table(readme: Path, lines: Sequence[Mapping[str, str]], name: str = "protocol") -> None:
    """Fails where the README's table differs from these lines; under WRITE_TABLES=1 it is written instead."""
    header = list(dict.fromkeys(key for line in lines for key in line))
    made = table(header, [[line.get(key, "") for key in header] for line in lines])
    text = Path(readme).read_text(encoding="utf-8")
    place = rf"(<!-- table: {name} -->\n).*?(<!-- /table -->)"
    new, found = re.subn(place, lambda match: match[1] + made + match[2], text, flags=re.DOTALL)
    assert found == 1, f"{readme}: no table '{name}': add <!-- table: {name} --> and <!-- /table -->"
    if os.environ.get(WRITE) and new != text:
        Path(readme).write_text(new, encoding="utf-8")
    else:
        assert new == text, f"{readme}: table '{name}' is not what the code does; make protocol\n{made}"
