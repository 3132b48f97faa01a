"""What the arithmetic says of the printed numbers: nothing."""

import pytest

from reproductions.elazhari import PAPER
from shared.consistency.checks import check


@pytest.fixture(scope="module")
def findings():
    """What the checks find, computed once."""
    return check(PAPER.reported(), PAPER.printed_sets)


def test_prints_too_few_digits_to_say_anything(findings):
    assert findings == []


def test_the_eleven_numbers_are_those_of_section_316():
    """Fails for a typing error: read a second time from the text, sentence by sentence."""
    text = [
        ("DenseNet121", "accuracy", "", "98"),
        ("ResNet-50", "accuracy", "", "98"),
        ("DenseNet121", "recall", "COVID", "100"),
        ("deep CNN model", "recall", "non-COVID", "72"),
        ("ResNet-50", "precision", "COVID", "96"),
        ("VGG16", "precision", "COVID", "95"),
        ("deep CNN model", "epochs", "", "8"),
        ("VGG16 with random initialized weights", "epochs", "", "405"),
        ("pretrained Densenet121", "epochs", "", "5"),
        ("all models", "spread_range", "", "0.02"),
        ("all models", "spread_range", "", "0.28"),
    ]
    assert [(r.label, r.metric, r.class_name, r.value) for r in PAPER.reported()] == text
