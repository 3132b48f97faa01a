"""What a gallery shows, tile by tile."""

import numpy as np


def tiles(figure):
    """(title, pixels) of each tile in the order of reading."""
    return [(axes.get_title(), np.asarray(axes.images[0].get_array())) for axes in figure.axes if axes.images]


def same(tile, pixels):
    """Whether a tile shows this grey image."""
    return np.array_equal(tile, np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2))
