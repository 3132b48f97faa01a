"""Images that show the same picture: copies, crops, rescaled or mirrored versions. Needs no TensorFlow.

Two steps. A perceptual descriptor (8×8 area averages, normalised) of every whole image is compared with those
of 225 croppings of every other image; the few most alike become candidates. Each candidate is then registered
by an affine map, and only the correlation of what is left without its coarse shading counts: organs alike are
not enough. Measured on 2,500 CT images and X-rays: artificial crops (65-100% of each side, rescaled, JPEG 70)
score above 0.94, X-rays of different people below 0.84; neighbouring slices of one scan can reach 0.95.
What keeps less than 60% of a side, or stands in a thick frame, can be missed. Turned versions are sought in
`turned.py`; docs/near-duplicates.md measures how many are found, and what is found falsely.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby
from operator import itemgetter

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from data_builders import registering, turned
from shared.base import screen

SIDE = 96  # images are compared as squares of this side
CELLS = 8
KEPT = (1.0, 0.9, 0.8, 0.7, 0.6)  # of each side, on its own, in steps of a tenth
PARTNERS = 8  # candidates per image, as it is and mirrored
ALIKE = 0.75  # a candidate's least descriptor correlation
SAME = 0.9  # a pair's least detail correlation
ONE_BUCKET = 6000  # images; above it the search is by buckets
IN_A_BUCKET = 2000  # images, as they are or mirrored


@dataclass(frozen=True)
class Match:
    """Image `second` seen in image `first`: where its corners lie there, as fractions of the sides."""

    first: int
    second: int
    score: float
    mirrored: bool
    corners: tuple[tuple[float, float], ...]


def find(squares: np.ndarray, aspects: np.ndarray | None = None) -> list[Match]:
    """All pairs among uint8 grey squares (n, SIDE, SIDE), best first.

    With `aspects`, the images' widths by their heights, turned and shifted versions are sought too: a square
    alone does not say by how much a turn changed it.
    """
    if len(squares) < 2:
        return []
    with _one_thread_each(), ThreadPoolExecutor() as workers:
        of_one = [list(group) for _, group in groupby(sorted(_candidates(squares)), itemgetter(0))]
        tried = workers.map(lambda pairs: _compare(squares, pairs), of_one)
        matches = list(chain(*screen.over(tried, "comparing images", len(of_one))))
        matches += [] if aspects is None else _turned(squares, aspects, workers)
    best = {}
    for match in sorted(matches, key=lambda match: (match.score, match.first)):
        best[frozenset((match.first, match.second))] = match
    return sorted(best.values(), key=lambda match: -match.score)


def clusters(n: int, matches: Iterable[Match]) -> np.ndarray:
    """For each of n images the number of its cluster: images that a chain of matches connects share one."""
    ends = np.array([(match.first, match.second) for match in matches], int).reshape(-1, 2)
    return connected(n, ends)


def connected(n: int, links: np.ndarray) -> np.ndarray:
    """For each of n things the number of the group that chains of links make of it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _turned(squares: np.ndarray, aspects: np.ndarray, workers: ThreadPoolExecutor) -> list[Match]:
    """Pairs of which one is turned by any angle, flipped, shifted or zoomed."""
    described = workers.map(turned.features_of, squares, aspects)
    features = list(screen.over(described, "describing images", len(squares)))
    pairs = turned.candidates(features, SIDE)

    def compare(pair: tuple[int, int, bool]) -> Match | None:
        first, second, mirrored = pair
        small, of_small = squares[second], features[second]
        if mirrored:
            small, of_small = np.ascontiguousarray(small[:, ::-1]), turned.mirrored(of_small, SIDE)
        found = turned.register(squares[first], small, features[first], of_small)
        return _match(pair, *found) if found else None

    tried = screen.over(workers.map(compare, pairs), "comparing turned pairs", len(pairs))
    return [match for match in tried if match]


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Many small tasks side by side: threads of their own would only wait for each other."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        cv2.setNumThreads(before)


def _intervals() -> list[tuple[float, float]]:
    return [(start / 10, kept) for kept in KEPT for start in range(round((1 - kept) * 10) + 1)]


@cache
def _averaging() -> np.ndarray:
    """(intervals × CELLS, SIDE): the mean over each cell of each interval of a side."""
    steps = np.arange(CELLS + 1) / CELLS
    edges = np.array([start + kept * steps for start, kept in _intervals()])
    low, high = edges[:, :-1].reshape(-1, 1) * SIDE, edges[:, 1:].reshape(-1, 1) * SIDE
    pixel = np.arange(SIDE)
    covered = np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None)
    return (covered / covered.sum(axis=1, keepdims=True)).astype(np.float32)


def _descriptors(squares: np.ndarray) -> np.ndarray:
    """(n, croppings, CELLS²), each of zero mean and unit length; the first cropping is the whole image."""
    average, n, windows = _averaging(), len(squares), len(_intervals())
    means = average @ squares.astype(np.float32) @ average.T
    cells = means.reshape(n, windows, CELLS, windows, CELLS).transpose(0, 1, 3, 2, 4)
    return _normalised(cells.reshape(n, windows * windows, CELLS * CELLS))


def _whole(squares: np.ndarray) -> np.ndarray:
    """(n, CELLS²): the descriptors of the whole images."""
    average = _averaging()[:CELLS]
    return _normalised((average @ squares.astype(np.float32) @ average.T).reshape(len(squares), -1))


def _normalised(vectors: np.ndarray) -> np.ndarray:
    vectors = vectors - vectors.mean(axis=-1, keepdims=True)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-3)


def _candidates(squares: np.ndarray) -> list[tuple[int, int, bool]]:
    """(image whose cropping looks like it, image, mirrored), the PARTNERS best of each image."""
    n = len(squares)
    whole = np.concatenate([_whole(squares[start : start + 64]) for start in range(0, n, 64)])
    mirrored = whole.reshape(n, CELLS, CELLS)[:, :, ::-1].reshape(n, -1)
    sought = np.concatenate([whole, mirrored])
    centres, bucket = _buckets(sought)
    members = [np.flatnonzero(bucket == i) for i in range(len(centres))]
    best = _Best(len(sought))
    starts = range(0, n, 32)
    for start in screen.over(starts, "looking for candidates", len(starts)):
        crops = _descriptors(squares[start : start + 32])
        owner = np.repeat(np.arange(start, start + len(crops)), crops.shape[1])
        crops = crops.reshape(-1, crops.shape[2])
        near = np.argsort(-crops @ centres.T, axis=1)[:, :2]
        for number, some in enumerate(members):
            chosen = (near == number).any(axis=1)
            if len(some) and chosen.any():
                best.add(some, *_most_alike(crops[chosen], owner[chosen], sought[some]), n)
    return [(int(owner), q % n, q >= n) for q in range(2 * n) for owner in best.owners(q)]


def _buckets(sought: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(centres, the bucket of each vector): one bucket for a few thousand images, else by k-means."""
    if len(sought) <= 2 * ONE_BUCKET:
        return sought[:1], np.zeros(len(sought), int)
    from sklearn.cluster import MiniBatchKMeans

    means = MiniBatchKMeans(len(sought) // IN_A_BUCKET, random_state=0, n_init=1, batch_size=4096).fit(sought)
    return _normalised(means.cluster_centers_), means.labels_


def _most_alike(crops, owner, sought) -> tuple[np.ndarray, np.ndarray]:
    """(images, their best cropping's correlation with each vector sought: (vectors, images))."""
    images, first = np.unique(owner, return_index=True)
    return images, np.maximum.reduceat(crops @ sought.T, first, axis=0).T


class _Best:
    """The PARTNERS most alike images of each vector sought, kept while images stream past."""

    def __init__(self, n: int) -> None:
        self._score = np.full((n, PARTNERS), -1, np.float32)
        self._owner = np.full((n, PARTNERS), -1)

    def add(self, rows: np.ndarray, images: np.ndarray, score: np.ndarray, n: int) -> None:
        score = np.where(images == rows[:, None] % n, -1, score)
        owner = np.concatenate([self._owner[rows], np.broadcast_to(images, score.shape)], axis=1)
        score = np.concatenate([self._score[rows], score], axis=1)
        top = np.argpartition(-score, PARTNERS - 1, axis=1)[:, :PARTNERS]
        self._score[rows] = np.take_along_axis(score, top, 1)
        self._owner[rows] = np.take_along_axis(owner, top, 1)

    def owners(self, row: int) -> np.ndarray:
        return self._owner[row][self._score[row] >= ALIKE]


def _compare(squares: np.ndarray, pairs: list[tuple[int, int, bool]]) -> list[Match]:
    """The matches among the candidates for one image."""
    croppings = _descriptors(squares[[pairs[0][0]]])[0]
    matches = (_matched(squares, pair, croppings) for pair in pairs)
    return [match for match in matches if match]


def _matched(squares: np.ndarray, pair: tuple[int, int, bool], croppings: np.ndarray) -> Match | None:
    """The match of a candidate pair, or None where registration shows two pictures."""
    first, second, mirrored = pair
    large, small = squares[first], squares[second]
    small = np.ascontiguousarray(small[:, ::-1]) if mirrored else small
    warp = _window(croppings, small)
    for side, least in ((SIDE // 3, 0.6), (SIDE, SAME)):
        warp, score = registering.refined(large, small, warp, side)
        if score < least:
            return None
    return _match(pair, warp, score)


def _match(pair: tuple[int, int, bool], warp: np.ndarray, score: float) -> Match:
    """With the corners of the second image's square in the first."""
    first, second, mirrored = pair
    corners = [(float(x), float(y)) for x, y in (warp @ [[0, 1, 1, 0], [0, 0, 1, 1], [1, 1, 1, 1]]).T]
    return Match(first, second, round(score, 4), mirrored, tuple(corners))


def _window(croppings: np.ndarray, small: np.ndarray) -> np.ndarray:
    """The cropping of an image most like `small`, as a map of unit squares."""
    row, column = divmod(int(np.argmax(croppings @ _whole(small[None])[0])), len(_intervals()))
    (top, high), (left, wide) = _intervals()[row], _intervals()[column]
    return np.array([[wide, 0, left], [0, high, top]], np.float32)
