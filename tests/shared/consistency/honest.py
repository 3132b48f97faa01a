"""Tables that are right by construction: counts drawn at random, averaged and printed as papers do it."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from shared.comparison import Reported, metrics
from shared.consistency.checks import PrintedSet

DRAWN, STRATIFIED, AT_RANDOM = "draws", "stratified folds", "folds at random"


@dataclasses.dataclass(frozen=True)
class Design:
    """How a table comes about."""

    classes: tuple[int, ...] = (40, 60)
    """Images of each class: of one test set, or of all folds."""
    parts: str = DRAWN
    times: int = 1
    pooled: bool = False
    """One matrix over all parts, and not the mean over theirs."""
    cut: bool = False
    spread: str = ""
    """'', 'population' or 'sample': which standard deviation is printed."""
    decimals: int = 2
    rows: int = 3

    @property
    def names(self) -> tuple[str, ...]:
        return tuple("abc"[: len(self.classes)])

    @property
    def stated(self) -> PrintedSet:
        """What the paper says of its test set."""
        counts = dict(zip(self.names, self.classes, strict=True))
        times = {"draws" if self.parts == DRAWN else "folds": self.times}
        whole = {c: 10 * n for c, n in counts.items()} if self.parts == DRAWN else {}
        return PrintedSet(rows=("r*",), counts=counts, whole=whole, **times)

    def matrices(self, rng: np.random.Generator) -> np.ndarray:
        """A confusion matrix of each part."""
        skill = rng.uniform(0.7, 0.97, len(self.classes))
        return np.stack([self._matrix(sizes, skill, rng) for sizes in self._sizes(rng)])

    def _sizes(self, rng: np.random.Generator) -> np.ndarray:
        if self.parts == DRAWN:
            return np.tile(self.classes, (self.times, 1))
        labels = np.repeat(np.arange(len(self.classes)), self.classes)
        fold = np.arange(len(labels)) % self.times  # dealt class by class: stratified
        fold = rng.permutation(fold) if self.parts == AT_RANDOM else fold
        return np.stack(
            [np.bincount(labels[fold == f], minlength=len(self.classes)) for f in range(self.times)]
        )

    def _matrix(self, sizes: np.ndarray, skill: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        k = len(sizes)
        shares = (1 - skill[:, None]) / (k - 1) * (1 - np.eye(k)) + np.diag(skill)
        return np.stack([rng.multinomial(n, share) for n, share in zip(sizes, shares, strict=True)])

    def table(self, seed: int) -> list[Reported]:
        """All rates that papers print, of some rows."""
        rng = np.random.default_rng(seed)
        cells = [cell for row in range(self.rows) for cell in self._row(f"r{row}", self.matrices(rng))]
        return [cell for cell in cells if cell.value != "nan"]  # of a class that was never decided for

    def _row(self, row: str, matrices: np.ndarray):
        yield self.cell(row, "accuracy", "", matrices)
        if len(self.classes) == 2:
            for metric in ("sensitivity", "specificity", "f1", "ppv", "npv"):
                yield self.cell(row, metric, "a", matrices)
            return
        for metric, name in itertools.product(
            ("recall", "precision", "specificity", "npv", "f1"), self.names
        ):
            yield self.cell(row, metric, name, matrices)

    def cell(self, row: str, metric: str, name: str, matrices: np.ndarray) -> Reported:
        """One number as it is printed."""
        positive = self.names.index(name) if name else None
        of_parts = metrics.rate(matrices, metric, positive)
        value = metrics.rate(matrices.sum(0), metric, positive) if self.pooled else of_parts.mean()
        spread = of_parts.std(ddof=self.spread == "sample") if self.spread and self.times > 1 else None
        return Reported(
            *("Table 1", row, row, name, "test", metric, "=", self.printed(value)),
            *("" if spread is None else self.printed(spread), "%", self.decimals, "table", "paper"),
            *("pooled" if self.pooled else "mean", "", ""),
            runs=self.times,
        )

    def printed(self, fraction: float) -> str:
        """In per cent, rounded or cut off."""
        value = 100 * fraction
        if self.cut:
            value = np.floor(value * 10**self.decimals + 1e-9) / 10**self.decimals
        return f"{value:.{self.decimals}f}"


PRINTED = ((False, ""), (True, ""), (False, "population"), (True, "sample"))
"""Cut off or rounded, and which standard deviation stands beside the number."""


def designs() -> dict[str, Design]:
    """Every way of averaging and printing, for two classes and for three."""
    found = {}
    for classes, (cut, spread) in itertools.product(((40, 60), (17, 24, 22)), PRINTED):
        how = f"{len(classes)} classes, {'cut off' if cut else 'rounded'}{spread and f', ± {spread}'}"
        own = Design(classes, cut=cut, spread=spread)
        if not spread:
            found[f"one test set, {how}"] = own
        for times in (3, 5):
            found[f"mean over {times} draws, {how}"] = dataclasses.replace(own, times=times)
        for parts, pooled in itertools.product((STRATIFIED, AT_RANDOM), (False, True)):
            name = f"{'pooled' if pooled else 'mean'} over {parts}, {how}"
            found[name] = dataclasses.replace(own, parts=parts, times=5, pooled=pooled)
    return found
