"""Fig. 4: where the network looked, one panel per class and finding."""

from __future__ import annotations

import numpy as np

from reproductions.basu.data import CLASSES_B, OTHER_FINDINGS
from reproductions.basu.model import NETWORKS
from shared.report.galleries import gallery
from shared.training.gradcam import grad_cam

PANELS = ("normal", "pneumonia", "COVID-19", "other disease", *OTHER_FINDINGS)


def panels(picked_as) -> dict[str, int]:
    """The first image for each panel; "other disease" shows the first one that no finding's panel does."""
    picked_as = np.asarray(picked_as)
    places = {name: np.flatnonzero(picked_as == name) for name in PANELS}
    chosen = {name: int(found[0]) for name, found in places.items() if len(found)}
    left = [int(place) for name in OTHER_FINDINGS for place in places[name][1:]]
    if left:
        chosen["other disease"] = min(left)
    return {name: chosen[name] for name in PANELS if name in chosen}


def maps(network, images, labels) -> np.ndarray:
    """The paper's equations 1 and 2 for each image's own class, on the last convolution layer."""
    return grad_cam(network, images, labels, layer=NETWORKS[network.name].last_map)


def figure(pixels, heat, names, decided):
    """(the panels as a picture, its caption)."""
    titles = [f"{name}\n→ {CLASSES_B[label]}" for name, label in zip(names, decided, strict=True)]
    caption = "Grad-CAM of the true class on the fold's first image of each kind (Fig. 4); → decision"
    return gallery(pixels, titles, heat), caption
