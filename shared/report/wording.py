"""How a number is worded, in the report, the terminal and the READMEs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.comparison import ON_LOG_SCALE, Comparison, Obtained, count_text, metrics

SIGNS = {
    "REPRODUCED": "✓",
    "CLOSE": "≈",
    "NOT REPRODUCED": "✗",
    "INCONCLUSIVE": "?",
    "NOT RUN": "–",
    "NOT COMPARABLE": "∅",
    "HOLDS": "✓",
    "FAILS": "✗",
    "DEMO": "△",
    "fits": "✓",
    "fits one reading": "≈",
    "does not fit": "✗",
    "supported": "✓",
    "not supported": "?",
    "contradicted": "✗",
    "not decidable": "–",
}
"""Each verdict's sign: colour alone never carries it."""


RECORDED = ("Row", "Set otherwise", "Draws", "Obtained (95% interval)", "Run time", "Date")


def recorded_rows(recorded: Iterable[Obtained]) -> list[tuple[str, ...]]:
    """Under the heads of `RECORDED`: also what the paper prints no number for."""
    rows: dict[tuple, list[Obtained]] = {}
    for entry in recorded:
        if " " not in entry.row:  # a number that several rows answer stands in the other table
            rows.setdefault((entry.row, entry.overrides, entry.take), []).append(entry)
    return [_obtained_cells(entries) for entries in rows.values()]


def _obtained_cells(entries: Sequence[Obtained]) -> tuple[str, ...]:
    first = entries[0]
    draws = f"{first.draw_count} of {first.wanted_draws}"
    draws = {"best-validation": "best on validation", "pooled": f"{draws}, pooled"}.get(first.take, draws)
    half = first.precision if "mixed" in first.precision else ""
    otherwise = ", ".join(filter(None, (first.overrides, half)))
    cells = first.row, otherwise, draws, "; ".join(map(_recorded_text, entries))
    return (*cells, f"{first.seconds:,.0f} s", first.date)


def _recorded_text(entry: Obtained) -> str:
    name = metric_name(entry.metric, entry.split) + (f" {entry.class_name}" if entry.class_name else "")
    percent, digits = entry.unit == "fraction", 1 if abs(entry.value) < 1000 else 0
    numbers = (entry.value, entry.low, entry.high)
    if entry.unit == "count":
        value, low, high = map(count_text, numbers)
    else:
        value, low, high = (f"{100 * v if percent else v:,.{digits}f}" for v in numbers)
    unit = "%" if percent else _unit(entry.unit)
    return f"{name} {value}{unit}" + (f" ({low} to {high})" if entry.low < entry.high else "")


def metric_name(metric: str, split: str) -> str:
    """A metric as people write it, with its split unless that is the test set."""
    known = {"ppv": "PPV", "npv": "NPV", "f1": "F1", "auc": "AUC", "ece": "ECE", "weights_mb": "weights"}
    name = known.get(metric, metric.replace("_", " "))
    return name if split == "test" or split in name else f"{name} ({split})"


def reported_text(line: Comparison) -> str:
    """The printed number with its operator, spread and unit."""
    r = line.reported
    if not r.value:
        return "a bar"
    operator = "" if r.operator == "=" else f"{r.operator} "
    spread = f" ± {r.spread}" if r.spread else ""
    value = count_text(r.number) if r.unit == "count" and r.value.isdigit() else r.value
    return f"{operator}{value}{spread}{_unit(r.unit)}"


def obtained_text(line: Comparison) -> str:
    """Our mean with its spread over draws, in the printed number's digits."""
    if line.obtained is None:
        return ""
    spread = f" ± {_number(line.std, line)}" if line.std == line.std and not _exact(line) else ""
    return f"{_number(line.mean, line)}{spread}{_unit(line.reported.unit)}"


def interval_text(line: Comparison) -> str:
    """Our interval, or nothing where there is none."""
    low, high = line.interval
    if not low < high or _exact(line):
        return ""
    covers = f" ({line.covers})" if line.covers else ""
    return f"{_number(low, line)} to {_number(high, line)}{covers}"


def difference_text(line: Comparison) -> str:
    """D ± w and δ, as the rule of verdicts knows them, with the design."""
    if line.w != line.w:
        return ""
    percent = line.reported.metric in ON_LOG_SCALE
    d, w, delta = (_difference(value, line, percent) for value in (line.distance, line.w, line.delta))
    sign = "" if d.startswith("-") or not float(line.distance) else "+"
    return f"{sign}{d} ± {w}; δ {delta} ({line.reported.design})".replace("-", "−", 1)


def at_other_deltas(line: Comparison) -> str:
    """The verdict at half of δ and at twice δ, where it differs."""
    if not line.at_half or line.at_half == line.verdict == line.at_double:
        return ""
    return f"at δ/2 {line.at_half.lower()}, at 2δ {line.at_double.lower()}"


def _difference(value: float, line: Comparison, percent: bool) -> str:
    if value == float("inf"):
        return "∞"
    return f"{100 * value:.0f}%" if percent else line.reported.text(value)


def _exact(line: Comparison) -> bool:
    """A size that every draw has alike: it has no spread and no interval."""
    return line.std == 0 and not metrics.is_metric(line.reported.metric)


def n_text(line: Comparison) -> str:
    """Images of one draw × draws; for a number that is no share of images, the draws alone."""
    if line.obtained is None:
        return ""
    if not metrics.is_metric(line.reported.metric):
        return f"{line.draws} draw{'s' if line.draws != 1 else ''}"
    return f"{line.n} × {line.draws}"


def _number(value: float, line: Comparison) -> str:
    return line.reported.text(value)


def _unit(unit: str) -> str:
    return {"%": "%", "fraction": "", "count": ""}.get(unit, f" {unit}")


def signed(effect: float) -> str:
    """A difference: of rates to a hundredth of a point, of thousands as a whole number; '' for NaN."""
    if effect != effect:
        return ""
    return f"{effect:+,.0f}" if abs(effect) >= 1000 else f"{effect:+.4f}"
