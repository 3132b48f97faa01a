"""The rows: 6 models, random or frozen ImageNet weights, X-ray and CT, each under both protocols."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_builders.blinding import WAYS
from shared.base.fields import assumed, stated

DATASETS = {"xray": "mendeley_covid", "ct": "sars_cov2_ct"}
HOLDS = {"mendeley_covid": ("xray", "ct"), "sars_cov2_ct": ("ct",), "covid_ct": ("ct",)}
"""The modalities of each dataset that a row can be trained on."""
BACKBONES = ("resnet50", "resnet101v2", "densenet121", "vgg16", "inceptionv3")
SIDES = {"cnn": 200, "inceptionv3": 299}  # 224 for the others


@dataclass(frozen=True)
class Row:
    """One model on one modality under one protocol: its bars in Figs. 5 or 6 and 7."""

    id: str
    model: str = stated("cnn", "section 3.1.1", choices=("cnn", *BACKBONES))
    weights: str = stated("random", "section 3.1.4")
    frozen: bool = stated(False, "section 3.1.4: the pretrained base is frozen, the random one is trained")
    modality: str = stated("ct", "section 3.1.2", choices=tuple(DATASETS))
    shown: tuple[str, ...] = stated((), "Figs. 5 to 7")
    side: int = stated(224, "section 3.1.3, Table 1", least=32, most=2048)
    rotation: float = stated(25.0, "section 3.1.3", least=0, most=180)
    zoom: tuple[float, float] = stated((0.8, 1.2), "section 3.1.3: Keras' zoom range 0.2", above=0, most=10)
    flip: bool = stated(True, "section 3.1.3")
    validation_fraction: float = stated(0.1, "section 3.1.3", above=0, below=1)
    test_fraction: float = stated(0.1, "section 3.1.3", above=0, below=1)
    batch: int = stated(32, "section 3.1.5")
    learning_rate: float = stated(1e-3, 'section 3.1.5, printed "1 × e⁻³"; 1e-5 for VGG16')
    hidden: int = stated(1000, "section 3.1.4, Table 1")
    stop_accuracy: float = stated(0.89, "section 3.1.5", least=0, most=1)
    stop_loss: float = stated(0.3, "section 3.1.5")
    dataset: str = assumed("sars_cov2_ct", 1, choices=tuple(HOLDS))
    pool: int = assumed(90_000, 2)
    protocol: str = assumed("as_published", 3)
    max_epochs: int = assumed(500, 4)
    activation: str = assumed("relu", 5, choices=("relu", "elu", "selu", "gelu", "tanh", "sigmoid"))
    loss: str = assumed(
        "categorical_crossentropy", 5, choices=("categorical_crossentropy", "mean_squared_error")
    )
    dropout: float = assumed(0.25, 6, least=0, below=1)
    fill: str = assumed("nearest", 7, choices=("nearest", "constant", "reflect"))
    store_features: bool = assumed(True, 8)
    draws: int = assumed(3, 9)
    blind: str = stated("", "the images as they are", choices=("", *WAYS))

    def contradiction(self) -> str:
        """Values of which each is possible and that cannot be together."""
        if self.modality not in HOLDS[self.dataset]:
            fit = ", ".join(name for name, held in HOLDS.items() if self.modality in held)
            return f"dataset={self.dataset} has no images of modality={self.modality}: choose one of {fit}"
        if self.model == "cnn" and self.weights == "imagenet":
            return "weights=imagenet: nobody published weights of model=cnn"
        if self.validation_fraction + self.test_fraction >= 1:
            return "validation_fraction and test_fraction leave nothing to train on"
        return "" if self.zoom[0] <= self.zoom[1] else "zoom: the smaller value comes first"


def _row(model: str, pretrained: bool, modality: str, protocol: str) -> Row:
    kind = "" if model == "cnn" else "-pretrained" if pretrained else "-random"
    return Row(
        id=f"{modality}-{model}{kind}{'-clean' if protocol == 'clean' else ''}",
        model=model,
        weights="imagenet" if pretrained else "random",
        frozen=pretrained,
        modality=modality,
        shown=("figure5" if modality == "xray" else "figure6", "figure7"),
        side=SIDES.get(model, 224),
        learning_rate=1e-5 if model == "vgg16" else 1e-3,
        dataset=DATASETS[modality],
        protocol=protocol,
    )


# Rows of one architecture stand together, so that they share one compiled model.
ROWS = tuple(
    _row(model, pretrained, modality, protocol)
    for model, pretrained in (("cnn", False), *((m, p) for m in BACKBONES for p in (False, True)))
    for protocol in ("as_published", "clean")
    for modality in DATASETS
)


def demo(row: Row) -> Row:
    """The same row, small; the CNN keeps its side, the only one that ends in Table 1's 64 features.

    Two images a step make steps enough for batch norm's averages.
    """
    side = {"cnn": row.side, "inceptionv3": 75}.get(row.model, 32)
    return replace(
        row,
        weights="random",
        side=side,
        pool=200,
        test_fraction=0.3,
        batch=2,
        learning_rate=1e-3,
        max_epochs=14,
        draws=1,
    )


def split_of(row: Row) -> str:
    """The name of a row's split: the same for all models."""
    return f"{row.modality}-{row.protocol}"


def rule_met(row: Row, accuracy: float, loss: float) -> bool:
    """The stopping rule (section 3.1.5): both conditions hold on the validation part."""
    return accuracy >= row.stop_accuracy and loss < row.stop_loss


def features_key(row: Row) -> dict:
    """The fields that a frozen base's features depend on; neither the protocol nor the head is among them."""
    names = ("dataset", "modality", "model", "weights", "side", "pool", "rotation", "zoom", "flip", "fill")
    return {name: getattr(row, name) for name in names}
