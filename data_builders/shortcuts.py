"""Does something that is not the image give the class away? A small tree, cross-validated, on such facts."""

from dataclasses import asdict, dataclass

import numpy as np

from data_builders.catalog import Table
from data_builders.image_files import natural
from data_builders.splits import grouped_k_fold, k_fold
from shared.base.wilson import wilson

FOLDS = 5
FILE_FACTS = ("format", "channels", "width", "height", "aspect", "size")
PATIENT_FACTS = ("view", "age", "sex", "modality", "source", "day", "followup")
TOGETHER = "all of these together"
POSITION = "position among the file names"


@dataclass(frozen=True)
class Judgement:
    """How well one fact (or all together) tells the class of images whose patient the tree has not seen.

    The interval is Wilson's for as many cases as there are patients: images of one patient repeat each other.
    """

    fact: str
    right: int
    images: int
    low: float
    high: float
    majority: float

    @property
    def accuracy(self) -> float:
        return self.right / self.images

    @property
    def gives_away(self) -> bool:
        """Whether even the low end of the interval beats always naming the largest class."""
        return self.low > self.majority

    def as_dict(self) -> dict:
        """For JSON."""
        return asdict(self) | {"accuracy": self.accuracy, "gives_away": self.gives_away}


def facts(table: Table) -> dict[str, np.ndarray]:
    """The facts the table has that are not the image, as numbers; categories are numbered."""
    found = {name: table.extra[name] for name in (*FILE_FACTS, *PATIENT_FACTS) if name in table.extra}
    found["aspect"] = table.extra["width"] / table.extra["height"]
    found[POSITION] = _positions(table.name)
    numbers = {name: _numbers(column) for name, column in found.items()}
    return {name: column for name, column in numbers.items() if len(np.unique(column)) > 1}


def judge(table: Table) -> list[Judgement]:
    """One judgement per fact that varies, best first, led by all facts but the position together."""
    columns = facts(table)
    groups = np.where(table.patient == "", table.name, table.patient)
    folds, cases = _folds(table, groups), len(np.unique(groups))
    if not columns or not folds:
        return []
    together = np.stack(
        [column for name, column in columns.items() if name != POSITION] or [columns[POSITION]], 1
    )
    alone = [_judged(name, column[:, None], table.label, folds, cases) for name, column in columns.items()]
    return [
        _judged(TOGETHER, together, table.label, folds, cases),
        *sorted(alone, key=lambda judgement: -judgement.right),
    ]


def tell(judged: list[Judgement], table: Table) -> list[str]:
    """The judgements in sentences."""
    if not judged:
        return [
            "Whether other facts give the class away cannot be tested: too few images, or nothing varies."
        ]
    first, *alone = judged
    verdict = "DO give the class away" if first.gives_away else "do not give the class away"
    sentences = [
        f"Facts that are not the image (file format, channels, size, and view or age where known) {verdict}: "
        f"a small tree on them alone is right for {_share(first)}, always naming the largest class for "
        f"{first.majority:.1%}."
    ]
    guilty = {one.fact: _share(one) for one in alone if one.gives_away}
    position = guilty.pop(POSITION, "")
    if guilty:
        each = "; ".join(f"{fact} {share}" for fact, share in guilty.items())
        sentences.append(f"Each alone: {each}.")
    if position:
        sentences.append(
            f"The {POSITION} gives it away too, {position}; that follows from how the files were named, "
            "and nobody who has only the image knows it."
        )
    return sentences


def _share(one: Judgement) -> str:
    return f"{one.accuracy:.1%} (95% interval {one.low:.1%} to {one.high:.1%})"


def _positions(names: np.ndarray) -> np.ndarray:
    """The rank of each image when the names are sorted without their folders."""
    bare = [natural(name.rsplit("/", 1)[-1]) for name in names.tolist()]
    ranks = np.empty(len(bare), int)
    ranks[sorted(range(len(bare)), key=bare.__getitem__)] = np.arange(len(bare))
    return ranks


def _numbers(column: np.ndarray) -> np.ndarray:
    if np.issubdtype(column.dtype, np.number):
        return column.astype(float)
    return np.unique(column.astype(str), return_inverse=True)[1].astype(float)


def _folds(table: Table, groups: np.ndarray):
    known = bool(np.any(table.patient != ""))
    units = min(len(np.unique(groups[table.label == label])) for label in np.unique(table.label))
    k = min(FOLDS, units)
    if k < 2 or len(np.unique(table.label)) < 2:
        return []
    return grouped_k_fold(table.label, groups, k, 0) if known else k_fold(table.label, k, 0)


def _judged(name: str, columns: np.ndarray, label: np.ndarray, folds, cases: int) -> Judgement:
    from sklearn.tree import DecisionTreeClassifier

    right = 0
    for train, held in folds:
        tree = DecisionTreeClassifier(max_depth=6, min_samples_leaf=5, random_state=0)
        right += int(np.sum(tree.fit(columns[train], label[train]).predict(columns[held]) == label[held]))
    low, high = wilson(right / len(label), cases)
    majority = np.unique(label, return_counts=True)[1].max() / len(label)
    return Judgement(name, right, len(label), low, high, float(majority))
