"""Are generated images new, and like the real ones? Nearest neighbours and kernel distance."""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 64


def thumbnails(pixels: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Images (n, h, w, 1) as small vectors of mean 0 and length 1, whose product is a correlation."""
    small = np.stack(
        [cv2.resize(image[..., 0], (side, side), interpolation=cv2.INTER_AREA) for image in pixels]
    )
    vectors = small.reshape(len(small), -1).astype("float64")
    vectors -= vectors.mean(axis=1, keepdims=True)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def nearest(pixels: np.ndarray, dictionary: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per image the dictionary's most correlated one and that correlation."""
    likeness = thumbnails(pixels) @ thumbnails(dictionary).T
    return likeness.argmax(axis=1), likeness.max(axis=1)


def nearest_of_each_other(pixels: np.ndarray) -> np.ndarray:
    """Per image its correlation with the most correlated other one: what is usual among real images."""
    vectors = thumbnails(pixels)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -np.inf)
    return likeness.max(axis=1)


def share_copied(generated: np.ndarray, real: np.ndarray) -> float:
    """Share of generated images nearer to a real one than 95% of the real ones are to each other."""
    usual = np.quantile(nearest_of_each_other(real), 0.95)
    return float(np.mean(nearest(generated, real)[1] > usual))


def kernel_distance(x: np.ndarray, y: np.ndarray) -> float:
    """KID: the unbiased squared maximum mean discrepancy under (x·y / d + 1)³ (Bińkowski et al. 2018).

    Unlike the Fréchet distance it needs no covariance, which 100 images of 512 features do not have.
    """
    x, y = x.astype("float64"), y.astype("float64")

    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    def off_diagonal_mean(k):
        return (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))

    return float(off_diagonal_mean(kernel(x, x)) + off_diagonal_mean(kernel(y, y)) - 2 * kernel(x, y).mean())


def judge(generated: np.ndarray, real: np.ndarray, features: dict[str, np.ndarray]) -> dict[str, float]:
    """Both questions as facts of a run; `features` are those of generated, normal and COVID-19 images.

    The distances of normal images and between halves of the real ones are what to hold the first one against.
    """
    # In units of the real images' features: the kernel's 1 and its cube are meant for features of that size.
    unit = float(np.sqrt(np.mean(np.square(features["covid"], dtype="float64")))) or 1.0
    made, normal, covid = (features[name] / unit for name in ("generated", "normal", "covid"))
    covid = covid[np.random.default_rng(0).permutation(len(covid))]
    half = len(covid) // 2
    return {
        "synthetic_images": len(generated),
        "synthetic_share_copied": share_copied(generated, real),
        "synthetic_nearest_correlation": float(nearest(generated, real)[1].mean()),
        "kid_synthetic_to_covid": kernel_distance(made, covid),
        "kid_normal_to_covid": kernel_distance(normal, covid),
        "kid_covid_to_covid": kernel_distance(covid[:half], covid[half:]),
    }
