"""The base of the seven TFDS builders: each file is read once, checked, hashed, and written in file order."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import itertools
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from data_builders import decoding, manifest
from data_builders.decoding import Picture
from data_builders.image_files import Problem, Refused
from data_builders.published import dataset, locate
from data_builders.scanning import Image, Scan, absent
from shared.base import screen
from shared.base.errors import UserError

SPLIT = "images"  # the whole collection in file order; official lists are a column
LEFT_OUT = "left out: not asked for"
_CHUNK = 64  # images held in memory at a time


@dataclasses.dataclass(eq=False)
class Part(tfds.core.BuilderConfig):
    """Some images of a dataset, by name; stops when one of them is absent or refused."""

    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str]) -> Part:
        """The part with these images; its name on disk is a hash of theirs."""
        chosen = frozenset(names)
        text = "\n".join(sorted(chosen)).encode()
        return cls(name=f"part-{hashlib.sha256(text).hexdigest()[:12]}", names=chosen)


class _Info(tfds.core.DatasetInfo):
    def initialize_from_bucket(self) -> None:
        """Nothing: no server knows these datasets, and each look for one leaves a folder in /tmp behind."""


class Builder(tfds.core.GeneratorBasedBuilder, skip_registration=True):  # type: ignore[call-arg]  # of its base
    """A dataset in TFDS's sense; a subclass says what its folder holds (`scan`)."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [  # noqa: RUF012 - TFDS's own convention
        tfds.core.BuilderConfig(name="complete", description="stops when anything is absent or refused"),
        tfds.core.BuilderConfig(
            name="partial", description="takes the files that are there and lists the others"
        ),
    ]

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        # What TFDS 4.9.10 does itself needs importlib_resources, which it does not ask for.
        cls.code_path = Path(inspect.getfile(cls))

    @staticmethod
    def scan(root: Path) -> Scan:
        """The contents of the dataset's folder, in natural file-name order within each class."""
        raise NotImplementedError

    def _info(self) -> tfds.core.DatasetInfo:
        about = dataset(self.name)
        features = {
            "image": tfds.features.Image(shape=(None, None, None), doc="as stored; 8 bits, grey or RGB"),
            "label": tfds.features.ClassLabel(names=about.classes),
            "patient": tfds.features.Text(doc="empty where unknown"),
            "name": tfds.features.Text(),
        }
        return _Info(
            builder=self,
            description=f"{about.title}.\n\n{about.instructions}",
            features=tfds.features.FeaturesDict(features | {k: _FEATURES[v] for k, v in about.extra.items()}),
            supervised_keys=("image", "label"),
            citation=about.citation,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        root = locate(self.name, dl_manager.manual_dir)
        if root is None:
            raise UserError(
                f"{self.name} is not in {dl_manager.manual_dir}.\n{dataset(self.name).instructions}"
            )
        scan = self.scan(root)
        if isinstance(self.builder_config, Part):
            scan = scan.only(self.builder_config.names)
        if self.builder_config.name != "partial":
            self._stop_at(scan.all_problems())
        return {SPLIT: self._generate_examples(root, scan)}

    def _generate_examples(self, root: Path, scan: Scan):
        problems = scan.all_problems()
        lines = manifest.Writer(Path(self.data_dir) / manifest.FILE, dataset(self.name), root)
        for index, (image, found) in enumerate(_loaded(scan.images, self.name)):
            if isinstance(found, Problem):
                problems += [found] if image.file else []
                reason = f"{found.kind}: {found.reason}" if scan.asks_for(image) else LEFT_OUT
                lines.add(image, None, reason)
            else:
                lines.add(image, found)
                yield index, self._example(image, found)
        lines.close()
        if self.builder_config.name != "partial":
            self._stop_at(problems)
        manifest.write_problems(Path(self.data_dir) / manifest.PROBLEMS, problems)
        self._stopped_list().unlink(missing_ok=True)

    def _example(self, image: Image, picture: Picture) -> dict:
        kinds = dataset(self.name).extra
        extra = {key: value(kinds[key], text) for key, text in zip(kinds, image.extra, strict=True)}
        return {
            "image": picture.encoded,
            "label": image.label,
            "patient": image.patient,
            "name": image.name,
        } | extra

    def _stopped_list(self) -> Path:
        """Where a build that stopped leaves the list of what was wrong; TFDS removes its own folder then."""
        return Path(self.data_dir_root) / f"{self.name}-problems.csv"

    def _stop_at(self, problems: list[Problem]) -> None:
        stopping = [problem for problem in problems if problem.kind != "ignored"]
        if not stopping:
            return
        path = self._stopped_list()
        manifest.write_problems(path, problems)
        first = stopping[0]
        more = f" (and {len(stopping) - 1:,} more)" if len(stopping) > 1 else ""
        raise UserError(
            f"{self.name}: {first.file}: {first.reason}{more}; all are listed in {path}: "
            "repair or remove these files, or download them again"
        )


_FEATURES = {
    "text": tfds.features.Text(),
    "number": tfds.features.Scalar(np.float64),
    "box": tfds.features.Tensor(shape=(4,), dtype=np.int32),
}


def value(kind: str, text: str) -> str | float | list[int]:
    """The value that a column's text represents."""
    if kind == "number":
        return float(text or "nan")
    return [int(corner) for corner in text.split()] if kind == "box" else text


def _loaded(images: list[Image], title: str) -> Iterator[tuple[Image, Picture | Problem]]:
    """Each image, in order, with its picture or the reason why there is none; a chunk in memory at a time."""
    source = iter(images)
    with ThreadPoolExecutor() as pool, screen.working(title, len(images)) as progress:
        while chunk := list(itertools.islice(source, _CHUNK)):
            for image, found in zip(chunk, pool.map(_load, chunk), strict=True):
                progress.tick()
                yield image, found


def _load(image: Image) -> Picture | Problem:
    if image.file is None:
        return absent(image)
    try:
        return decoding.load(image.file)
    except Refused as refused:
        return Problem(str(image.file), "refused", str(refused))
