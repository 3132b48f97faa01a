"""A trained network as a run keeps it, and as it is found again for other images."""

from __future__ import annotations

from pathlib import Path

from data_builders.pixels import Frame, framed
from reproductions.zebin import data, figures
from reproductions.zebin.config import Row
from reproductions.zebin.data import Samples
from reproductions.zebin.features import Inputs
from reproductions.zebin.model import Network, build
from shared.paper import Trained
from shared.training.runtime import Runtime
from shared.training.trained import Files, activations, features, kept, restored, spread


def files(network: Network, inputs: Inputs, samples: Samples) -> Files:
    """The whole network, and test images as its last layer reads them."""
    some = inputs.plain[samples.test[spread(len(samples.test))]]
    return kept(network.whole.save_weights, lambda: features(activations(network.head), [some]))


def trained(row: Row, folder: Path, runtime: Runtime) -> Trained:
    """The network of a finished run."""
    model = restored(build(row.backbone, row.side, row.pool, row.hidden, row.dropout), folder)
    frame = Frame(row.side, row.side)
    return Trained(
        model,
        lambda encoded, box: data.prepared(row, framed(encoded, frame, row.blind)[None])[0],
        lambda pixels: figures.inputs(row, pixels),
        lambda pixels, classes: figures.explained(row, model, pixels, classes),
    )
