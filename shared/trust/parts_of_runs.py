"""The parts of a page that look at runs: leaks, calibration, and rates where few are ill."""

from __future__ import annotations

from collections.abc import Sequence

from shared.comparison import Predictions, Run, by_row, pool
from shared.trust import leaks, prevalence
from shared.trust.calibration import Calibration, calibration, reliability_of, scaled
from shared.trust.leaks import Leak
from shared.trust.part import Diagram, Part
from shared.trust.prevalence import PREVALENCES, Share
from shared.trust.rates import Printed

DEMO = "DEMO"


def _both_kinds(runs: Sequence[Run]) -> list[tuple[str, Run]]:
    """(title, run) of real runs and demos; a demo's title says so."""
    real, demos = by_row(runs), by_row(runs, demo=True)
    named = [(f"{DEMO} {row}", run) for row, several in demos.items() for run in several]
    return [(row, run) for row, several in real.items() for run in several] + named


# --- leaks -----------------------------------------------------------------------------------------------


def leaks_part(rows: Sequence[str], runs: Sequence[Run], found: Sequence[Leak], may_look: bool) -> Part:
    """Each row as published and clean, and test images that training has seen in some form."""
    lines = [*_twin_lines(rows, runs), *_leak_lines(runs, found)]
    looked = "Near duplicates and patients on both sides of each split: `trust --look` (reads the images)."
    if found:
        looked = "Test images count as seen that are in another part of their split themselves, "
        looked += "have a near duplicate there, or another image of their patient."
    if not may_look:
        looked = "The paper hands over no splits of its own to look for near duplicates in."
    head = ("Row", "Against", "Draws", "Difference or shares", "Accuracy on seen", "Accuracy on the others")
    return Part("Leaks", (*_twin_counts(rows, runs), looked), head, tuple(lines))


def _twin_counts(rows: Sequence[str], runs: Sequence[Run]) -> tuple[str, ...]:
    pairs = leaks.twins(rows)
    ran = [pair for pair in pairs if leaks.twin(*pair, runs) is not None]
    if not pairs:
        return ("No row of this paper has a clean twin.",)
    return (f"{len(pairs)} rows have a clean twin. Both have run of {len(ran) or 'none'}.",)


def _twin_lines(rows: Sequence[str], runs: Sequence[Run]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for row, clean in leaks.twins(rows):
        twin = leaks.twin(row, clean, runs)
        if twin is not None:
            how = "paired, on the same images" if twin.paired else "on different images"
            effect = (
                f"{100 * twin.effect:+.1f} points ({100 * twin.low:+.1f} to {100 * twin.high:+.1f}), {how}"
            )
            lines.append((row, clean, str(twin.draws), effect, "", ""))
    return lines


def _leak_lines(runs: Sequence[Run], found: Sequence[Leak]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    lines += [
        (leak.label, "training", "", _shares(leak), "", "") for leak in found if not _scored(runs, leak)
    ]
    for title, run in _both_kinds(runs):
        leak = leaks.of_run(run, found)
        if leak is not None:
            apart = leaks.apart(run.of("test"), leak)
            on_others = f"{_percent(apart.on_unseen)} ({_percent(apart.low)} to {_percent(apart.high)})"
            on_seen = f"{_percent(apart.on_seen)} of {apart.seen}"
            lines.append((title, leak.label, str(run.draw), _shares(leak), on_seen, on_others))
    return lines


def _scored(runs: Sequence[Run], leak: Leak) -> bool:
    return any(leaks.of_run(run, [leak]) for run in runs)


def _shares(leak: Leak) -> str:
    n = max(len(leak.test), 1)
    parts = (
        ("themselves", leak.same),
        ("a near duplicate", leak.duplicates),
        ("their patient", leak.patients),
    )
    shown = ", ".join(f"{name} {len(images)} ({len(images) / n:.0%})" for name, images in parts)
    return f"of {len(leak.test)} test images in training: {shown}"


def _percent(value: float) -> str:
    return "–" if value != value else f"{100 * value:.1f}%"


# --- calibration -----------------------------------------------------------------------------------------


def calibration_part(runs: Sequence[Run]) -> Part:
    """How sure each run is against how often it is right; a temperature where validation is there."""
    title = "Calibration"
    named = [(name, run) for name, run in _both_kinds(runs) if len(run.of("test").true)]
    usable = [(name, run) for name, run in named if run.of("test").scores is None]
    if not usable:
        return Part(title, ("No run with probabilities of test images yet.",))
    sentences = [
        "The error is the mean distance of probability and share right, over bins of equally many images. "
        "Small bins add to it by chance; the corrected error is without that part. The temperature is fitted "
        "on the validation predictions, by which training may have been stopped or chosen."
    ]
    if len(usable) < len(named):
        sentences.append("Rows in which other scores than probabilities decide are left out.")
    head = ("Row", "Draw", "Images", "Error", "By chance", "Corrected", "Brier", "Sure", "Temperature")
    lines = [line for name, run in usable for line in _calibration_lines(name, run)]
    return Part(title, tuple(sentences), head, tuple(lines), _diagrams(usable))


def _calibration_lines(name: str, run: Run) -> list[tuple[str, ...]]:
    test, validation = run.of("test"), run.of("validation")
    if not len(validation.true):
        return [_line(name, run, calibration(test), "no validation predictions are kept")]
    temperature, after = scaled(test, validation)
    return [
        _line(name, run, calibration(test), "before"),
        _line(name, run, calibration(after), f"{temperature:.2f}"),
    ]


def _line(name: str, run: Run, found: Calibration, temperature: str) -> tuple[str, ...]:
    numbers = (found.plain, found.by_chance, found.corrected)
    errors = (f"{100 * number:.1f}%" for number in numbers)
    sure = f"{100 * found.excess:+.1f} points: {found.verdict}"
    return (name, str(run.draw), str(found.images), *errors, f"{found.brier:.3f}", sure, temperature)


def _diagrams(named: Sequence[tuple[str, Run]]) -> tuple[Diagram, ...]:
    by_name: dict[str, list[Run]] = {}
    for name, run in named:
        by_name.setdefault(name, []).append(run)
    return tuple(
        Diagram(f"{name}: share right against probability", reliability_of(_pooled(several)), several[0].demo)
        for name, several in by_name.items()
    )


def _pooled(runs: Sequence[Run]) -> Predictions:
    return pool(runs).of("test")


# --- prevalence ------------------------------------------------------------------------------------------


def prevalence_part(printed: Printed, rows: Sequence[str], runs: Sequence[Run]) -> Part:
    """PPV and NPV for COVID-19 where few have it, from what is printed and from what was obtained."""
    title = "What sensitivity and specificity mean where few are ill"
    found = []
    for row in rows:
        rates = (
            prevalence.of_printed(printed, row, list(printed.sizes[row].counts))
            if row in printed.sizes
            else None
        )
        found += [(row, "printed", *rates)] if rates else []
    for name, several in _rows_of(runs).items():
        rates = prevalence.of_predictions(_pooled(several))
        found += [(name, "obtained", *rates)] if rates else []
    if not found:
        return Part(
            title, ("Neither a printed nor an obtained sensitivity and specificity for COVID-19 yet.",)
        )
    shares = " and ".join(f"{prevalence:.0%}" for prevalence in PREVALENCES)
    sentence = (
        f"If {shares} of the people examined had COVID-19 and the rates were the same: of those called ill "
        "(PPV) and of those called well (NPV), how many are. Intervals of 95%, from both rates."
    )
    heads = [f"{kind} at {prevalence:.0%}" for prevalence in PREVALENCES for kind in ("PPV", "NPV")]
    head = ("Row", "Rates", "Sensitivity", "Specificity", *heads)
    return Part(title, (sentence,), head, tuple(_prevalence_line(*one) for one in found))


def _rows_of(runs: Sequence[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for name, run in _both_kinds(runs):
        if len(run.of("test").true):
            found.setdefault(name, []).append(run)
    return found


def _prevalence_line(row: str, source: str, sensitivity: Share, specificity: Share) -> tuple[str, ...]:
    pairs = (prevalence.predictive(sensitivity, specificity, share) for share in PREVALENCES)
    shown = [str(share) for pair in pairs for share in pair]
    return (row, source, str(sensitivity), str(specificity), *shown)
