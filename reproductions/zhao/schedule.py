"""The learning rate of each step: BiT's rule of warm-up and three drops (Kolesnikov et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence


def learning_rate(step: int, nodes: Sequence[int], rate: float, start: float = 0.0) -> float:
    """The rate of a step counted from 0; `nodes` = (end of warm-up, three drops, end of training).

    The rate rises linearly from `start` and is divided by ten after each drop's own step, as in the rule.
    """
    warm, *drops, end = nodes
    if not 0 <= step < end:
        raise ValueError(f"step {step} is not one of the {end} steps of schedule {tuple(nodes)}")
    if step < warm:
        return start + (rate - start) * step / warm
    return rate / 10 ** sum(drop < step for drop in drops)


def blocks(end: int, size: int) -> list[int]:
    """The training cut into blocks of `size` steps, evaluated at their ends; the last may be shorter."""
    return [min(size, end - start) for start in range(0, end, size)]
