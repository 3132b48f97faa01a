"""The CycleGAN's networks: sizes of the reference implementation, and all they compute once more in NumPy."""

import keras
import numpy as np
import pytest
from keras import ops
from layers_by_hand import convolved, enlarged, instance_normed, mirrored, redrawn, relu, zeros_around

from reproductions.zebin import cyclegan


def generator(filters):
    return cyclegan.generator(16, 1, filters, 2, "g")


def discriminator(filters):
    return cyclegan.discriminator(40, 1, filters, "d")


def generated(x, weights):
    """c7s1-64, d128, d256, residual blocks, u128, u64, c7s1 (Zhu et al. 2017, section 7.2)."""
    *early, up_1, up_2, last = zip(weights[::2], weights[1::2], strict=True)
    first, down_1, down_2, *blocks = early
    x = relu(instance_normed(convolved(mirrored(x, 3), *first)))
    for down in (down_1, down_2):
        x = relu(instance_normed(convolved(zeros_around(x, 0, 1), *down, 2)))
    for one, other in zip(blocks[::2], blocks[1::2], strict=True):
        inner = relu(instance_normed(convolved(mirrored(x, 1), *one)))
        x = x + instance_normed(convolved(mirrored(inner, 1), *other))
    for up in (up_1, up_2):
        x = relu(instance_normed(enlarged(x, *up)))
    return np.tanh(convolved(mirrored(x, 3), *last))


def scores(x, weights):
    """C64-C128-C256-C512 with leaky ReLUs, no norm after the first, and a score for each patch."""
    *stages, last = zip(weights[::2], weights[1::2], strict=True)
    for stage, (own, strides) in enumerate(zip(stages, (2, 2, 2, 1), strict=True)):
        x = convolved(zeros_around(x, 1, 1), *own, strides)
        x = instance_normed(x) if stage else x
        x = np.where(x > 0, x, 0.2 * x)
    return convolved(zeros_around(x, 1, 1), *last)


@pytest.mark.parametrize(("make", "again"), [(generator, generated), (discriminator, scores)])
def test_networks_compute_what_the_reference_implementation_does(make, again):
    """An activation, a shortcut, a norm or a padding that is missing, another or in another place."""
    network = make(filters=2)
    weights = redrawn(network)
    image = np.random.default_rng(0).uniform(-1, 1, network.input_shape[1:]).astype("float32")
    np.testing.assert_allclose(network(image[None])[0], again(image, weights), atol=1e-4)


@pytest.mark.parametrize("make", [generator, discriminator])
def test_kernels_begin_as_in_the_reference_implementation(make):
    """Keras' own initial weights, which are several times as large, or zeros."""
    network = make(filters=16)
    for kernel, bias in zip(network.weights[::2], network.weights[1::2], strict=True):
        assert np.std(kernel) == pytest.approx(0.02, rel=0.2)
        assert not np.any(bias)


def test_networks_are_the_reference_implementation_s_to_the_parameter():
    """A missing block, a norm with scale, or a kernel of 3 in the discriminator."""
    assert cyclegan.generator(256, 3, 64, 9, "g").count_params() == 11_378_179
    assert cyclegan.discriminator(256, 3, 64, "d").count_params() == 2_764_737


def test_a_score_of_the_discriminator_sees_70_pixels():
    """'same' padding or a stride too many changes the patch; instance norm, which sees all, is left out."""
    sees = 1
    for layer in reversed(cyclegan.discriminator(256, 1, 4, "d").layers):
        if isinstance(layer, keras.layers.Conv2D):
            sees = (sees - 1) * layer.strides[0] + layer.kernel_size[0]
    assert sees == 70
    assert cyclegan.discriminator(256, 1, 4, "d").output_shape == (1, 30, 30, 1)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_instance_norm_by_hand(precision):
    """A norm over all channels, with Bessel's correction, or with the averages of an untrained batch norm."""
    image = np.random.default_rng(0).normal([3, -8], [5, 0.5], (1, 6, 4, 2)).astype("float32")
    found = cyclegan.InstanceNorm(dtype=precision)(image)
    assert found.dtype == precision
    by_hand = (image - image.mean((1, 2))) / np.sqrt(image.var((1, 2)) + 1e-5)
    np.testing.assert_allclose(
        ops.cast(found, "float32"), by_hand, atol={"float32": 1e-5, "bfloat16": 0.1}[precision]
    )


def test_instance_norm_refuses_images_together():
    """It would take the mean of both."""
    with pytest.raises(ValueError, match="given 2"):
        cyclegan.InstanceNorm()(np.zeros((2, 4, 4, 1), "float32"))
