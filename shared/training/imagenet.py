"""Where the ImageNet weights of each network can be fetched, with the hashes that Keras checks."""

from __future__ import annotations

from shared.base.download import Remote
from shared.training.backbones import BACKBONES
from shared.training.weight_files import PUBLISHED_MD5

_HOST = "https://storage.googleapis.com"
_FOLDERS = {  # of a module of keras.applications, where it is not the module's own name
    "resnet50": "tensorflow/keras-applications/resnet",
    "resnet_v2": "tensorflow/keras-applications/resnet",
    "efficientnet": "keras-applications",
}


def remote(backbone: str, top: bool = False) -> Remote:
    """The published file of a network's weights."""
    module = BACKBONES[backbone].module
    file = BACKBONES[backbone].weight_files(top)[0]
    folder = _FOLDERS.get(module, f"tensorflow/keras-applications/{module}")
    return Remote(file, f"{_HOST}/{folder}/{file}", md5=PUBLISHED_MD5[file])
