"""Small synthetic look-alikes of the datasets, each in its dataset's own on-disk layout.

They stand in where the real files are absent; `painter` says what their pictures show.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from data_builders.painter import Painter
from data_builders.published import DATASETS, dataset
from shared.base.errors import UserError


@dataclass(frozen=True)
class Size:
    """How much of a look-alike to write."""

    per_class: int
    side: int
    patients: int
    """Per class; each has per_class / patients images."""

    def patient(self, image: int) -> int:
        """Whose the class's image of that number is."""
        return image * self.patients // self.per_class


def write(
    name: str,
    data_dir: Path | str,
    *,
    per_class: int = 24,
    side: int = 64,
    seed: int = 0,
    patients: int | None = None,
    shuffled: bool = False,
) -> Path:
    """Write the look-alike of a dataset to data_dir/<name> and return that folder; it must not exist yet."""
    about = dataset(name)
    folder = Path(data_dir) / name
    if folder.exists():
        raise UserError(f"{folder} is there already: a look-alike is written only where nothing is")
    size = Size(per_class, side, min(patients or max(1, per_class // 2), per_class))
    number = list(DATASETS).index(name)  # else a picture of one dataset is in another, under another class
    _WRITERS[name](folder, Painter(about.classes, side, (seed, number), shuffled), size)
    return folder


def _png(path: Path, pixels: np.ndarray) -> None:
    _save(path, pixels, format="PNG", compress_level=1)


def _jpeg(path: Path, pixels: np.ndarray) -> None:
    _save(path, pixels, format="JPEG", quality=92)


def _save(path: Path, pixels: np.ndarray, **how) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, **how)
    path.write_bytes(encoded.getvalue())


def _lines(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _each(paint: Painter, size: Size, label: int):
    """(number from 0, patient from 0, pixels) of each image of a class."""
    for image in range(size.per_class):
        yield image, size.patient(image), paint.grey(label, size.patient(image), image)


def _in_three(names: list[str]) -> dict[str, list[str]]:
    """An official split as the datasets have it: 60, 15 and 25 percent."""
    cuts = [0, round(0.6 * len(names)), round(0.75 * len(names)), len(names)]
    return {split: names[cuts[i] : cuts[i + 1]] for i, split in enumerate(("train", "val", "test"))}


def _sars_cov2_ct(root: Path, paint: Painter, size: Size) -> None:
    """COVID files are RGBA or RGB, all others RGBA: as upstream, the channels give the class away."""
    for label, (folder, stem) in enumerate((("COVID", "Covid"), ("non-COVID", "Non-Covid"))):
        for image, _, grey in _each(paint, size, label):
            rgb = np.repeat(grey[..., None], 3, axis=-1)
            opaque = np.full_like(grey[..., None], 255)
            plain = folder == "COVID" and image % 2
            pixels = rgb if plain else np.concatenate([rgb, opaque], axis=-1)
            _png(root / folder / f"{stem} ({image + 1}).png", pixels)


def _covid_ct(root: Path, paint: Painter, size: Size) -> None:
    for label, kind in enumerate(("COVID", "NonCOVID")):
        owners = {}
        for image, patient, grey in _each(paint, size, label):
            name = f"2020.03.01.2000{patient:04d}-p{image}.png" if kind == "COVID" else f"{image}.png"
            _png(root / "Images-processed" / f"CT_{kind}" / name, grey)
            owners[name] = f"{kind} patient {patient}"
        for split, names in _in_three(list(owners)).items():
            _lines(root / "Data-split" / kind / f"{split}CT_{kind}.txt", names)
        _covid_ct_patients(root / "Meta-info", kind, owners)


def _covid_ct_patients(folder: Path, kind: str, owners: dict[str, str]) -> None:
    if kind == "COVID":
        lines = ["File name,Patient ID,Age", *(f"{name},{owner},41" for name, owner in owners.items())]
        _lines(folder / "COVID-CT-MetaInfo.csv", lines)
    else:
        lines = [",image name,patient id", *(f"{i},{n},{o}" for i, (n, o) in enumerate(owners.items()))]
        _lines(folder / "NonCOVID-CT-MetaInfo.csv", lines)


def _covidx_ct(root: Path, paint: Painter, size: Size) -> None:
    """The body fills a box of the black slice; patients, not slices, are dealt to the three lists."""
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    names = (
        ("Normal_{p}_1_{i:04d}.png", "normal1_patient{p}_SR_2_IM{i:05d}.png"),
        ("CP_{p}_1_{i:04d}.png", "CP_{p}_2_{i:04d}.png"),
        ("NCP_{p}_1_{i:04d}.png", "volume-covid19-A-{p:04d}_ct-{i:04d}.png"),
    )
    for label, schemes in enumerate(names):
        for image, patient, grey in _each(paint, size, label):
            name = schemes[patient % 2].format(p=patient, i=image)
            top, bottom = paint.side // 8, paint.side - paint.side // (9 + patient % 4)
            slice_ = np.zeros_like(grey)
            slice_[top:bottom] = grey[top:bottom]
            _png(root / "2A_images" / name, slice_)
            split = ("train", "val", "test", "train", "train")[patient % 5]
            lists[split].append(f"{name} {label} 0 {top} {paint.side} {bottom}")
    for split, lines in lists.items():
        _lines(root / f"{split}_COVIDx_CT-2A.txt", lines)


def _chest_xray14(root: Path, paint: Painter, size: Size) -> None:
    """Images in two folders; those with several findings are later X-rays of the patients with pneumonia."""
    classes = dataset("chest_xray14").classes
    several, pneumonia = classes.index("Several findings"), classes.index("Pneumonia")
    lines = []
    for label, finding in enumerate(classes):
        for image, patient, grey in _each(paint, size, label):
            later = label == several
            number = 1 + patient + size.patients * (pneumonia if later else label)
            name = f"{number:08d}_{image + 500 * later:03d}.png"
            _png(root / f"images_{1 + label % 2:03d}" / "images" / name, grey)
            view, findings = ("PA", "AP")[image % 2], "Infiltration|Pneumonia" if later else finding
            followup, age, sex = image + 500 * later, 20 + number % 60, "MF"[number % 2]
            lines.append(f"{name},{findings},{followup},{number},{age},{sex},{view},2048,2500,0.14,0.14")
    header = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    sizes = "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
    _lines(root / "Data_Entry_2017_v2020.csv", [header + sizes, *sorted(lines)])


def _covid_chestxray(root: Path, paint: Painter, size: Size) -> None:
    """All views; patient 173 is followed over days 3, 7 and 9; one slice is computed tomography."""
    lines = []

    def add(name: str, grey: np.ndarray, *columns: object) -> None:
        _jpeg(root / "images" / name, grey)
        lines.append(",".join(map(str, (*columns, name))))

    for label, finding in enumerate(("COVID-19", "Streptococcus", "No Finding", "todo")):
        for image, patient, grey in _each(paint, size, label):
            view = ("PA", "PA", "AP", "PA", "AP Supine", "L")[image % 6]
            who, age, sex = 1000 * label + patient, 30 + patient % 50, "MF"[patient % 2]
            add(f"case-{label}-{image}.jpg", grey, who, image % 4, sex, age, finding, view, "X-ray", 2020)
    for day in (3, 7, 9):
        grey = paint.grey(0, 173, day)
        add(f"pneumonia-58-day-{day}.jpg", grey, 173, day, "M", 70, "COVID-19", "PA", "X-ray", 2020)
    add("slice-1.jpg", paint.grey(0, 174, 0), 174, 0, "F", 50, "COVID-19", "Axial", "CT", 2020)
    header = "patientid,offset,sex,age,finding,view,modality,date,filename"
    _lines(root / "metadata.csv", [header, *lines])


def _kermany_pneumonia(root: Path, paint: Painter, size: Size) -> None:
    for label, kind in enumerate(("NORMAL", "PNEUMONIA")):
        for image, patient, grey in _each(paint, size, label):
            germ = ("bacteria", "virus")[patient % 2]
            name = f"IM-{patient:04d}-{image:04d}" if kind == "NORMAL" else f"person{patient}_{germ}_{image}"
            split = ("train", "test", "val", "train", "train")[patient % 5]
            _jpeg(root / "chest_xray" / split / kind / f"{name}.jpeg", grey)


def _mendeley_covid(root: Path, paint: Painter, size: Size) -> None:
    """Both modalities; every second image is the mirrored one before it: upstream is augmented already."""
    for number, modality in enumerate(("X-ray", "CT")):
        for label, kind in enumerate(("COVID", "Non-COVID")):
            folder = root / "COVID-19 Dataset" / modality / kind
            for image in range(size.per_class):
                grey = paint.grey(label, 2 * (image // 2) + number, image // 2)
                _png(folder / f"{kind} ({image + 1}).png", grey[:, ::-1] if image % 2 else grey)


_WRITERS: dict[str, Callable[[Path, Painter, Size], None]] = {
    "sars_cov2_ct": _sars_cov2_ct,
    "covid_ct": _covid_ct,
    "covidx_ct": _covidx_ct,
    "chest_xray14": _chest_xray14,
    "covid_chestxray": _covid_chestxray,
    "kermany_pneumonia": _kermany_pneumonia,
    "mendeley_covid": _mendeley_covid,
}
