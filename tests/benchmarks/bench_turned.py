"""Of real images changed as augmentation does: how many the finder finds, and how many pairs it makes up.

`python tests/benchmarks/bench_turned.py NAME=FOLDER ...` writes docs/near-duplicates.md. A folder holds one
folder per class, so that pairs of two classes are of two people.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from data_builders.near_duplicates import SIDE, find
from shared.base.files import write_text
from shared.base.text import markdown_table

SOUGHT, LOOKED_AT = 100, 1000
HEADS = ["Dataset", "Images", "Pairs", "Of two classes", "Of two classes, by turning alone"]
KINDS = (".png", ".jpg", ".jpeg", ".webp")
TARGET = Path(__file__).parents[2] / "docs" / "near-duplicates.md"
PAGE = """\
# Near duplicates: what is found

`tests/benchmarks/bench_turned.py` writes this page. It changes {sought} images of each dataset, as
augmentation does, and looks for the {sought} pairs among both; then it looks at up to {looked} unchanged
images. Images of two classes are of two people, so that a pair of them is false, or a figure that the dataset
holds under both labels; a figure that is not turned is also found by the search for croppings. Pairs within a
class may be neighbouring slices of one scan, or the same picture twice. What turning brings into sight is
black.

{found}
{false}
How long it takes is measured in [speed.md](speed.md).
"""


def turn(image, rng):
    return warped(image, rng, rng.uniform(-180, 180), 1.0, (0, 0))


def shift(image, rng):
    return warped(image, rng, 0.0, 1.0, rng.uniform(-0.15, 0.15, 2))


def zoom(image, rng):
    return warped(image, rng, 0.0, rng.uniform(0.85, 1.15), (0, 0))


def warped(image, rng, angle, scale, by):
    """Within its own frame."""
    high, wide = image.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, scale)
    matrix[:, 2] += np.array(by) * (wide, high)
    return cv2.warpAffine(image, matrix, (wide, high))


def gamma(image, rng):
    return (255 * (image / 255) ** np.exp(rng.uniform(-0.6, 0.6))).astype(np.uint8)


WAYS = {
    "turned by any angle": turn,
    "turned by 90°": lambda image, rng: np.rot90(image),
    "mirrored": lambda image, rng: image[:, ::-1],
    "upside down": lambda image, rng: image[::-1],
    "shifted up to 15%": shift,
    "zoomed up to 15%": zoom,
    "gamma 0.55 to 1.8": gamma,
}


def images_of(folder: Path, most: int) -> tuple[list[np.ndarray], list[str]]:
    """So many images spread over the sorted files of each class, with their classes."""
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    chosen = []
    for path in classes:
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in KINDS)
        step = max(1, len(files) * len(classes) // most)
        chosen += [(file, path.name) for file in files[::step][: most // len(classes)]]
    read = [(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE), name) for file, name in chosen]
    kept = [(image, name) for image, name in read if image is not None]
    return [image for image, _ in kept], [name for _, name in kept]


def pairs_of(images, turned: bool = True) -> set[tuple[int, int]]:
    """Those that the finder names, with turned ones or without."""
    squares = np.stack([cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in images])
    aspects = np.array([image.shape[1] / image.shape[0] for image in images])
    return {
        tuple(sorted((match.first, match.second))) for match in find(squares, aspects if turned else None)
    }


def shares(folder: Path) -> list[str]:
    """Of each way of changing, the share found again."""
    images, _ = images_of(folder, SOUGHT)
    n, rng, cells = len(images), np.random.default_rng(0), []
    for way in WAYS.values():
        changed = [np.ascontiguousarray(way(image, rng)) for image in images]
        found = pairs_of([*images, *changed])
        cells.append(f"{sum((k, n + k) in found for k in range(n)) / n:.1%}")
    return cells


def false_pairs(folder: Path) -> list[str]:
    """Images, pairs, those of two classes, those by turning alone."""
    images, names = images_of(folder, LOOKED_AT)
    found = pairs_of(images)
    across = {pair for pair in found if names[pair[0]] != names[pair[1]]}
    by_turning = across - pairs_of(images, turned=False) if across else across
    return [f"{len(images):,}", f"{len(found):,}", str(len(across)), str(len(by_turning))]


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("folders", nargs="+", metavar="NAME=FOLDER")
    given = dict(text.split("=", 1) for text in parser.parse_args().folders)
    found = [[name, *shares(Path(folder))] for name, folder in given.items()]
    looked = [[name, *false_pairs(Path(folder))] for name, folder in given.items()]
    text = page(found, looked)
    write_text(TARGET, text)
    print(text)


def page(found: list[list[str]], looked: list[list[str]]) -> str:
    """With both tables."""
    return PAGE.format(
        sought=SOUGHT,
        looked=f"{LOOKED_AT:,}",
        found=markdown_table(["Found again", *WAYS], found),
        false=markdown_table(HEADS, looked),
    )


if __name__ == "__main__":
    main()
