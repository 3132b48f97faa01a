"""One picture laid on another: the affine map that fits best, and how alike their details are then."""

import cv2
import numpy as np


def refined(large: np.ndarray, small: np.ndarray, warp: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """(the affine map refined, the correlation of details where both images are seen); 0 where it fails.

    Both images are looked at as squares of `side`; a map is one of unit squares, from the small one's.
    """
    large, small = _shrunk(large, side), _shrunk(small, side)
    scale = np.array([1, 1, side], np.float32)
    enough = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
    try:
        _, moved = cv2.findTransformECC(small, large, warp * scale, cv2.MOTION_AFFINE, enough, None, 5)
    except cv2.error:  # no convergence
        return warp, 0.0
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    seen = cv2.warpAffine(np.ones_like(large), moved, (side, side), flags=flags) > 0.99
    if seen.mean() < 0.5:
        return warp, 0.0
    there = cv2.warpAffine(large, moved, (side, side), flags=flags)
    return moved / scale, correlation(_details(there)[seen], _details(small)[seen])


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Of two vectors; near 0 where one of them is flat."""
    one, other = one - one.mean(), other - other.mean()
    return float(one @ other / np.sqrt(max(one @ one, 1e-6) * max(other @ other, 1e-6)))


def _shrunk(image: np.ndarray, side: int) -> np.ndarray:
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)


def _details(image: np.ndarray) -> np.ndarray:
    return image - cv2.GaussianBlur(image, (0, 0), len(image) / 21)
