"""BiT against a second, independent forward pass in numpy, and its weight files."""

import keras
import numpy as np
import pytest
from scipy.special import softmax

from reproductions.zhao import bit
from shared.base.errors import UserError


@pytest.fixture(scope="module")
def network():
    return bit.bit_resnet50x1(3)


@pytest.fixture(scope="module")
def official(network):
    """What an official file with a head of our size holds, in random numbers."""
    rng = np.random.default_rng(0)
    arrays = {}
    for name, variable in bit.arrays(network).items():
        shape = (1, 1, 2048, 3) if name == "resnet/head/conv2d/kernel" else tuple(variable.shape)
        centre, spread = (1.0, 0.3) if name.endswith("gamma") else (0.0, 0.3)
        arrays[name] = rng.normal(centre, spread, shape).astype("float32")
    return arrays


@pytest.fixture(scope="module")
def loaded(network, official, tmp_path_factory):
    path = tmp_path_factory.mktemp("bit") / "BiT.npz"
    np.savez(path, **official)
    assert bit.load_npz(network, path)
    return network


def test_every_group_norm_has_the_official_epsilon(network):
    """Keras' own is a hundred times as large, which activations of ordinary size do not show."""
    norms = [layer for layer in network.layers if isinstance(layer, bit.GroupNorm)]
    assert len(norms) == 49 and {norm.epsilon for norm in norms} == {1e-5}


def features(network):
    return keras.Model(network.input, network.get_layer(bit.FEATURES).output)


def numpy_standardised(kernel):
    centred = kernel - kernel.mean(axis=(0, 1, 2))
    return centred / np.sqrt((centred**2).mean(axis=(0, 1, 2)) + 1e-10)


def numpy_conv(x, kernel, stride, pad):
    """Convolution as a sum over the kernel's positions, with symmetric zero padding."""
    kernel = numpy_standardised(kernel.astype("float64"))
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    size = kernel.shape[0]
    height, width = ((side - size) // stride + 1 for side in x.shape[1:3])
    out = np.zeros((len(x), height, width, kernel.shape[3]))
    for row in range(size):
        for column in range(size):
            seen = x[:, row : row + stride * height : stride, column : column + stride * width : stride]
            out += seen[:, :height, :width] @ kernel[row, column]
    return out


def numpy_norm_relu(x, arrays, name):
    groups = x.reshape(len(x), -1, 32, x.shape[3] // 32)
    mean = groups.mean(axis=(1, 3), keepdims=True)
    variance = groups.var(axis=(1, 3), keepdims=True)
    x = ((groups - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape)
    return np.maximum(x * arrays[f"{name}/group_norm/gamma"] + arrays[f"{name}/group_norm/beta"], 0)


def numpy_unit(x, arrays, name, stride):
    def kernel(part):
        return arrays[f"{name}/{part}/standardized_conv2d/kernel"]

    first = numpy_norm_relu(x, arrays, f"{name}/a")
    project = f"{name}/a/proj/standardized_conv2d/kernel" in arrays
    shortcut = numpy_conv(first, kernel("a/proj"), stride, 0) if project else x
    y = numpy_conv(first, kernel("a"), 1, 0)
    y = numpy_conv(numpy_norm_relu(y, arrays, f"{name}/b"), kernel("b"), stride, 1)
    return shortcut + numpy_conv(numpy_norm_relu(y, arrays, f"{name}/c"), kernel("c"), 1, 0)


def numpy_root(x, arrays):
    x = numpy_conv(x, arrays["resnet/root_block/standardized_conv2d/kernel"], 2, 3)
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = ((side - 3) // 2 + 1 for side in x.shape[1:3])
    shifted = [
        x[:, i : i + 2 * height : 2, j : j + 2 * width : 2][:, :height, :width]
        for i in range(3)
        for j in range(3)
    ]
    return np.max(shifted, axis=0)


def test_parameters_before_the_head_are_those_of_the_official_network(network):
    """A lost projection, bias or group norm changes this number."""
    counts = {name: int(np.prod(variable.shape)) for name, variable in bit.arrays(network).items()}
    assert sum(n for name, n in counts.items() if "/head/" not in name) == 23_500_352


def test_whole_network_agrees_with_numpy(loaded, official):
    """Every unit of every kind, the padding of stride-2 convolutions ('same' pads one side), and the head.

    The picture is not square and its sides are odd and even, where wrong padding shows.
    """
    x = np.random.default_rng(1).uniform(-1, 1, (1, 45, 38, 3))
    expected = numpy_root(x, official)
    for block, units in enumerate((3, 4, 6, 3), start=1):
        for unit in range(1, units + 1):
            stride = 2 if block > 1 and unit == 1 else 1
            expected = numpy_unit(expected, official, f"resnet/block{block}/unit{unit:02d}", stride)
    expected = numpy_norm_relu(expected, official, "resnet").mean(axis=(1, 2))
    np.testing.assert_allclose(np.asarray(features(loaded)(x)), expected, atol=1e-4)
    expected = expected @ official["resnet/head/conv2d/kernel"][0, 0] + official["resnet/head/conv2d/bias"]
    assert np.abs(np.asarray(loaded(x)) - softmax(expected, axis=-1)).max() < 1e-4


def test_pool_of_the_root_pads_with_zeros_not_with_minus_infinity():
    """Where a corner is all negative, 'same' pooling keeps that; the official network gives zero."""
    image = keras.Input((8, 8, 3))
    network = keras.Model(image, bit.root(image))
    x = np.random.default_rng(2).uniform(-1, 1, (1, 8, 8, 3))
    kernel = network.get_layer("root_block.standardized_conv2d").kernel
    expected = numpy_root(x, {"resnet/root_block/standardized_conv2d/kernel": np.asarray(kernel)})
    obtained = np.asarray(network(x))
    assert (obtained[0, 0, 0] == 0).any()
    np.testing.assert_allclose(obtained, expected, atol=1e-4)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_kernel_is_standardised_in_float32(policy):
    """Beside a large common offset: rounded before the mean is taken, nothing of the kernel is left."""
    layer = bit.StdConv(2, 1, dtype=policy)
    x = np.array([[[[0.0, 1.0, 2.0, 4.0]]]], "float32")
    layer.build(x.shape)
    small = np.random.default_rng(3).normal(size=(1, 1, 4, 2)).astype("float32") * 1e-4
    layer.kernel.assign(1 + small)
    expected = numpy_conv(x.astype("float64"), 1 + small, 1, 0)
    np.testing.assert_allclose(np.asarray(layer(x), "float32"), expected, rtol=0.05, atol=0.05)


@pytest.mark.parametrize(("policy", "error"), [("mixed_float16", 0.02), ("mixed_bfloat16", 0.2)])
def test_half_precision_features_agree_with_float32(loaded, policy, error):
    """A layer that refuses half precision, or overflows in it."""
    x = np.random.default_rng(4).uniform(-1, 1, (2, 32, 32, 3))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        half = bit.bit_resnet50x1(3, side=32)
    finally:
        keras.config.set_dtype_policy(before)
    half.set_weights(loaded.get_weights())
    expected, obtained = (np.asarray(features(network)(x)) for network in (loaded, half))
    assert obtained.dtype == half.output.dtype == "float32"
    assert np.linalg.norm(obtained - expected) < error * np.linalg.norm(expected)


def test_saved_file_opens_in_safe_mode_with_the_same_answers(loaded, tmp_path):
    """A layer that is not registered, or forgets its strides, does not survive saving."""
    loaded.save(tmp_path / "bit.keras")
    again = keras.saving.load_model(tmp_path / "bit.keras", safe_mode=True)
    x = np.random.default_rng(5).uniform(-1, 1, (1, 32, 32, 3))
    np.testing.assert_array_equal(np.asarray(again(x)), np.asarray(loaded(x)))


def spoilt(official, path, **changes):
    """The official arrays with some changed, or left out (None), as a file."""
    arrays = official | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


KERNEL = "resnet/block2/unit01/a/proj/standardized_conv2d/kernel"


@pytest.mark.parametrize(
    ("name", "array"),
    [
        (KERNEL, None),
        ("resnet/block1/unit04/a/group_norm/gamma", np.zeros(256)),
        (KERNEL, np.zeros((1, 1, 512, 256))),
        ("resnet/head/conv2d/bias", None),
        ("resnet/head/conv2d/kernel", np.zeros((1, 1, 1024, 3))),
    ],
    ids=["missing", "extra", "misshapen", "no head", "head of another width"],
)
def test_a_wrong_file_is_refused_by_the_array_s_name_and_changes_nothing(
    network, official, tmp_path, name, array
):
    before = np.asarray(network.get_layer("block1.unit01.a.standardized_conv2d").kernel)
    doubled = {"resnet/block1/unit01/a/standardized_conv2d/kernel": before * 2}
    with pytest.raises(UserError, match=name):
        bit.load_npz(network, spoilt(official, tmp_path / "BiT.npz", **doubled, **{name: array}))
    after = np.asarray(network.get_layer("block1.unit01.a.standardized_conv2d").kernel)
    np.testing.assert_array_equal(after, before)


def test_a_truncated_file_is_one_line_with_its_name(network, tmp_path):
    path = tmp_path / "BiT.npz"
    path.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(UserError, match=r"BiT\.npz cannot be read"):
        bit.load_npz(network, path)


def test_a_head_of_other_classes_becomes_zero_not_what_it_was(network, official, tmp_path):
    """ImageNet's head does not fit; the head left by the model before must not stay either."""
    network.get_layer("head.conv2d").bias.assign([1.0, 2.0, 3.0])
    head = {
        "resnet/head/conv2d/kernel": np.ones((1, 1, 2048, 10), "float32"),
        "resnet/head/conv2d/bias": np.ones(10, "float32"),
    }
    assert not bit.load_npz(network, spoilt(official, tmp_path / "BiT.npz", **head))
    assert not any(np.asarray(v).any() for v in network.get_layer("head.conv2d").weights)


def test_random_start_depends_on_the_seed_alone_and_resets_everything(network):
    """A start that leaves a trained group norm or head in place, or ignores its seed."""
    bit.initialise(network, "he_normal", seed=1)
    first = network.get_weights()
    for variable in network.weights:
        variable.assign(variable + 1)
    bit.initialise(network, "he_normal", seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(first, network.get_weights(), strict=True))
    bit.initialise(network, "he_normal", seed=2)
    kernels = [k for k in bit.arrays(network) if "standardized" in k]
    other = {k: np.asarray(v) for k, v in bit.arrays(network).items()}
    assert not any(np.array_equal(dict(zip(other, first, strict=True))[k], other[k]) for k in kernels)
    widest = other["resnet/block4/unit01/b/standardized_conv2d/kernel"]
    assert widest.std() == pytest.approx(np.sqrt(2 / (9 * 512)), rel=0.01)
    alike = [other[f"resnet/block4/unit0{n}/b/standardized_conv2d/kernel"] for n in (2, 3)]
    assert not np.array_equal(*alike)


def test_pytorch_s_start_lies_within_one_over_the_root_of_the_fan_in(network):
    """kaiming_uniform_(a=√5), the default of torch.nn.Conv2d: a sixth of He's variance, and no tails."""
    bit.initialise(network, "pytorch", seed=1)
    for name, fan_in in (("root_block", 7 * 7 * 3), ("block4/unit01/b", 9 * 512), ("block1/unit01/a", 64)):
        kernel = np.asarray(bit.arrays(network)[f"resnet/{name}/standardized_conv2d/kernel"])
        assert np.abs(kernel).max() <= fan_in**-0.5
        assert kernel.std() == pytest.approx((2 / fan_in / 6) ** 0.5, rel=0.02)
