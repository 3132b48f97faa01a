"""The surgery and the three steps: sizes, what is frozen, and the output layer's rate."""

import keras
import numpy as np
import probe
import pytest
from runtimes import ON_CPU

from reproductions.altaf.config import BACKBONES
from reproductions.altaf.intermediate import compile_step
from reproductions.altaf.model import (
    Network,
    body,
    build,
    features,
    freeze_backbone,
    load_body,
)
from shared.base.errors import UserError
from shared.training import fitting

# Published network without its output layer, plus two outputs; and the extra layer by hand: InceptionV3
# 3·3·1·3 + batch norm 12, the two 7×7 ones 7·7·3 + 12 (and bias 3 in ResNet50), VGG16 3·3·3 + 3.
PARAMETERS = {
    "inceptionv3": (21_802_784 + 2048 * 2 + 2, 39),
    "resnet50": (23_587_712 + 2048 * 2 + 2, 162),
    "densenet201": (18_321_984 + 1920 * 2 + 2, 159),
    "vgg16": (134_260_544 + 4096 * 2 + 2, 30),
}
EXTRA = {"inceptionv3": (3, 2), "resnet50": (7, 2), "densenet201": (7, 2), "vgg16": (3, 2)}


def network(backbone: str, boosted: bool) -> Network:
    return Network(backbone, "published", 224, 448, boosted, 2, momentum=0.99)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_surgery_turns_448_grey_into_the_networks_own_input(backbone):
    """Fails for 'valid' padding (InceptionV3: 223), VGG16's own stride (448), or a lost batch norm."""
    model = build(network(backbone, boosted=True), None)
    assert model.input_shape == (None, 448, 448, 1)
    extra = model.get_layer("extra_conv")
    assert (extra.kernel_size[0], extra.strides[0]) == EXTRA[backbone]
    assert model.get_layer("extra_relu").output.shape == (None, 224, 224, 3)
    assert momenta(model) <= {0.99}
    has_norm = any(layer.name == "extra_norm" for layer in model.layers)
    assert has_norm == (backbone != "vgg16")
    plain, added = PARAMETERS[backbone]
    assert model.count_params() == plain + added
    assert features(model).output_shape == (
        None,
        4096 if backbone == "vgg16" else model.layers[-2].output.shape[-1],
    )


def test_a_side_that_the_extra_layer_cannot_halve_to_the_networks_own_is_one_line():
    with pytest.raises(UserError, match="side=96: the extra layer halves it, so set it to 64"):
        build(Network("resnet50", "published", 32, 96, True, 3, momentum=0.99), None)


def momenta(model: keras.Model) -> set[float]:
    """Of every batch norm, the backbone's own included."""
    flat = [layer for part in model.layers for layer in getattr(part, "layers", [part])]
    return {layer.momentum for layer in flat if isinstance(layer, keras.layers.BatchNormalization)}


@pytest.fixture
def tiny(tmp_path):
    """Backbones of one convolution and one batch norm in the place of the published ones."""
    with probe.scene(tmp_path, {}):
        yield


def test_momentum_reaches_every_batch_norm_and_its_averages(tiny):
    """Deviation 14. Fails when the backbone's own norms, or the extra layer's, keep Keras' 0.99."""
    model = build(Network("resnet50", "published", 32, 64, True, 3, momentum=0.5), None)
    assert momenta(model) == {0.5}
    freeze_backbone(model, False)
    x = np.random.default_rng(0).random((4, 64, 64, 1), "float32")
    averages = model.get_layer("extra_norm").get_weights()[-1]
    model(x, training=True)
    seen = np.asarray(model.get_layer("extra_conv")(x)).var(axis=(0, 1, 2))
    expected = 0.5 * averages + 0.5 * seen
    assert model.get_layer("extra_norm").get_weights()[-1] == pytest.approx(expected, rel=1e-4)


def small_model() -> keras.Model:
    """The surgery at a small side: batch norm in the extra layer and in the backbone."""
    keras.utils.set_random_seed(4)
    return build(Network("resnet50", "published", 32, 64, True, 3, momentum=0.99), None)


def moved(model: keras.Model, before: list[np.ndarray]) -> set[str]:
    """Top-level layers of which any weight, moving averages included, is no longer what it was."""
    after = iter(zip(before, model.get_weights(), strict=True))
    changed = set()
    for layer in model.layers:
        pairs = [next(after) for _ in layer.weights]
        if any(not np.array_equal(a, b) for a, b in pairs):
            changed.add(layer.name)
    return changed


def test_first_steps_move_the_new_layers_alone_and_the_last_everything(tiny):
    """Fails when the backbone or its batch-norm statistics move in steps 1 and 2, or stay still in step 3."""
    model, rng = small_model(), np.random.default_rng(0)
    x, y = rng.random((4, 64, 64, 1), "float32"), np.eye(3, dtype="float32")[[0, 1, 2, 0]]
    traced = {}
    for frozen, rate in ((True, 1e-3), (True, 1e-4), (False, 1e-5)):
        compile_step(model, frozen, rate, ON_CPU)
        before = model.get_weights()
        model.train_on_batch(x, y)
        new_layers = {"extra_conv", "extra_norm", "output"}
        assert moved(model, before) == (new_layers if frozen else new_layers | {"resnet50"})
        assert float(model.optimizer.learning_rate) == pytest.approx(rate)
        assert int(model.optimizer.iterations) == 1
        traced.setdefault(frozen, model.train_function)
        assert model.train_function is traced[frozen]
    assert freeze_backbone(model, True).get_layer("resnet50").trainable is False


def test_a_body_is_taken_over_whole_and_the_output_layer_is_not(tmp_path, tiny):
    """Fails when the intermediate model's weights reach the target model in another order."""
    source, target = small_model(), small_model()
    rng = np.random.default_rng(1)
    source.set_weights([rng.random(w.shape, "float32") for w in source.get_weights()])
    before = target.get_weights()
    fitting.save_arrays(tmp_path / "body.npz", body(source))
    load_body(target, tmp_path / "body.npz")
    for got, taken, kept in zip(
        target.get_weights()[:-2], source.get_weights()[:-2], before[:-2], strict=True
    ):
        assert np.array_equal(got, taken) and not np.array_equal(got, kept)
    assert all(np.array_equal(a, b) for a, b in zip(target.get_weights()[-2:], before[-2:], strict=True))
