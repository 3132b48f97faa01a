"""Mistakes in the readings of batch norm's averages."""

from tests.mistakes._altaf_words import KEYS, protocol

READINGS = protocol(
    "config.py",
    (
        "runs with moving averages taken for retaken ones",
        "return 2 if row.has_batch_norm else 1",
        "return 1",
        "A field that was added later has its default.",
    ),
    (
        "VGG16 has a reading by moving averages",
        'if row.method == "transfer" and row.has_batch_norm:',
        'if row.method == "transfer":',
        "The other networks have one.",
    ),
    tests=KEYS,
) + protocol(
    "keys.py",
    (
        "a training for each reading of the averages",
        '"draws", "averages", "sparsity"',
        '"draws", "sparsity"',
        "The field stands beside momentum, which is trained with.",
    ),
    tests=KEYS,
)
