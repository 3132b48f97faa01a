"""docs/verdicts.md: how often the rule of verdicts errs, measured on experiments of known truth."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from shared.base.files import write_text
from shared.base.text import markdown_table
from shared.comparison import conditions, coverage, prediction, rule, simulated_tables
from shared.comparison.conditions import Outcome
from shared.comparison.rule import CLOSE, NOT_REPRODUCED, REPRODUCED
from shared.comparison.simulation import RUNS, SIZES, Setting, both_sides, settings

WORKERS = 2

INTRODUCTION = """\
# When a printed number is reproduced

`python -m reproductions verdicts --simulate` writes this page. It draws experiments whose truth is
known, ours and the paper's, and judges them with the code that judges real runs
(`shared/comparison/rule.py`).

## The rule
{rule}
## Experiments
Of the test images some are always right, some always wrong, and the rest are decided anew by each draw,
with a chance that differs from draw to draw: that is what training does. In *own* each draw has test
images of its own; in *shared* our draws share one test set and the paper's runs another; in *same* both
sides share one; in *selected* the draw that is best on a validation part is compared on either side.
Numbers are printed to a tenth of a per cent. {settings:,} settings: n of {sizes}; J of 1, 2, 3, 5, 10,
50 draws; m of {runs} printed runs, with and without a printed spread; true rates of 90% and 98%, and
training that alone makes draws vary by 0.3 to 3 points; with and without a claimed effect of 6 points;
rates, and gains of one row over another. Each setting is repeated {times:,} times,
and one that seems to break a condition {again:,} times.
"""
DEPARTURES = """\
## Why the rule is as it is
Simpler wordings were tried. The first three break a condition:

- **w ≤ δ with the estimated spread alone.** With a handful of draws the estimate is often too small by
  luck. In *own*, where the true w is larger than the true δ, a number would be REPRODUCED in up to {luck};
  asking that w be at most δ also with the largest spread that the draws allow (90%) makes that {luck_now}.
- **Satterthwaite's degrees of freedom where images are added.** They depend on the estimated spread:
  two equal experiments with two draws on a shared test set were called different in up to
  {satterthwaite}. Adding the two parts of the half-width as squares, each with its own quantile, makes
  that {satterthwaite_now}.
- **p(1 − p) of our side alone.** Near 0 and 1 it is too small by luck. Both sides together, with one
  image added on either side, cure that; so does a spread of at least one image where draws agree to the
  image (of one epoch, where all stop at the same).
- **The spread of a table's rows as it is.** A row that varies more than the others is then called different
  two to three times as often as it should be; "never smaller than the row's own" cures most of that, and
  costs verdicts that are REPRODUCED.
"""


def write_simulation(path: Path) -> list[str]:
    """Runs the simulation and writes the page; returns the conditions that are broken."""
    grid = list(settings())
    with ProcessPoolExecutor(WORKERS) as workers:
        spread = functools.partial(_with_progress, workers)
        found = conditions.outcomes(grid, each=spread)
    shares = list(tqdm(coverage.shares(), desc="intervals and claims", disable=None))
    problems = [f"{text}: {_named(o.setting)}" for text, o in conditions.broken(found)]
    problems += [
        f"{s.what}: {s.share:.1%} ({s.design}, n = {s.n}, J = {s.draws})" for s in shares if not s.holds
    ]
    write_text(path, _page(found, shares, problems))
    return problems


def _with_progress(workers: ProcessPoolExecutor, function, grid: Sequence[Setting]) -> Iterable[Outcome]:
    return tqdm(workers.map(function, grid, chunksize=16), total=len(grid), desc="experiments", disable=None)


def _page(found: Sequence[Outcome], shares: Sequence[coverage.Share], problems: Sequence[str]) -> str:
    sizes = ", ".join(f"{n:,}" for n in SIZES)
    return "\n".join(
        [
            INTRODUCTION.format(
                rule="".join(f"> {line}\n" for line in rule.VERDICT_RULE.splitlines()),
                settings=len(found),
                sizes=sizes,
                runs=", ".join(map(str, RUNS)),
                times=conditions.TIMES,
                again=conditions.TIMES_AGAIN,
            ),
            "## Conditions\n" + _conditions(found, problems),
            "## Rates\n" + _rates(found),
            "## Tables of several rows\n" + _tables(),
            "## Intervals, claims and McNemar's test\n" + _shares(shares),
            DEPARTURES.format(**_departures(found)),
        ]
    )


def _conditions(found: Sequence[Outcome], problems: Sequence[str]) -> str:
    out_of_reach = [o.reproduced for o in found if not o.within_reach]
    lines = [
        ("truth equal: CLOSE or NOT REPRODUCED", f"{max(o.different for o in found):.1%}", "6%"),
        ("truth 2δ apart: REPRODUCED", f"{max(o.overlooked for o in found):.1%}", "5%"),
        ("true w > true δ, truth equal: REPRODUCED", f"{max(out_of_reach):.1%}", "12%"),
    ]
    body = markdown_table(("Condition", "Largest share", "Limit"), lines)
    fall = "" if problems else " no condition is broken."
    broken = "".join(f"- broken: {problem}\n" for problem in problems)
    body += "\nWhere the true w is at most the true δ, the share REPRODUCED must not fall by more than two\n"
    return body + f"points as draws are added. Of all these conditions and those below:{fall}\n{broken}"


def _rates(found: Sequence[Outcome]) -> str:
    """REPRODUCED when equal / called different when equal / REPRODUCED at 2δ, in per cent."""
    shown = [
        o
        for o in found
        if (o.setting.rate, o.setting.training) == (0.9, 0.01)
        and np.isnan(o.setting.effect)
        and not o.setting.spread_known
    ]
    by_line: dict[tuple, dict[int, str]] = {}
    for o in shown:
        s = o.setting
        key = (f"{s.design}{', gain' if s.gain else ''}", f"{s.n:,}", str(s.runs))
        rates = (o.reproduced, o.different, o.overlooked)
        by_line.setdefault(key, {})[s.draws] = " / ".join(f"{100 * rate:.0f}" for rate in rates)
    draws = sorted({o.setting.draws for o in shown})
    lines = [(*key, *(cells.get(j, "") for j in draws)) for key, cells in by_line.items()]
    head = ("design", "n", "m", *(f"J = {j}" for j in draws))
    said = "Per cent REPRODUCED when equal / called different when equal / REPRODUCED at 2δ; a rate of 90%,"
    said += "\ntraining that varies by one point, no claimed effect, no printed spread.\n\n"
    return said + markdown_table(head, lines)


def _tables() -> str:
    """What pooling over rows does where they are alike, and where they are not."""
    images, runs = simulated_tables.IMAGES, simulated_tables.RUNS
    said = f"""Design *own*, {images} images, {runs} printed runs. Of the first row: per cent called different
when equal / REPRODUCED when equal. One draw cannot show that a ± is too small: there the reason of a
verdict says that it rests on the printed ± alone. No condition asks for this: where the rows of a table
vary unequally, or a ± is wrong, the rule errs more often than in 6%.

"""
    head = ("Table", *(f"J = {draws}" for draws in simulated_tables.DRAWS))
    return said + markdown_table(head, list(simulated_tables.lines()))


def _shares(shares: Sequence[coverage.Share]) -> str:
    head = ("What", "design", "n", "J", "true rate", "share", "limit")
    return markdown_table(head, [_share_cells(s) for s in shares])


def _share_cells(s: coverage.Share) -> tuple[str, ...]:
    limit = f"{'≥' if s.at_least else '≤'} {s.limit:.0%}"
    return s.what, s.design, f"{s.n:,}", str(s.draws), f"{s.rate:.0%}", f"{s.share:.1%}", limit


def _named(s: Setting) -> str:
    gain = ", gain" if s.gain else ""
    sizes = f"n = {s.n}, J = {s.draws}, m = {s.runs}"
    return (
        f"{s.design}{gain}, {sizes}, rate {s.rate}, training {s.training}, spread printed: {s.spread_known}"
    )


# --- other wordings --------------------------------------------------------------------------------------


def _departures(found: Sequence[Outcome]) -> dict[str, str]:
    """What the wordings that were not taken would give."""
    luck = [o for o in found if not o.within_reach and o.setting.design == "own" and not o.setting.gain]
    shared = [o for o in found if (o.setting.design, o.setting.draws) == ("shared", 2) and not o.setting.gain]
    return {
        "luck": f"{max(_lucky(o.setting) for o in luck):.0%}",
        "luck_now": f"{max(o.reproduced for o in luck):.0%}",
        "satterthwaite": f"{max(_by_satterthwaite(o.setting) for o in shared):.0%}",
        "satterthwaite_now": f"{max(o.different for o in shared):.0%}",
    }


def _sides(setting: Setting) -> tuple[prediction.Printed, prediction.Ours]:
    return both_sides(setting, 0.0, conditions.TIMES, np.random.default_rng([*repr(setting).encode()]))


def _lucky(setting: Setting) -> float:
    """REPRODUCED when equal, were w compared with δ by the estimated spread alone."""
    seen = prediction.predict(*_sides(setting))
    alone = dataclasses.replace(seen, w_largest=seen.w, delta_largest=seen.delta)
    return float((rule.verdicts(alone) == REPRODUCED).mean())


def _by_satterthwaite(setting: Setting) -> float:
    """Called different when equal, with one quantile for the sum of both variances."""
    printed, ours = _sides(setting)
    seen = prediction.predict(printed, ours)
    of_draws = ours.spread.variance() * (1 / ours.draws + 1 / printed.runs)
    variance = of_draws + ours.images.variance + printed.images.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(of_draws > 0, ours.spread.df * (variance / of_draws) ** 2, np.inf)
    w = np.sqrt(prediction.half_width_squared(np.minimum(df, 1e9), variance))
    wide = dataclasses.replace(seen, w=w, w_largest=w)
    return float(np.isin(rule.verdicts(wide), (CLOSE, NOT_REPRODUCED)).mean())
