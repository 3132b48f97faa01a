"""Table I and the sizes of the networks: what needs no training."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data_builders import catalog
from reproductions.basu import data, model
from reproductions.basu.config import NETWORKS, TableOne
from shared.comparison import Predictions
from shared.paper import Context


def counted(row: TableOne, context: Context) -> Predictions:
    """The counts and sizes as facts of a run that predicts nothing."""
    facts = counts(row, context.data_dir, context.seed) | sizes(row)
    classes = data.CLASSES_B
    return Predictions(classes, [], [], [], np.zeros(0, int), np.zeros((0, len(classes))), facts=facts)


def counts(row: TableOne, data_dir: Path, seed: int) -> dict[str, int]:
    """Table I from the label files as they are today, and how far its two sets overlap."""
    nih, covid = (catalog.metadata(name, data_dir) for name in ("chest_xray14", "covid_chestxray"))
    a, b = data.split_of_a(row, nih, seed), data.images_b(row, nih, covid, seed)
    found = data.counts_a(a) | data.counts_b(b.labels)
    return found | data.overlap(a, nih, b)


def sizes(row: TableOne) -> dict[str, int]:
    """The parameters of the three networks, four classes each."""
    shape = (row.side, row.side, 1)
    built = (model.build(network, shape, len(data.CLASSES_B), row.kernels) for network in NETWORKS)
    return {f"parameters_{network.name}": network.count_params() for network in built}
