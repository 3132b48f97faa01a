"""Mistakes in batch norm's averages, taken anew after a training."""

from tests.mistakes.mistake import within

AVERAGES = within(
    "shared/training/averages.py",
    (
        "a small batch counts like the others",
        "total += len(images) * np",
        "total += count / len(batches) * np",
        "All batches but the last are of one size.",
    ),
    (
        "a mean of the batches' variances",
        "np.array([mean, variance + mean**2])",
        "np.array([mean, variance + (total[0] / count) ** 2])",
        "Batches are nearly alike.",
    ),
    (
        "the networks' old averages while the new ones are taken",
        "model(images, training=True)",
        "model(images, training=False)",
        "Nothing is trained.",
    ),
    (
        "the momentum is not put back",
        "zip(layers, before, strict=True):\n            layer.momentum = momentum",
        "zip(layers, before, strict=True):\n            del momentum",
        "The training has ended.",
    ),
    tests=("tests/shared/training/test_averages.py",),
)
