"""The networks of keras.applications, each with its preprocessing and its last convolutional map."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shared.base.errors import UserError
from shared.training import weight_files

if TYPE_CHECKING:
    import keras

HEADS = ("published", "gap", "map")


@dataclasses.dataclass(frozen=True)
class Backbone:
    """A published network: what it is called, expects, and ends in."""

    name: str
    application: str
    module: str
    side: int
    last_conv: str
    weights_stem: str
    """Of Keras' own weight files, before `_notop.h5`, `.h5`."""
    dense_top: bool = False
    """Whether it has dense layers between the last map and its output layer (VGG16: fc1, fc2)."""

    def needs_top(self, head: str) -> bool:
        """Whether the head wants the file of the whole network."""
        return self.dense_top and head == "published"

    def build(self, input_shape, head: str = "gap", weights: Path | None = None):
        """The network without its output layer.

        `published`: all but the last layer; `gap`: the last map, averaged; `map`: the last map.
        """
        import keras

        if head not in HEADS:
            raise UserError(f"head={head}: choose one of {', '.join(HEADS)}")
        build = getattr(keras.applications, self.application)
        if self.needs_top(head):
            whole = load_weights(build(weights=None, input_shape=input_shape), weights)
            return keras.Model(whole.input, whole.layers[-2].output, name=self.name)
        pooling = None if head == "map" else "avg"
        whole = build(weights=None, include_top=False, input_shape=input_shape, pooling=pooling)
        load_weights(whole, weights)
        return keras.Model(whole.input, whole.output, name=self.name)

    def preprocess(self, images):
        """Three-channel images in 0..255 as the published weights expect them."""
        import keras

        return getattr(keras.applications, self.module).preprocess_input(images)

    def weight_files(self, top: bool) -> tuple[str, ...]:
        """The file names that are looked for, Keras' own first."""
        if top:
            return (f"{self.weights_stem}.h5", f"{self.module}.h5")
        return (f"{self.weights_stem}_notop.h5", f"{self.module}_notop.h5")


_TF = "weights_tf_dim_ordering_tf_kernels"

BACKBONES = {
    b.name: b
    for b in (
        Backbone("vgg16", "VGG16", "vgg16", 224, "block5_conv3", f"vgg16_{_TF}", dense_top=True),
        Backbone("resnet50", "ResNet50", "resnet50", 224, "conv5_block3_out", f"resnet50_{_TF}"),
        Backbone("resnet101v2", "ResNet101V2", "resnet_v2", 224, "post_relu", f"resnet101v2_{_TF}"),
        Backbone("inceptionv3", "InceptionV3", "inception_v3", 299, "mixed10", f"inception_v3_{_TF}"),
        Backbone("densenet121", "DenseNet121", "densenet", 224, "relu", f"densenet121_{_TF}"),
        Backbone("densenet201", "DenseNet201", "densenet", 224, "relu", f"densenet201_{_TF}"),
        Backbone("efficientnetb0", "EfficientNetB0", "efficientnet", 224, "top_activation", "efficientnetb0"),
    )
}


def find_weights(weights_dir: Path, name: str, top: bool = False) -> Path | None:
    """The ImageNet weights of a network: one of its file names, or the published file in Keras' own cache."""
    files = BACKBONES[name].weight_files(top)
    here = [path for file in files if (path := Path(weights_dir) / file).is_file()]
    cached = [weight_files.keras_cache() / file for file in files]
    return next(iter(here), None) or next(filter(weight_files.is_published, cached), None)


def weights_missing(weights_dir: Path, name: str, top: bool = False) -> str | None:
    """None, or one line: which file is missing, where it belongs and how Keras hands it out."""
    if find_weights(weights_dir, name, top):
        return None
    path = Path(weights_dir) / BACKBONES[name].weight_files(top)[0]
    return (
        f"{path} is missing, and {weight_files.keras_cache()} holds no whole one: ImageNet weights; "
        "python -m reproductions get weights fetches them"
    )


def weight_facts(weights_dir: Path, name: str, top: bool = False) -> dict[str, Any]:
    """The facts of a network's ImageNet file, under its name."""
    path = find_weights(weights_dir, name, top)
    return {path.name: weight_files.facts(path)} if path else {}


def load_weights(model, path: Path | None):
    """Loads a weight file; one that does not fit is an error that names it."""
    if path is None:
        return model
    try:
        model.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{path} does not hold the weights of {model.name}: {reason}") from error
    _refuse_damaged(model, path)
    return model


def _refuse_damaged(model: keras.Model, path: Path) -> None:
    """Numbers that are none are an error; a file that is not the published one is said."""
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise UserError(f"{path} holds NaN or infinity: it is damaged, download it again")
    if weight_files.published(path.name, path.read_bytes()) is False:
        print(f"{path} is not the file that Keras publishes: if you did not mean that, download it again")
