"""Images that show little or nothing of the disease: what is told from them may be told by something else.

The border shows nothing of it. Without the lungs, a part that it made white at their edge can be left, and
where a lung is white as a whole no mask finds it; 8 × 8 pixels and sorted pixels show how bright an image is.

Each way takes and gives a uint8 image (height, width, channels), at the size that a network reads.
"""

from __future__ import annotations

import numpy as np

WAYS = ("lungs", "centre", "border", "thumbnail", "histogram")
"""Without lungs (CT), without a central box (X-rays), the border alone, 8 × 8 pixels, no places."""

AROUND, BORDER = 0.15, 0.05
"""Of each side: as much as the central box leaves, and as the border shows."""
SMALL = 8
LEAST = 0.003
"""Of the image: a dark region that is smaller is no lung."""
MARGIN = 0.03
"""Of the side: as far as the mask reaches beyond the lungs' edge."""


def blinded(image: np.ndarray, way: str) -> np.ndarray:
    """The image as it is seen in one of the ways."""
    return {
        "lungs": without_lungs,
        "centre": without_centre,
        "border": border,
        "thumbnail": thumbnail,
        "histogram": histogram,
    }[way](image)


def without_lungs(image: np.ndarray) -> np.ndarray:
    """Black where the lungs are; where none are found, in the central box."""
    mask = lungs(image)
    return np.where(mask[..., None], 0, image).astype("uint8") if mask.any() else without_centre(image)


def lungs(image: np.ndarray) -> np.ndarray:
    """The lungs of a CT slice: dark regions that no corner of the image lies in, and a margin.

    A consolidated part is as bright as muscle: so that it is covered too, the convex hull of all dark regions
    of each half of the image is taken.
    """
    import cv2

    grey = np.ascontiguousarray(image.mean(axis=2).astype("uint8"))
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    side = min(grey.shape)
    count, regions, facts, middles = cv2.connectedComponentsWithStats(
        _opened((grey <= threshold).astype("uint8"), side), connectivity=4
    )
    outside = {0, *regions[[0, 0, -1, -1], [0, -1, 0, -1]].tolist()}
    large = facts[:, cv2.CC_STAT_AREA] >= LEAST * grey.size
    inside = [region for region in range(count) if large[region] and region not in outside]
    left = middles[:, 0] < grey.shape[1] / 2
    mask = np.zeros_like(grey)
    for half in ([r for r in inside if left[r]], [r for r in inside if not left[r]]):
        if half:
            points = cv2.findNonZero(np.isin(regions, half).astype("uint8"))
            cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)
    return cv2.dilate(mask, _disc(2 * round(MARGIN * side) + 1)).astype(bool)


def without_centre(image: np.ndarray) -> np.ndarray:
    """Black but for a margin: on a frontal X-ray the lungs are gone."""
    return _frame_of(image, AROUND)


def border(image: np.ndarray) -> np.ndarray:
    """A narrow margin alone, which on most images lies outside the body."""
    return _frame_of(image, BORDER)


def _frame_of(image: np.ndarray, share: float) -> np.ndarray:
    found = image.copy()
    high, wide = (max(1, round(share * side)) for side in image.shape[:2])
    found[high:-high, wide:-wide] = 0
    return found


def thumbnail(image: np.ndarray) -> np.ndarray:
    """8 × 8 pixels, enlarged: the body's outline and its brightness, no texture."""
    import cv2

    height, width, channels = image.shape
    small = cv2.resize(image, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, channels)


def histogram(image: np.ndarray) -> np.ndarray:
    """The same pixels in the order of their values: how often each occurs, and no place."""
    channels = image.shape[2]
    return np.sort(image.reshape(-1, channels), axis=0).reshape(image.shape)


def _opened(mask: np.ndarray, side: int) -> np.ndarray:
    """Without threads that are narrower than a fiftieth of the side: they tie a lung to the air outside."""
    import cv2

    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, _disc(max(3, 2 * round(0.01 * side) + 1)))


def _disc(size: int) -> np.ndarray:
    import cv2

    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
