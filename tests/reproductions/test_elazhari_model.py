"""Table 1 layer by layer, the size of every model, and what freezing means."""

import numpy as np
import pytest
from layers_by_hand import batch_normed, largest, redrawn, relu, separably_convolved
from runtimes import ON_CPU
from scipy.special import softmax

from reproductions.elazhari import model as models
from reproductions.elazhari.config import BACKBONES, SIDES, Row

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


def classified(maps, kernel, bias, last_kernel, last_bias):
    return softmax(relu(maps.reshape(-1) @ kernel + bias) @ last_kernel + last_bias)


def test_separable_cnn_computes_what_table_1_says():
    """A layer without its ReLU, a mean in place of a maximum, or a norm of another kind."""
    network = models.separable_cnn()
    weights = redrawn(network)
    image = x = np.random.default_rng(0).random((200, 200, 3), "float32")
    places = iter(weights)

    def take(count):
        return [next(places) for _ in range(count)]

    for normed in (False, True, True, True, False, True):
        x = largest(relu(separably_convolved(x, *take(3))))
        x = batch_normed(x, *take(4)) if normed else x
    np.testing.assert_allclose(network(image[None])[0], classified(x, *take(4)), atol=1e-4)


def test_a_classifier_has_a_hidden_layer_that_bends():
    """Without its ReLU the two dense layers are one."""
    head = models.classifier((2, 2, 3), hidden=5)
    weights = redrawn(head)
    maps = np.random.default_rng(0).normal(size=(2, 2, 3)).astype("float32")
    np.testing.assert_allclose(head(maps[None])[0], classified(maps, *weights), atol=1e-5)


def test_dropout_drops_what_the_row_says():
    """The share that is kept, or a rate of its own."""
    rates = [layer.rate for layer in models.separable_cnn(dropout=0.1).layers if hasattr(layer, "rate")]
    assert rates == [0.1]


def test_the_loss_is_cross_entropy():
    """Squared error, or labels that are smoothed."""
    network = models.compiled(Row("ct-cnn", side=200), ON_CPU).trained
    images = np.random.default_rng(0).random((4, 200, 200, 3), "float32")
    redrawn(network)
    said = np.asarray(network(images))
    by_hand = -np.log(said[[0, 1, 2, 3], [0, 1, 1, 0]]).mean()
    loss = network.evaluate(images, np.eye(2)[[0, 1, 1, 0]], verbose=0, return_dict=True)["loss"]
    assert loss == pytest.approx(by_hand, rel=1e-4)


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
