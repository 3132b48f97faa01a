"""Wilson's interval of a share."""

from __future__ import annotations

import numpy as np


def wilson(share: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share of n."""
    from scipy.special import ndtri

    if not n > 0:
        return float("nan"), float("nan")
    z2 = float(ndtri(0.5 + level / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
