"""A trained network as a run keeps it, and as it is found again for other images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from data_builders.pipeline import rescale
from data_builders.pixels import Frame, framed
from reproductions.elazhari.config import Row
from reproductions.elazhari.inputs import Part
from reproductions.elazhari.model import Network, build, joined
from shared.paper import Trained
from shared.training.backbones import BACKBONES
from shared.training.gradcam import grad_cam
from shared.training.runtime import Runtime
from shared.training.trained import Files, activations, features, kept, outside, restored, spread


def files(network: Network, test: Part, row: Row, seed: int) -> Files:
    """The whole network, also where its base only gave features, and some test items as it reads them."""

    def save(path: Path) -> None:
        whole = joined(network.base, network.trained) if network.base is not None else network.trained
        whole.save_weights(path)

    places = spread(len(test.rows))
    some = replace(test, rows=test.rows[places], keys=test.keys[places])
    return kept(save, lambda: features(activations(network.trained), some.ordered(row, seed)))


def trained(row: Row, folder: Path, runtime: Runtime) -> Trained:
    """The network of a finished run."""
    frame, ready = Frame(row.side, row.side, channels=3), outside(rescale)
    model = restored(build(replace(row, store_features=False)).trained, folder)
    last_map = BACKBONES[row.model].last_conv if row.model in BACKBONES else None
    return Trained(
        model,
        lambda encoded, box: framed(encoded, frame, row.blind),
        ready,
        lambda pixels, classes: grad_cam(model, ready(pixels), classes, last_map),
    )
