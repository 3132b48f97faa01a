"""Table 1 layer by layer, the size of every model, and what freezing means."""

import numpy as np
import pytest

from reproductions.elazhari import model as models
from reproductions.elazhari.config import BACKBONES, SIDES

# Output size and parameters as Table 1 prints them (46 where it misprints 48, no row '(8, 8, 64) 64').
TABLE_1 = [
    ("SeparableConv2D", (198, 198, 16), 91),
    ("MaxPooling2D", (99, 99, 16), 0),
    ("SeparableConv2D", (97, 97, 16), 416),
    ("MaxPooling2D", (48, 48, 16), 0),
    ("BatchNormalization", (48, 48, 16), 64),
    ("SeparableConv2D", (46, 46, 32), 688),
    ("MaxPooling2D", (23, 23, 32), 0),
    ("BatchNormalization", (23, 23, 32), 128),
    ("SeparableConv2D", (21, 21, 32), 1344),
    ("MaxPooling2D", (10, 10, 32), 0),
    ("BatchNormalization", (10, 10, 32), 128),
    ("Dropout", (10, 10, 32), 0),
    ("SeparableConv2D", (8, 8, 64), 2400),
    ("MaxPooling2D", (4, 4, 64), 0),
    ("SeparableConv2D", (2, 2, 64), 4736),
    ("MaxPooling2D", (1, 1, 64), 0),
    ("BatchNormalization", (1, 1, 64), 256),
    ("Flatten", (64,), 0),
    ("Dense", (1000,), 65000),
    ("Dense", (2,), 2002),
]
# Keras' published counts of the bases, and last map × 1000 + 1000 + 1000 × 2 + 2 for the classifier.
PARAMETERS = {
    "resnet50": (23_587_712, 100_355_002),
    "resnet101v2": (42_626_560, 100_355_002),
    "densenet121": (7_037_504, 50_179_002),
    "vgg16": (14_714_688, 25_091_002),
    "inceptionv3": (21_802_784, 131_075_002),
}


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def test_separable_cnn_is_table_1_layer_by_layer():
    """Fails with 'same' padding, a plain convolution, or batch norm on the other side of a pool."""
    layers = models.separable_cnn().layers[1:]
    found = [(type(x).__name__, tuple(x.output.shape[1:]), x.count_params()) for x in layers]
    assert found == TABLE_1


def test_separable_cnn_has_77253_parameters_of_which_76965_train():
    model = models.separable_cnn()
    assert (model.count_params(), trainable(model)) == (77_253, 76_965)


@pytest.mark.parametrize("name", BACKBONES)
def test_golden_parameters_of_every_backbone_and_its_classifier(name):
    """Fails when a base ends in global pooling or keeps its own classifier."""
    base = models.backbone(name, SIDES.get(name, 224))
    assert base.count_params() == PARAMETERS[name][0]
    # Counted from the shape: building 131 million weights to count them takes a gigabyte.
    features = int(np.prod(base.output_shape[1:]))
    small = models.classifier((1, 1, 3)).count_params()
    assert small + (features - 3) * 1000 == PARAMETERS[name][1]


def test_a_trained_base_trains_and_a_frozen_one_leaves_its_classifier_alone_trainable():
    head = models.classifier((1, 1, 512), hidden=4)
    free = models.joined(models.backbone("vgg16", 32), head)
    assert trainable(free) == 14_714_688 + head.count_params()
    frozen = models.joined(models.backbone("vgg16", 32, frozen=True), head)
    assert trainable(frozen) == head.count_params()
