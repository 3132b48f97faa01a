"""The third part of the catalogue `zebin.py`: the CycleGAN's networks."""

from tests.mistakes._zebin_words import FOLDER, TESTS
from tests.mistakes.mistake import within

GENERATOR_AND_DISCRIMINATOR = within(
    f"{FOLDER}/cyclegan.py",
    (
        "residual blocks without shortcuts",
        "return layers.Add()([x, y])",
        "return y",
        "The parameters are as many without them.",
    ),
    (
        "a residual block of two convolutions in a row",
        "y = ops.relu(InstanceNorm()(convolution(filters, 3)(reflect(x, 1))))",
        "y = InstanceNorm()(convolution(filters, 3)(reflect(x, 1)))",
        "The second convolution has no ReLU, so the first is given none.",
    ),
    (
        "the mirror repeats the border",
        'mode="reflect"',
        'mode="symmetric"',
        "NumPy and OpenCV call different mirrors by the same name.",
    ),
    (
        "the discriminator's first stage is normed",
        "x if stage == 0 else InstanceNorm()(x)",
        "InstanceNorm()(x)",
        "All other stages are.",
    ),
    (
        "the generator's images have no bounds",
        "keras.Model(image, ops.tanh(x)",
        "keras.Model(image, x",
        "Images are turned back from -1 to 1, and what lies beyond wraps around.",
    ),
    (
        "another epsilon in the norm",
        "epsilon=1e-5",
        "epsilon=1e-3",
        "It is Keras' own of batch norm.",
    ),
    (
        "Keras' own initial weights",
        ", kernel_initializer=start, **options)",
        ", **options)",
        "The paper says nothing of them.",
    ),
    protocol=True,
    tests=(f"{TESTS}_networks.py",),
)
