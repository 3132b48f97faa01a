"""A file of weights as a run's facts keep it: SHA-256, and whether it is the file that was published."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import Any

from shared.base.download import md5

PUBLISHED_MD5 = {
    "densenet121_weights_tf_dim_ordering_tf_kernels.h5": "9d60b8095a5708f2dcce2bca79d332c7",
    "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5": "30ee3e1110167f948a6b9946edeeb738",
    "densenet201_weights_tf_dim_ordering_tf_kernels.h5": "1ceb130c1ea1b78c3bf6114dbdfd8807",
    "densenet201_weights_tf_dim_ordering_tf_kernels_notop.h5": "c13680b51ded0fb44dff2d8f86ac8bb1",
    "efficientnetb0.h5": "902e53a9f72be733fc0bcb005b3ebbac",
    "efficientnetb0_notop.h5": "50bc09e76180e00e4465e1a485ddc09d",
    "inception_v3_weights_tf_dim_ordering_tf_kernels.h5": "9a0d58056eeedaa3f26cb7ebd46da564",
    "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5": "bcbd6486424b2319ff4ef7d526e38f63",
    "resnet101v2_weights_tf_dim_ordering_tf_kernels.h5": "6343647c601c52e1368623803854d971",
    "resnet101v2_weights_tf_dim_ordering_tf_kernels_notop.h5": "c0ed64b8031c3730f411d2eb4eea35b5",
    "resnet50_weights_tf_dim_ordering_tf_kernels.h5": "2cb95161c43110f7111970584f804107",
    "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5": "4d473c1dd8becc155b73f8504c6f6626",
    "vgg16_weights_tf_dim_ordering_tf_kernels.h5": "64373286793e3c8b2b4e3219cbf3544b",
    "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5": "6d6bbae143d832006294945121d1f1fc",
}
"""The hashes that Keras checks its downloads against (keras.applications 3.15.1), by file name."""


def facts(path: Path) -> dict[str, Any]:
    """SHA-256 of a file, and whether it is the published one (None: no hash of it was published)."""
    data = Path(path).read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "published": published(path.name, data)}


def keras_cache() -> Path:
    """Where Keras keeps what it downloads."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"


def is_published(path: Path) -> bool:
    """Whether a file is there and is the one that Keras publishes; a part of one is not."""
    if path.name not in PUBLISHED_MD5 or not path.is_file():
        return False
    state = path.stat()
    return _md5(path, state.st_size, state.st_mtime_ns) == PUBLISHED_MD5[path.name]


@functools.cache
def _md5(path: Path, size: int, mtime_ns: int) -> str:
    """Of a file in this state: half a gigabyte is read once, not for every row."""
    return md5(path)


def published(name: str, data: bytes) -> bool | None:
    """Whether these are the bytes that Keras publishes; None where it publishes no file of this name."""
    if name not in PUBLISHED_MD5:
        return None
    return hashlib.md5(data, usedforsecurity=False).hexdigest() == PUBLISHED_MD5[name]
