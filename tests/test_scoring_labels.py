"""What `predict --labels` asks of a run: the paper's metrics, as far as the run has their classes."""

from pathlib import Path

import numpy as np
import pytest

from data_builders.foreign import Foreign
from data_builders.labels import Label, Labels
from reproductions.judging import Batch
from reproductions.papers import papers
from reproductions.predicting import scored
from shared.comparison import Predictions, Run


def the_scores(*classes):
    """The table for four images of the first two classes, of which the last is decided wrongly."""
    paper, true = papers(["basu"])[0], np.array([0, 1, 0, 1])
    names = [f"{number}.png" for number in range(4)]
    probabilities = np.eye(len(classes))[[0, 1, 0, 0]]
    run = Run(Path(), {}, Predictions(classes, ["test"] * 4, names, names, true, probabilities))
    batch = Batch([Foreign(name, b"") for name in names], np.empty(0), np.empty(0), probabilities, None)
    labels = {name: Label(int(own), "", None) for name, own in zip(names, true, strict=True)}
    return "\n".join(scored(paper, run, [batch], Labels(Path("labels.csv"), labels)))


@pytest.mark.parametrize(
    "classes, recall",
    [(("normal", "diseased"), False), (("normal", "COVID-19", "pneumonia", "other disease"), True)],
)
def test_a_metric_is_asked_of_the_classes_that_the_run_has(classes, recall):
    """Fails when a run of other classes than those of the paper's numbers ends in an error."""
    said = the_scores(*classes)
    assert "0.7500" in next(line for line in said.splitlines() if line.startswith("accuracy"))
    assert ("0.5000" in said) == recall
