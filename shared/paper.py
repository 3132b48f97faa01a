"""The contract of a paper: the one object that each `reproductions.<paper>` exports."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.base.download import Remote, Wanted
from shared.base.errors import UserError
from shared.base.fields import deviations
from shared.base.text import nearest

if TYPE_CHECKING:
    import keras
    import numpy as np

    from shared.comparison import Claim, Predictions, Reported, Run, Words
    from shared.consistency.printed import PrintedSet
    from shared.training.runtime import Runtime
    from shared.training.stages import Stages


REPORTED = "reported.csv"


Provenance = Mapping[str, Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class Folders:
    """Where data, weights and what is built of the data are."""

    data: Path
    weights: Path
    cache: Path


@dataclasses.dataclass(frozen=True)
class Need:
    """Data or weights that a row cannot run without."""

    what: str
    find: Callable[[Path, Path], str | None]
    """(data_dir, weights_dir) -> None when it is there, else one line: what is missing, where to put it."""
    facts: Callable[[Folders], Provenance] | None = None
    """The data or weights in use, for the facts: {"data": {name: ...}} or {"weights": {file: ...}}."""
    datasets: tuple[Wanted, ...] = ()
    """The datasets that `get` fetches for it."""
    weights: tuple[Remote, ...] = ()
    """The files of weights that `get` fetches for it."""


def imagenet_weights(backbone: str, top: bool = False) -> Need:
    """The need of a network's ImageNet weights."""

    def find(_: Path, weights_dir: Path) -> str | None:
        from shared.training.backbones import weights_missing

        return weights_missing(weights_dir, backbone, top)

    def facts(at: Folders) -> Provenance:
        from shared.training.backbones import weight_facts

        return {"weights": weight_facts(at.weights, backbone, top)}

    from shared.training.imagenet import remote

    return Need(f"{backbone} ImageNet weights", find, facts, weights=(remote(backbone, top),))


@dataclasses.dataclass(frozen=True)
class Work:
    """A piece of a row's work as `--plan` counts it; pieces of equal name and key are done once."""

    name: str
    key: Mapping[str, Any]
    """The part of the row that it depends on (a part of the stage's key, if it is a stage).

    A stage of one draw alone has the draw's number in it, as `draw`; any other serves all draws.
    """
    images: int
    """Image-steps: images × epochs × draws; where a rule may end it earlier, the most that it can be."""
    model: Callable[[Runtime], keras.Model]
    """The model as it is run: built, and compiled when `train`; its speed does not need real weights."""
    batch: int
    train: bool = True
    stage: str = ""
    """The name of the stage that keeps the result, if one does: other draws and rows find it there."""
    speed: str = ""
    """Pieces with the same text here run at the same speed: it is measured once."""
    epoch: int = 0
    """Images of one epoch; 0 where the work has no epochs."""
    at_most: bool = False
    """Whether a stopping rule decides how much of it is done."""


@dataclasses.dataclass(frozen=True)
class Context:
    """All that reaches a paper from outside its own config."""

    data_dir: Path
    weights_dir: Path
    cache_dir: Path
    run_dir: Path
    runtime: Runtime
    stages: Stages
    seed: int
    demo: bool
    """For marking pictures only: what a demo changes is in the row."""
    split_list: Path | None = None
    """A file that says who is in which part, instead of the row's own split."""


Box = Sequence[int]
"""Left, top, right, bottom, in pixels."""


@dataclasses.dataclass(frozen=True)
class Trained:
    """A run's model, ready for images of anybody."""

    model: keras.Model
    pixels: Callable[[bytes, Box | None], np.ndarray]
    """An image file's bytes, and the box that it is cut to, as the array that the row's own images become."""
    ready: Callable[[np.ndarray], Any]
    """A batch of such arrays as the model's input."""
    explain: Callable[[np.ndarray, np.ndarray], np.ndarray]
    """(such arrays, a class for each) -> Grad-CAM maps as the paper's figures show them."""
    boxed: bool = False
    """Whether the row's own images are cut to an annotated box."""
    scores: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    """(activations, probabilities) -> scores, where something other than the probabilities decides."""


@dataclasses.dataclass(frozen=True)
class Paper:
    """The contract: command line, report, audit and scheduler know nothing else of a paper."""

    name: str
    title: str
    citation: str
    about: str
    """Authors, year, and the idea in one sentence: the list of papers shows it."""
    package: str
    rows: tuple[Any, ...]
    claims: tuple[Claim, ...]
    selectors: Mapping[str, str]
    needs: Callable[[Any], tuple[Need, ...]]
    demo: Callable[[Any], Any]
    work: Callable[[Any], tuple[Work, ...]]
    run: Callable[[Any, int, Context], Predictions]
    trained: Callable[[Any, Path, Runtime], Trained]
    """(row, run folder, runtime) -> the model that the run kept there, for `predict`."""
    write_phantoms: Callable[[Path, bool], None]
    """(folder, shuffled): the look-alikes of a demo; shuffled, their labels say nothing of the pictures."""
    control_rows: tuple[str, ...]
    """Ids of the rows that a demo runs where none is named: they must learn what the look-alikes show."""
    printed_sets: tuple[PrintedSet, ...]
    """The test sets that the paper states: its numbers must be shares of their images."""
    printed_numbers: Mapping[tuple[str, str], int]
    """(source, by) -> lines of reported.csv, as counted in the paper; a test compares."""
    mixed_precision: int
    """The number of the README's deviation that is in force where a training computed in half precision."""
    splits: Callable[[Sequence[Any], Path, Path], Iterable[Any]] | None = None
    """(rows, data_dir, cache_dir) -> their own splits (data_builders.split_lists.Split), each once."""
    split_of: Callable[[Any], str] | None = None
    """The name of a row's split: its lists are NAME-draw-K.csv, or NAME.csv for all draws; '' for none."""
    figures: Callable[[Mapping[str, Sequence[Run]]], Mapping[str, tuple[Any, str]]] | None = None
    """Runs by row -> the paper's figures over several rows: name -> (matplotlib figure, caption)."""
    deviations_without_field: Callable[[Any], tuple[int, ...]] = lambda row: ()
    """The numbers of the README's deviations that are in force in a row and that no field of it carries."""
    grouped_by: str = ""
    """The field by which the report folds the rows that ran, such as the method."""
    facts: tuple[str, ...] = ()
    """What the paper's own facts are called: numbers of a run that are neither metrics nor common facts."""
    code_version: Callable[[Any], int] = lambda row: 1
    """A number that is raised when a row's meaning changes: runs of another number do not count for it."""

    def in_force(self, row: Any, precision: str = "float32") -> list[int]:
        """The numbers of all deviations that a row rests on, and its training in this precision."""
        mixed = (self.mixed_precision,) if precision != "float32" else ()
        return sorted({*deviations(row), *self.deviations_without_field(row), *mixed})

    @property
    def folder(self) -> Path:
        """The paper's folder: its README, its numbers and its evidence."""
        return _folder(self.package)

    def reported(self) -> list[Reported]:
        """All numbers the paper reports."""
        from shared.comparison import load_reported

        return load_reported(self.folder / REPORTED, self._words())

    def check(self) -> Paper:
        """Itself; an unknown word in reported.csv or in a claim is an error that names its place."""
        from shared.comparison import check_tests

        self.reported()
        for row_id in self.control_rows:
            self.row(row_id)
        check_tests({claim.id: claim.test for claim in self.claims}, self._words())
        return self

    def _words(self) -> Words:
        from shared.comparison import Words

        classes = dict.fromkeys(name for sizes in self.printed_sets for name in sizes.counts)
        return Words(tuple(row.id for row in self.rows), tuple(classes), self.facts)

    def row(self, row_id: str) -> Any:
        """The row of that id; an unknown one is an error that names its nearest neighbours."""
        by_id = {row.id: row for row in self.rows}
        if row_id not in by_id:
            near = nearest(row_id, by_id)
            raise UserError(f"{self.name} has no row '{row_id}'; did you mean {near}? (--list shows all)")
        return by_id[row_id]


def lazily(package: str, module: str, name: str) -> Callable:
    """A paper's function, imported when it is first called: --list and --help wait for no TensorFlow."""

    def call(*args, **kwargs):
        import importlib

        return getattr(importlib.import_module(f"{package}.{module}"), name)(*args, **kwargs)

    return call


def reported_by(package: str) -> list[Reported]:
    """All numbers of a paper, for its own modules; others ask `PAPER.reported()`."""
    from shared.comparison import load_reported

    return load_reported(_folder(package) / REPORTED)


def _folder(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise UserError(f"{package} is no package that can be imported")
    return Path(found.origin).parent
