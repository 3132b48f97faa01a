"""The conditions that the rule of verdicts must meet, tried on simulated experiments."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from shared.comparison.rule import CLOSE, NOT_REPRODUCED, REPRODUCED
from shared.comparison.simulation import Setting, simulate

FALSE_ALARMS, OVERLOOKED, FALL, LUCK = 0.06, 0.05, 0.02, 0.12
TIMES, TIMES_AGAIN = 1000, 20000
"""Repetitions of each setting, and of those that seem to break a condition."""


@dataclasses.dataclass
class Outcome:
    """How often a setting was called different when equal, and the same when equal or when 2δ apart."""

    setting: Setting
    within_reach: bool
    """Whether the true w is at most the true δ."""
    different: float
    reproduced: float
    overlooked: float
    times: int = TIMES


def outcome(setting: Setting, times: int = TIMES) -> Outcome:
    """One setting, from random numbers of its own."""
    rng = np.random.default_rng([times, *repr(setting).encode()])
    w, delta = setting.truth()
    equal = simulate(setting, 0.0, times, rng)
    apart = simulate(setting, setting.apart(), times, rng)
    return Outcome(
        setting,
        w <= delta + 1e-9,
        float(np.isin(equal, (CLOSE, NOT_REPRODUCED)).mean()),
        float((equal == REPRODUCED).mean()),
        float((apart == REPRODUCED).mean()),
        times,
    )


def outcomes(
    settings: Sequence[Setting], each: Callable = map, times: int = TIMES, times_again: int = TIMES_AGAIN
) -> list[Outcome]:
    """All settings; those that seem to break a condition once more with more repetitions. `each` maps."""
    found = list(each(_Times(times), settings))
    suspects = [o.setting for o in {id(o): o for _, o in broken(found)}.values()]
    repeated = each(_Times(times_again), _with_fewer_draws(suspects, settings))
    again = {repr(o.setting): o for o in repeated}  # by text: an effect that is not a number equals none
    return [again.get(repr(o.setting), o) for o in found]


@dataclasses.dataclass(frozen=True)
class _Times:
    """`outcome` with a number of repetitions, such that another process can be handed it."""

    times: int

    def __call__(self, setting: Setting) -> Outcome:
        return outcome(setting, self.times)


def _with_fewer_draws(suspects: Iterable[Setting], settings: Iterable[Setting]) -> list[Setting]:
    """A fall is one against fewer draws: these are repeated too."""
    series = {(_series(s), s.draws) for s in suspects}
    most: dict[str, int] = {}
    for key, draws in series:
        most[key] = max(draws, most.get(key, 0))
    return [s for s in settings if s.draws <= most.get(_series(s), 0)]


def broken(found: Iterable[Outcome], slack: float = 0.0) -> list[tuple[str, Outcome]]:
    """Every condition that does not hold, with where; a slack for few repetitions."""
    problems: list[tuple[str, Outcome]] = []
    best: dict[str, float] = {}
    for o in sorted(found, key=lambda o: o.setting.draws):
        if o.different > FALSE_ALARMS + slack:
            problems.append((f"equal, yet called different in {o.different:.1%}", o))
        if o.overlooked > OVERLOOKED + slack:
            problems.append((f"2δ apart, yet REPRODUCED in {o.overlooked:.1%}", o))
        before = best.get(_series(o.setting), 0.0)
        if o.within_reach and o.reproduced < before - FALL - slack:
            problems.append((f"REPRODUCED falls from {before:.1%} to {o.reproduced:.1%} with more draws", o))
        if o.within_reach:
            best[_series(o.setting)] = max(before, o.reproduced)
        elif o.reproduced > LUCK + slack:
            problems.append((f"out of reach, yet REPRODUCED in {o.reproduced:.1%}", o))
    return problems


def _series(setting: Setting) -> str:
    """Settings that differ in our draws alone."""
    return repr(dataclasses.replace(setting, draws=0))
