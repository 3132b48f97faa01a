"""Images that show the same picture turned, flipped, shifted, zoomed, or brighter. Needs no TensorFlow.

Each square becomes a few hundred local features (SIFT), which keep under any rotation and moderate scale. A
short summary of them (VLAD) finds the few images most alike, as they are and mirrored; the features of such a
pair are matched, and an affine map that enough of them agree on registers the pair. As where croppings are
sought, only the correlation of the details counts, here where both images show any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from data_builders.registering import correlation

FEATURES = 250  # of an image
ENLARGED = 2  # times: small squares have more features so
WORDS = 32  # of the summary
LENGTH = 512  # of the summary
PARTNERS = 6  # candidates per image, as it is and mirrored
AGREEING = 14  # features on one affine map
RELATED = 0.75  # a match's least similarity of two features
WITHIN = 0.02  # of a side: where a feature may lie off the map
SAME = 0.9  # a pair's least detail correlation
OVERLAP = 0.1  # of the square, where both show details
FLAT = 4.0  # variance of grey levels that is no detail


@dataclass(frozen=True)
class Features:
    """Where they lie, as fractions of the sides, and OpenCV's whole numbers: a byte each, for many images."""

    places: np.ndarray
    counts: np.ndarray

    @property
    def looks(self) -> np.ndarray:
        """What they look like: unit vectors (RootSIFT, Arandjelović and Zisserman 2012)."""
        return _rooted(self.counts)


def _rooted(counts: np.ndarray) -> np.ndarray:
    shares = counts.astype(np.float32)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-6)
    return np.sqrt(shares, out=shares)


def features_of(square: np.ndarray, aspect: float = 1.0) -> Features:
    """Of a square that shows an image of this width to height."""
    side = len(square)
    longer = side * ENLARGED
    size = (longer, round(longer / aspect)) if aspect > 1 else (round(longer * aspect), longer)
    found, counts = _sift().detectAndCompute(cv2.resize(square, size, interpolation=cv2.INTER_CUBIC), None)
    if counts is None:
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.uint8))
    centres = (np.array([point.pt for point in found]) + 0.5) / np.array(size)
    return Features((centres - 0.5 / side).astype(np.float32), counts.astype(np.uint8))


def _sift() -> cv2.SIFT:
    return cv2.SIFT.create(FEATURES, contrastThreshold=0.01, edgeThreshold=20, enable_precise_upscale=True)


def mirrored(features: Features, side: int) -> Features:
    """Those of the mirrored square: a look is a 4 by 4 grid of 8 directions along the feature's own."""
    counts = features.counts.reshape(-1, 4, 4, 8)[:, ::-1][..., -np.arange(8)]
    places = features.places * (-1, 1) + ((side - 1) / side, 0)
    return Features(places.astype(np.float32), np.ascontiguousarray(counts.reshape(-1, 128)))


# --- candidates ------------------------------------------------------------------------------------------


def candidates(features: Sequence[Features], side: int) -> list[tuple[int, int, bool]]:
    """(image, image, whether the second is mirrored) of those whose summaries are most alike, each once."""
    words = _words(features)
    if words is None:
        return []
    as_they_are = np.stack([_summary(each, words) for each in features])
    turned = np.stack([_summary(mirrored(each, side), words) for each in features])
    found: dict[tuple[int, int, bool], None] = {}
    for is_mirrored, sought in ((False, as_they_are), (True, turned)):
        for second, partners in enumerate(_nearest(as_they_are, sought)):
            for first in partners:
                found[(min(first, second), max(first, second), is_mirrored)] = None
    return list(found)


def _words(features: Sequence[Features]) -> np.ndarray | None:
    """The commonest kinds of looks: k-means on a sample."""
    from sklearn.cluster import MiniBatchKMeans

    counts = np.concatenate([each.counts for each in features])
    if len(counts) < WORDS:
        return None
    chosen = np.random.default_rng(0).permutation(len(counts))[:30_000]
    means = MiniBatchKMeans(WORDS, random_state=0, n_init=1, batch_size=4096)
    return means.fit(_rooted(counts[chosen])).cluster_centers_


def _summary(features: Features, words: np.ndarray) -> np.ndarray:
    """Per word the sum of what its looks differ from it (VLAD, Jégou et al. 2010), shortened."""
    sums = np.zeros_like(words)
    looks = features.looks
    if len(looks):
        word = np.argmax(looks @ words.T - (words**2).sum(axis=1) / 2, axis=1)
        np.add.at(sums, word, looks - words[word])
    sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
    short = sums.ravel() @ _projection(sums.size)
    return short / max(float(np.linalg.norm(short)), 1e-6)


@cache
def _projection(size: int) -> np.ndarray:
    """Random directions keep angles nearly."""
    return np.random.default_rng(0).normal(size=(size, LENGTH)).astype(np.float32)


def _nearest(known: np.ndarray, sought: np.ndarray, at_once: int = 1024) -> Iterator[list[int]]:
    """For each one sought the most alike others."""
    count = min(PARTNERS, len(known) - 1)
    for start in range(0, len(sought), at_once):
        likeness = sought[start : start + at_once] @ known.T
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -2  # itself
        yield from np.argpartition(-likeness, count - 1, axis=1)[:, :count].tolist()


# --- registration ----------------------------------------------------------------------------------------


def register(
    first: np.ndarray, second: np.ndarray, of_first: Features, of_second: Features
) -> tuple[np.ndarray, float] | None:
    """(map from the second's unit square to the first's, correlation of details); None for two pictures."""
    warp = _agreed(of_first, of_second)
    if warp is None:
        return None
    score = _likeness(first, second, warp)
    return (warp, score) if score >= SAME else None


def _agreed(first: Features, second: Features) -> np.ndarray | None:
    """The affine map that enough matched features agree on."""
    if min(len(first.places), len(second.places)) < AGREEING:
        return None
    alike = first.looks @ second.looks.T
    partner, back = alike.argmax(axis=1), alike.argmax(axis=0)
    own = np.arange(len(alike))
    kept = (back[partner] == own) & (alike[own, partner] > RELATED)
    if kept.sum() < AGREEING:
        return None
    ends = second.places[partner[kept]], first.places[kept]
    cv2.setRNGSeed(0)
    warp, agreeing = cv2.estimateAffine2D(*ends, None, cv2.RANSAC, WITHIN, 500)
    if warp is None or agreeing.sum() < AGREEING or np.linalg.det(warp[:, :2]) <= 0:
        return None  # mirrored squares are compared on their own
    return warp.astype(np.float32)


def _likeness(first: np.ndarray, second: np.ndarray, warp: np.ndarray) -> float:
    """The correlation of details where both images show any: what a turn leaves empty says nothing."""
    side = len(second)
    to_pixels = (warp * np.array([1, 1, side], np.float32)).astype(np.float32)
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    there = cv2.warpAffine(first.astype(np.float32), to_pixels, (side, side), flags=flags)
    seen = cv2.warpAffine(_detailed(first).astype(np.float32), to_pixels, (side, side), flags=flags) > 0.9
    both = cv2.erode((seen & _detailed(second)).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if both.mean() < OVERLAP:
        return 0.0
    return correlation(_details(there, both), _details(second.astype(np.float32), both))


def _detailed(image: np.ndarray) -> np.ndarray:
    grey = image.astype(np.float32)
    mean = cv2.blur(grey, (5, 5))
    return cv2.blur(grey * grey, (5, 5)) - mean * mean > FLAT


def _details(image: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """What is left without the coarse shading of what is seen."""
    weight, width = seen.astype(np.float32), len(image) / 21
    shading = cv2.GaussianBlur(image * weight, (0, 0), width)
    shading /= np.maximum(cv2.GaussianBlur(weight, (0, 0), width), 1e-3)
    return (image - shading)[seen]
