"""The three networks of Basu et al.: published sizes, 3×3 kernels, and what stage 2 moves."""

import keras
import numpy as np
import pytest
from layers_by_hand import convolved, largest, redrawn, relu, zeros_around
from scipy.special import softmax

from reproductions.basu import model as networks

SIDES = {"alexnet": 64, "vgg16": 32, "resnet50": 32}


@pytest.fixture
def no_draws(monkeypatch):
    """Kernels of zeros: drawing 134 million numbers takes longer than all that these tests look at."""
    monkeypatch.setattr(
        keras.initializers.HeNormal, "__call__", lambda self, shape, dtype=None: keras.ops.zeros(shape)
    )


@pytest.fixture(scope="module")
def resnet():
    return small("resnet50")


def small(network, classes=4, channels=1, **options):
    return networks.build(network, (SIDES[network], SIDES[network], channels), classes, **options)


@pytest.mark.parametrize(
    ("network", "parameters"),
    [("alexnet", 62_378_344), ("vgg16", 138_357_544), ("resnet50", 25_636_712)],
)
def test_with_their_own_kernels_the_networks_have_their_published_size(no_draws, network, parameters):
    """ImageNet's classes and colours; fails when a layer, a bias or a norm is left out or added."""
    assert networks.build(network, (224, 224, 3), 1000, "original").count_params() == parameters


@pytest.mark.parametrize(
    ("network", "parameters", "moving"),
    [
        ("alexnet", 57_870_532, 55_435_524),
        ("vgg16", 134_275_780, 126_641_668),
        ("resnet50", 23_587_076, 14_984_196),
    ],
)
def test_golden_parameter_counts(no_draws, network, parameters, moving):
    """Grey 224×224, four classes, 3×3 kernels; and how many of them stage 2 trains."""
    model = networks.freeze_for_stage_two(networks.build(network, (224, 224, 1), 4))
    assert model.count_params() == parameters
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == moving


@pytest.mark.parametrize("network", networks.NETWORKS)
def test_3x3_changes_kernels_and_neither_filters_nor_strides(no_draws, network):
    """Fails when a large kernel is left, or when a stride or the grid behind it changes with the kernel."""
    ours, original = small(network), small(network, kernels="original")
    convolutions = [layer for layer in ours.layers if isinstance(layer, keras.layers.Conv2D)]
    assert max(max(layer.kernel_size) for layer in convolutions) == 3
    for layer in convolutions:
        twin = original.get_layer(layer.name)
        assert (layer.filters, layer.strides) == (twin.filters, twin.strides)
        assert layer.output.shape == twin.output.shape


@pytest.mark.parametrize(("network", "application"), [("vgg16", "VGG16"), ("resnet50", "ResNet50")])
def test_imagenet_convolutions_mean_here_what_they_mean_in_keras(network, application):
    """Fails when a name, padding, stride, activation or epsilon differs from the published network's."""
    side = SIDES[network]
    published = getattr(keras.applications, application)(
        weights=None, include_top=False, pooling="avg", input_shape=(side, side, 3)
    )
    rng = np.random.default_rng(1)
    published.set_weights([_away_from_zero_and_one(w, rng) for w in published.get_weights()])
    ours = small(network, channels=3, kernels="original")
    networks.copy_by_name(published, ours)
    pictures = rng.uniform(-1, 1, (2, side, side, 3)).astype("float32")
    before_the_dense_layers = "block5_pool" if network == "vgg16" else "avg_pool"
    features = keras.Model(ours.input, ours.get_layer(before_the_dense_layers).output)(pictures)
    expected = np.asarray(published(pictures))
    assert np.isfinite(expected).all() and expected.max() > 0
    np.testing.assert_allclose(np.asarray(features).reshape(expected.shape), expected, rtol=1e-4, atol=1e-5)


def test_alexnet_computes_what_it_is_said_to():
    """A pool of another kind, an activation that is missing, or dense layers in a row without one."""
    model = small("alexnet")
    pairs = iter(np.reshape(np.array(redrawn(model), dtype=object), (-1, 2)))
    image = np.random.default_rng(0).uniform(-1, 1, (64, 64, 1)).astype("float32")
    # 'same' needs no padding for a kernel of 3 and a stride of 4
    x = largest(relu(convolved(image, *next(pairs), 4)), 3, 2)
    x = largest(relu(convolved(zeros_around(x, 1, 1), *next(pairs))), 3, 2)
    for _ in range(3):
        x = relu(convolved(zeros_around(x, 1, 1), *next(pairs)))
    x = largest(x, 3, 2).reshape(-1)
    for _ in range(2):
        kernel, bias = next(pairs)
        x = relu(x @ kernel + bias)
    kernel, bias = next(pairs)
    np.testing.assert_allclose(model(image[None])[0], softmax(x @ kernel + bias), atol=1e-4)


@pytest.mark.parametrize(
    ("network", "then"), [("alexnet", "pool5"), ("vgg16", "block5_pool"), ("resnet50", "avg_pool")]
)
def test_grad_cam_looks_at_the_last_maps_behind_their_relu(no_draws, network, then):
    """The convolution's own output, half of which is cut off before anything sees it."""
    model = small(network)
    last = model.get_layer(networks.NETWORKS[network].last_map)
    assert last.output is model.get_layer(then).input
    assert "relu" in last.name or isinstance(last, keras.layers.ReLU)


@pytest.mark.parametrize("network", ["alexnet", "vgg16"])
def test_dense_layers_drop_what_the_row_says(no_draws, network):
    """None, or a rate of its own."""
    layers = small(network, dropout=0.3).layers
    assert [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)] == [0.3, 0.3]


def _away_from_zero_and_one(weight, rng):
    """Biases and norms as after some training; kernels as drawn, so that nothing overflows."""
    return weight + rng.uniform(0, 0.05, weight.shape).astype("float32") if weight.ndim == 1 else weight


@pytest.mark.parametrize("network", networks.NETWORKS)
def test_stage_two_moves_the_last_block_and_the_dense_layers_and_not_a_bit_else(network):
    """Every weight is looked at, the statistics of batch norm included."""
    model = networks.freeze_for_stage_two(small(network, dropout=0.0))
    model.compile(keras.optimizers.SGD(1e-2, momentum=0.9), "categorical_crossentropy", run_eagerly=True)
    before = {w.path: w.numpy() for w in model.weights}
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(4, *model.input_shape[1:])).astype("float32")
    model.train_on_batch(images, np.eye(4, dtype="float32"))
    moved = {w.path for w in model.weights if not np.array_equal(before[w.path], w.numpy())}
    assert moved == {path for path in before if expected_to_move(network, path)}


def expected_to_move(network, path):
    """Spelled out by hand from the three architectures."""
    dense = ("fc1", "fc2", "predictions")
    last = {
        "alexnet": ("conv5", *dense),
        "vgg16": ("block5_conv1", "block5_conv2", "block5_conv3", *dense),
        "resnet50": ("conv5_block1_", "conv5_block2_", "conv5_block3_", "predictions"),
    }
    return path.startswith(last[network])


def test_frozen_batch_norm_normalises_by_its_stored_statistics_in_training(resnet):
    """Fails when the frozen part sees the batch: its output would then depend on who else is in it."""
    model = networks.freeze_for_stage_two(resnet)
    ends = [model.get_layer(name).output for name in ("conv4_block6_out", "conv5_block1_out")]
    parts = keras.Model(model.input, ends)
    images = np.random.default_rng(0).uniform(size=(4, 32, 32, 1)).astype("float32")
    frozen, moving = (
        [np.asarray(outputs) for outputs in pair]
        for pair in zip(parts(images, training=True), parts(images, training=False), strict=True)
    )
    assert np.array_equal(*frozen)
    assert not np.allclose(*moving)


def test_initialise_gives_the_weights_of_the_seed_whatever_was_trained_before(resnet):
    """Fails when a layer is left out, batch norm keeps its statistics, or layers share their draw."""
    first = networks.initialise(resnet, 3).get_weights()
    resnet.set_weights([weight + 1 for weight in first])
    again = networks.initialise(resnet, 3).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    twins = [resnet.get_layer(f"conv4_block{block}_2_conv").get_weights()[0] for block in (2, 3)]
    assert not np.array_equal(*twins)
    other = networks.initialise(resnet, 4).get_layer("conv4_block2_2_conv").get_weights()[0]
    assert not np.array_equal(other, twins[0])


def test_initialise_draws_he_normal_kernels():
    """He et al. 2015: variance 2 / fan-in; fails under Glorot's, which Keras takes when nothing is said."""
    kernel = networks.initialise(small("alexnet"), 0).get_layer("fc2").get_weights()[0]
    assert kernel.std() == pytest.approx(np.sqrt(2 / 4096), rel=0.01)


def test_without_head_shares_all_layers_but_the_one_that_is_replaced():
    """Fails when stage 2 would start from fresh dense layers, or carry the two-class layer over."""
    model = small("alexnet", classes=2)
    body = networks.without_head(model)
    assert body.count_params() == model.count_params() - (4096 * 2 + 2)
    assert body.get_layer("fc2") is model.get_layer("fc2")
