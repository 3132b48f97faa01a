"""Big Transfer's ResNet50x1 (Kolesnikov et al. 2020): ResNet-v2, group norm, standardised convolutions."""

from __future__ import annotations

import functools
import zipfile
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from reproductions.zhao.config import HE_NORMAL, PYTORCH
from shared.base.errors import UserError

UNITS = (3, 4, 6, 3)
"""Bottleneck units per block; each block halves the picture, but for the first."""
FEATURES = "features"
"""The layer whose output Figure 4 shows."""
LAST_MAP = "last_map"
"""The layer whose output Figure 9's Grad-CAM weighs."""


def standardise(kernel):
    """Every output filter to mean 0 and variance 1 over height, width and input channels."""
    mean, variance = ops.moments(kernel, axes=(0, 1, 2), keepdims=True)
    return (kernel - mean) / ops.sqrt(variance + 1e-10)


@keras.saving.register_keras_serializable(package="zhao")
class StdConv(layers.Layer):
    """Convolution without bias by a kernel that is standardised, in float32, each time it is used."""

    def __init__(self, filters, size, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.size, self.strides = filters, size, strides

    def build(self, input_shape):
        shape = (self.size, self.size, input_shape[-1], self.filters)
        # autocast=False: half precision would round the kernel before its mean and variance are taken
        self.kernel = self.add_weight(shape=shape, initializer="he_normal", name="kernel", autocast=False)

    def call(self, inputs):
        kernel = ops.cast(standardise(ops.cast(self.kernel, "float32")), self.compute_dtype)
        return ops.conv(inputs, kernel, strides=self.strides, padding="valid")

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        sides = (side and (side - self.size) // self.strides + 1 for side in (height, width))
        return (batch, *sides, self.filters)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "size": self.size, "strides": self.strides}


@keras.saving.register_keras_serializable(package="zhao")
class GroupNorm(layers.GroupNormalization):
    """The same by sums over channels, in float32: the groups' own short axis takes a CPU twice as long."""

    def call(self, inputs):
        x = ops.cast(inputs, "float32")
        x = x - self._of_groups(ops.mean(x, axis=(1, 2), keepdims=True))
        variance = self._of_groups(ops.mean(ops.square(x), axis=(1, 2), keepdims=True))
        x = x * (ops.rsqrt(variance + self.epsilon) * self.gamma) + self.beta
        return ops.cast(x, self.compute_dtype)

    def _of_groups(self, means):
        """The groups' means in the place of their channels', which all weigh the same."""
        width = means.shape[-1] // self.groups
        grouped = ops.mean(ops.reshape(means, (-1, 1, 1, self.groups, width)), axis=-1)
        return ops.repeat(grouped, width, axis=-1)


def convolve(x, filters, size, strides, name):
    """A standardised convolution with the official models' symmetric zero padding ('same' pads otherwise)."""
    if size > 1:
        x = layers.ZeroPadding2D(size // 2, name=f"{name}.pad")(x)
    return StdConv(filters, size, strides, name=f"{name}.standardized_conv2d")(x)


def normalise(x, name):
    """Group norm with 32 groups, then ReLU."""
    x = GroupNorm(32, epsilon=1e-5, name=f"{name}group_norm")(x)
    return layers.ReLU(name=f"{name}relu")(x)


def unit(x, filters, strides, name):
    """Pre-activation bottleneck; where the shape changes, the shortcut projects the first pre-activation."""
    shortcut = x
    x = normalise(x, f"{name}.a.")
    if strides != 1 or shortcut.shape[-1] != 4 * filters:
        shortcut = convolve(x, 4 * filters, 1, strides, f"{name}.a.proj")
    x = convolve(x, filters, 1, 1, f"{name}.a")
    x = convolve(normalise(x, f"{name}.b."), filters, 3, strides, f"{name}.b")
    x = convolve(normalise(x, f"{name}.c."), 4 * filters, 1, 1, f"{name}.c")
    return layers.Add(name=f"{name}.add")([shortcut, x])


def root(x):
    """7×7/2 convolution and 3×3/2 max pool; the pool's padding is zeros, which 'same' would not give."""
    x = convolve(x, 64, 7, 2, "root_block")
    x = layers.ZeroPadding2D(1, name="root_block.pool_pad")(x)
    return layers.MaxPooling2D(3, 2, name="root_block.pool")(x)


def bit_resnet50x1(classes: int, side: int | None = None) -> keras.Model:
    """The network of the paper's five initialisations, for square pictures of `side`, or of any size."""
    inputs = layers.Input((side, side, 3), name="images")
    x = root(inputs)
    for block, units in enumerate(UNITS, start=1):
        for number in range(1, units + 1):
            strides = 2 if block > 1 and number == 1 else 1
            x = unit(x, 64 * 2 ** (block - 1), strides, f"block{block}.unit{number:02d}")
    x = GroupNorm(32, epsilon=1e-5, name="group_norm")(x)
    x = layers.ReLU(name=LAST_MAP)(x)
    x = layers.GlobalAveragePooling2D(dtype="float32", name=FEATURES)(x)
    head = layers.Dense(classes, "softmax", kernel_initializer="zeros", dtype="float32", name="head.conv2d")
    return keras.Model(inputs, head(x), name="bit_resnet50x1")


def arrays(model: keras.Model) -> dict[str, keras.Variable]:
    """The model's variables by the names that the official `.npz` files give them."""
    return {
        f"resnet/{layer.name.replace('.', '/')}/{variable.name}": variable
        for layer in model.layers
        for variable in layer.weights
    }


INITIALISERS = {
    HE_NORMAL: keras.initializers.HeNormal,
    # torch.nn.Conv2d's default, kaiming_uniform_(a=√5): within ±1/√fan_in, a sixth of He's variance
    PYTORCH: functools.partial(keras.initializers.VarianceScaling, 1 / 3, "fan_in", "uniform"),
}


def initialise(model: keras.Model, initialiser: str, seed: int) -> None:
    """The random start: kernels drawn from the seed, group norm at one and zero, the head at zero."""
    seeds = np.random.SeedSequence(seed).generate_state(len(model.weights)).tolist()
    for (name, variable), own_seed in zip(arrays(model).items(), seeds, strict=True):
        if "standardized_conv2d" in name:
            variable.assign(INITIALISERS[initialiser](seed=own_seed)(variable.shape))
        else:
            variable.assign(ops.ones(variable.shape) if name.endswith("gamma") else ops.zeros(variable.shape))


def load_npz(model: keras.Model, path: Path | str) -> bool:
    """Load an official weight file; says whether its head fitted (else the model's head is set to zero)."""
    loaded, wanted = read_npz(path), arrays(model)
    check_names(loaded, wanted, path)
    classes = loaded["resnet/head/conv2d/bias"].shape[-1:]
    keep_head = classes == tuple(wanted["resnet/head/conv2d/bias"].shape)
    for name, variable in wanted.items():
        check_shape(name, loaded[name].shape, official_shape(name, variable, classes), path)
    for name, variable in wanted.items():
        if keep_head or not name.startswith("resnet/head/"):
            variable.assign(loaded[name].reshape(variable.shape).astype("float32"))
        else:
            variable.assign(ops.zeros(variable.shape))
    return keep_head


def read_npz(path: Path | str) -> dict[str, np.ndarray]:
    """All arrays of a `.npz` file, or one line that says why not."""
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read as a BiT .npz file ({error}); download it again") from None


def check_names(loaded, wanted, path) -> None:
    """Refuse a file that lacks an array of the network, or holds one that the network has no place for."""
    missing, extra = sorted(set(wanted) - set(loaded)), sorted(set(loaded) - set(wanted))
    for fault, names in (("has no array", missing), ("holds the unknown array", extra)):
        if names:
            more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
            raise UserError(f"{path} {fault} {names[0]}{more}; is it a BiT ResNet50x1 file?")


def official_shape(name, variable, classes) -> tuple[int, ...]:
    """The shape of an array in the file, whose head is a 1×1 convolution to its own number of classes."""
    if not name.startswith("resnet/head/"):
        return tuple(variable.shape)
    return (1, 1, variable.shape[0], *classes) if name.endswith("kernel") else classes


def check_shape(name, found, expected, path) -> None:
    """Refuse an array of the wrong shape."""
    if tuple(found) != tuple(expected):
        raise UserError(f"{path}: array {name} has shape {tuple(found)}, expected {tuple(expected)}")
