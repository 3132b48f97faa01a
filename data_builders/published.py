"""The seven datasets as they were published: where each one is, the tree to make of it, and how many images it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


class DataError(Exception):
    """Something about the data that the user can mend: one line that names the file and the remedy."""


@dataclass(frozen=True)
class Dataset:
    """What is known of a dataset before anything is read."""

    name: str
    title: str
    download: str
    """Where its files are."""
    tree: str
    """What its folder must look like afterwards."""
    marks: tuple[str, ...]
    """Each of these must be there ('a|b': either of the two)."""
    classes: tuple[str, ...]
    counts: dict[str, int]
    """Published number of images per class."""
    citation: str
    extra: dict[str, str] = field(default_factory=dict)
    """Columns of its own: 'text', 'number' (not a number where unknown) or 'box' (four integers)."""

    @property
    def instructions(self) -> str:
        """What to download and the tree to make, as text."""
        return f"Download: {self.download}\nTree:\n{self.tree.strip(chr(10))}"


_ALL = (
    Dataset(
        name="covid_ct",
        title="COVID-CT-Dataset (CCD)",
        download="https://github.com/UCSD-AI4H/COVID-CT (git clone, or the zip of the repository)",
        tree="""
covid_ct/
  Images-processed/CT_COVID.zip     or the folder CT_COVID/
  Images-processed/CT_NonCOVID.zip  or the folder CT_NonCOVID/
  Data-split/COVID/*.txt  Data-split/NonCOVID/*.txt
  Meta-info/*.csv                   (patients; optional)
""",
        marks=(
            "Images-processed/CT_COVID|Images-processed/CT_COVID.zip",
            "Images-processed/CT_NonCOVID|Images-processed/CT_NonCOVID.zip",
        ),
        classes=("COVID", "NonCOVID"),
        counts={"COVID": 349, "NonCOVID": 397},
        citation="Zhao, Zhang, He, Xie: COVID-CT-Dataset: a CT scan dataset about COVID-19. arXiv:2003.13865, 2020.",
        extra={"split": "text"},
    ),
)

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}


def dataset(name: str) -> Dataset:
    """The record of that name; an unknown one is an error that lists the known ones."""
    if name not in DATASETS:
        raise DataError(f"no dataset is called '{name}'; there are {', '.join(DATASETS)}")
    return DATASETS[name]


def locate(name: str, data_dir: Path | str) -> Path | None:
    """The folder that holds the dataset's tree: data_dir/<name>, or at most two folders below it."""
    root = Path(data_dir) / name
    if not root.is_dir():
        return None
    marks = dataset(name).marks
    for depth in ("", "*/", "*/*/"):
        for candidate in sorted(root.glob(depth)) if depth else [root]:
            if not candidate.name.startswith((".", "__MACOSX")) and _holds(candidate, marks):
                return candidate
    return None


def _holds(folder: Path, marks: tuple[str, ...]) -> bool:
    return all(any(any(folder.glob(option)) for option in mark.split("|")) for mark in marks)
