"""Which image goes where: pure functions of labels, groups and a seed that return index arrays.

Every function keeps file order inside what it returns. A `seed` is an integer or a sequence of them, such
as (seed, draw). A group is a patient, or a cluster of near-duplicates; an empty group means "unknown" and
makes its image a group of its own.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from shared.base.errors import UserError

Seed = int | Sequence[int]
Split = tuple[np.ndarray, np.ndarray]


def contiguous_chunk(labels, fraction: float, seed: int, draw: int) -> Split:
    """(train, test): per class one run of consecutive images, placed at random by (seed, draw) alone."""
    chosen = []
    for label, members in _by_class(labels):
        size = _share(len(members), fraction, label)
        start = np.random.default_rng([seed, draw, label]).integers(len(members) - size + 1)
        chosen.append(members[start : start + size])
    return _complement(labels, np.concatenate(chosen))


def random_holdout(labels, size: float | Mapping[int, int], seed: Seed) -> Split:
    """(train, held out): per class a random fraction, or a stated number of images."""
    chosen = []
    wanted = _wanted(labels, size)
    for label, members in _by_class(labels):
        chosen.append(_generator(seed, label).choice(members, wanted.get(label, 0), replace=False))
    return _complement(labels, np.concatenate(chosen))


def grouped_holdout(labels, groups, size: float | Mapping[int, int], seed: Seed) -> Split:
    """(train, held out) with no group on both sides; per class at most the wanted number is held out.

    Groups are taken in random order while they fit. Where not even one fits, the smallest goes over.
    """
    wanted = _wanted(labels, size)
    classes, counts, group_of = _group_counts(labels, groups)
    room = np.array([wanted.get(label, 0) for label in classes.tolist()])
    taken = np.zeros(len(counts), bool)
    order = _generator(seed).permutation(len(counts))
    for group in order:
        if np.all(counts[group] <= room):
            taken[group] = True
            room = room - counts[group]
    for column in np.flatnonzero(room > 0):
        if not counts[taken, column].any():
            holders = [g for g in order if counts[g, column]]
            taken[min(holders, key=lambda g: counts[g].sum())] = True
    _refuse_empty_class(classes, counts[~taken])
    return np.flatnonzero(~taken[group_of]), np.flatnonzero(taken[group_of])


def k_fold(labels, k: int, seed: Seed) -> list[Split]:
    """k pairs (train, validation): every image is in validation once, each class is spread evenly."""
    fold = np.empty(len(labels), int)
    dealt = 0
    for label, members in _by_class(labels):
        fold[_generator(seed, label).permutation(members)] = (dealt + np.arange(len(members))) % k
        dealt += len(members)
    return _folds(fold, k, len(fold), "images")


def grouped_k_fold(labels, groups, k: int, seed: Seed) -> list[Split]:
    """k pairs (train, validation) with no group on both sides; large groups are dealt first."""
    _, counts, group_of = _group_counts(labels, groups)
    share = counts / counts.sum(axis=0)
    order = _generator(seed).permutation(len(counts))
    order = order[np.argsort(-share[order].sum(axis=1), kind="stable")]
    filled = np.zeros((k, counts.shape[1]))
    fold = np.empty(len(counts), int)
    for group in order:
        held = counts[group] > 0
        fold[group] = np.lexsort((filled.sum(axis=1), filled[:, held].max(axis=1)))[0]
        filled[fold[group]] += share[group]
    return _folds(fold[group_of], k, len(counts), "groups")


def pick_per_class(labels, n_per_class: int | Mapping[int, int], seed: Seed) -> np.ndarray:
    """A random subset with a stated number of images of each class; of those a mapping leaves out, none."""
    if not isinstance(n_per_class, Mapping):
        n_per_class = {label: n_per_class for label, _ in _by_class(labels)}
    return random_holdout(labels, n_per_class, seed)[1]


def pool_rows(labels, size: int) -> np.ndarray:
    """The image behind each item of a balanced pool: item i has class i mod k, whose images take turns."""
    members = [rows for _, rows in _by_class(labels)]
    turn, column = np.divmod(np.arange(size), len(members))
    return np.array([members[c][t % len(members[c])] for t, c in zip(turn, column, strict=True)])


def shared_groups(groups, first, second) -> list[str]:
    """The known groups that are on both sides of a split."""
    groups = np.asarray(groups).astype(str)
    return sorted((set(groups[first]) & set(groups[second])) - {""})


def _generator(seed: Seed, *more: int) -> np.random.Generator:
    return np.random.default_rng([*np.atleast_1d(seed).tolist(), *more])


def _by_class(labels) -> list[tuple[int, np.ndarray]]:
    labels = np.asarray(labels)
    return [(int(label), np.flatnonzero(labels == label)) for label in np.unique(labels)]


def _share(n: int, fraction: float, label: int) -> int:
    size = round(n * fraction)
    if not 0 < size < n:
        raise UserError(f"class {label} has {n} images: {fraction:.0%} of them leaves one side empty")
    return size


def _wanted(labels, size) -> dict[int, int]:
    if not isinstance(size, Mapping):
        return {label: _share(len(members), size, label) for label, members in _by_class(labels)}
    present = {label: len(members) for label, members in _by_class(labels)}
    for label, n in size.items():
        if n > present.get(label, 0):
            raise UserError(f"class {label} has {present.get(label, 0)} images, {n} are wanted")
    return dict(size)


def _complement(labels, chosen) -> Split:
    chosen = np.sort(chosen)
    return np.setdiff1d(np.arange(len(labels)), chosen), chosen


def _group_counts(labels, groups):
    """(classes, images per group and class, the group of each image)."""
    groups = np.asarray(groups).astype(str)
    if len(groups) != len(labels):
        raise ValueError(f"{len(labels)} labels but {len(groups)} groups")
    unknown = groups == ""
    _, group_of = np.unique(groups, return_inverse=True)
    group_of = np.where(unknown, len(groups) + np.arange(len(groups)), group_of)
    _, group_of = np.unique(group_of, return_inverse=True)
    classes, column = np.unique(np.asarray(labels), return_inverse=True)
    counts = np.zeros((group_of.max() + 1, len(classes)), int)
    np.add.at(counts, (group_of, column), 1)
    return classes, counts, group_of


def _refuse_empty_class(classes, kept) -> None:
    for label, n in zip(classes.tolist(), kept.sum(axis=0), strict=True):
        if n == 0:
            raise UserError(f"class {label}: too few patients or groups to be on both sides of a split")


def _folds(fold, k: int, available: int, what: str) -> list[Split]:
    if k > available or len(np.unique(fold)) < k:
        raise UserError(f"{available} {what} do not make {k} folds")
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]
