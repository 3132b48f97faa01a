"""The rows of Table 2: three backbones, with and without the CycleGAN's images, each under two protocols."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_builders.blinding import WAYS
from shared.base.fields import assumed, stated

CLASSES = ("COVID-19", "Normal", "Pneumonia")


@dataclass(frozen=True)
class Row:
    """A backbone with a new head; a draw is a fold of the training set, scored on the fixed test set."""

    id: str
    backbone: str = stated("vgg16", "section 3.1")
    augmentation: str = stated("v1", "Table 2; v2 adds the CycleGAN's images")
    draws: int = stated(5, "Table 1: one for each fold")
    folds: int = stated(5, "Table 1; 1 trains on all training images, without validation")
    images: tuple[int, int, int] = stated((142, 300, 300), "Table 1: COVID-19, normal, pneumonia")
    test: tuple[int, int, int] = stated((29, 60, 60), "Table 1")
    synthetic: int = stated(100, "Table 1")
    side: int = stated(224, "Table 1", least=64, most=2048)
    flip: bool = assumed(True, 16)
    epochs: int = stated(50, "section 3.3")
    batch: int = stated(8, "section 3.3")
    learning_rate: float = stated(1e-4, "section 3.2: Adam")
    gan_steps: int = stated(5000, "section 2.3")
    view: str = assumed("PA", 1, choices=("PA", "AP"))
    collection: int = assumed(354, 10)
    protocol: str = assumed("as_published", 2)
    weights: str = assumed("imagenet", 4, choices=("imagenet", "random"))
    pool: int = assumed(4, 5)
    hidden: int = assumed(64, 5)
    dropout: float = assumed(0.5, 5, least=0, below=1)
    rotation: float = assumed(15.0, 6, least=0, most=180)
    shift: float = assumed(0.1, 6, least=0, below=1)
    fill: str = assumed("nearest", 6, choices=("nearest", "constant", "reflect"))
    intensity: str = assumed("stretched", 7, choices=("stretched", "raw"))
    gan_side: int = assumed(256, 8, least=32, most=2048)
    gan_filters: int = assumed(64, 8)
    gan_blocks: int = assumed(9, 8)
    gan_pool: int = assumed(50, 8)
    gan_cycle_weight: float = assumed(10.0, 8)
    gan_identity_weight: float = assumed(5.0, 8)
    gan_learning_rate: float = assumed(2e-4, 8)
    gan_beta_1: float = assumed(0.5, 8, least=0, below=1)
    gan_steps_shown: int = assumed(250, 8)
    progression_patient: str = assumed("173", 9, any_text=True)
    progression_days: tuple[int, ...] = assumed((3, 7, 9), 9)
    blind: str = stated("", "the images as they are", choices=("", *WAYS))

    def contradiction(self) -> str:
        """Values of which each is possible and that cannot be together."""
        if any(tested >= of_class for tested, of_class in zip(self.test, self.images, strict=True)):
            return f"test={self.test} leaves nothing to train on of images={self.images}"
        if self.gan_side % 4:
            return (
                f"gan_side={self.gan_side}: the generator halves the side twice, so a multiple of 4 is needed"
            )
        return ""


@dataclass(frozen=True)
class Unsaid(Row):
    """A row of which the text does not say which augmentation it had."""

    augmentation: str = assumed("v2", 3)


@dataclass(frozen=True)
class Whole(Row):
    """One model on all training images: section 3.3 has more steps per epoch than a fold has."""

    draws: int = assumed(1, 11)
    folds: int = assumed(1, 11)


@dataclass(frozen=True)
class UnsaidWhole(Whole):
    """One model on all training images, of a row of which the text does not say which augmentation it had."""

    augmentation: str = assumed("v1", 3)


ROWS = (
    *(
        replace(row, id=row.id + end, protocol=protocol)
        for row in (
            Row(id="vgg16-v1"),
            Row(id="vgg16-v2", augmentation="v2"),
            Unsaid(id="resnet50", backbone="resnet50"),
            Unsaid(id="resnet50-v1", backbone="resnet50", augmentation="v1"),
            Unsaid(id="efficientnetb0", backbone="efficientnetb0"),
            Unsaid(id="efficientnetb0-v1", backbone="efficientnetb0", augmentation="v1"),
        )
        for protocol, end in (("as_published", ""), ("clean", "-clean"))
    ),
    Whole(id="vgg16-v1-whole"),
    UnsaidWhole(id="resnet50-v1-whole", backbone="resnet50"),
    UnsaidWhole(id="efficientnetb0-v1-whole", backbone="efficientnetb0"),
)


def split_of(row: Row) -> str:
    """The name of a row's split; as published, synthetic images are divided into folds with the others."""
    synthetic = "-v2" if row.augmentation == "v2" and row.protocol == "as_published" else ""
    return f"{row.protocol}{synthetic}{'-whole' if row.folds == 1 else ''}"


def deviations_without_field(row: Row) -> tuple[int, ...]:
    """Which fold is scored, how validation images look, the images' shape and colour."""
    return (11, 12, 13, 14) if row.folds > 1 else (11, 13, 14)


def code_version(row: Row) -> int:
    """2: COVID-19 X-rays of the first lines of the collection; synthetic images of the range of real ones."""
    return 2


def demo(row: Row) -> Row:
    """The same row, small: one fold of four, twenty epochs, a short CycleGAN of few filters."""
    return replace(
        row,
        weights="random",
        images=(60, 60, 60),
        test=(20, 20, 20),
        side=64,
        pool=2,
        draws=1,
        folds=min(4, row.folds),
        epochs=20,
        dropout=0.1,
        learning_rate=5e-4,
        synthetic=8,
        gan_side=32,
        gan_filters=8,
        gan_blocks=2,
        gan_pool=8,
        gan_steps=60,
        gan_steps_shown=30,
        gan_learning_rate=5e-4,
    )
