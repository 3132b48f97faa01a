"""The seven datasets as published: where each is, the tree to make of it, how many images it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from shared.base.errors import UserError


@dataclass(frozen=True)
class Dataset:
    """The facts known about a dataset before anything is read."""

    name: str
    title: str
    download: str
    tree: str
    """The folder layout that it must have."""
    marks: tuple[str, ...]
    """Each of these must be there for the dataset to count as found ('a|b': either of the two)."""
    classes: tuple[str, ...]
    counts: dict[str, int]
    """Published number of images per class."""
    citation: str
    side: int | None = None
    """The longer side of every published image; None where they differ."""
    reaches: int = 0
    """A longer side that some published images have; a copy in which none is as large was reduced."""
    extra: dict[str, str] = field(default_factory=dict)
    """Columns of its own: 'text', 'number' (not a number where unknown) or 'box' (four integers)."""

    @property
    def instructions(self) -> str:
        """The download address and the folder layout, as text."""
        return f"Download: {self.download}\nTree:\n{self.tree.strip(chr(10))}"


FINDINGS = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Effusion",
    "Emphysema",
    "Fibrosis",
    "Hernia",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pleural_Thickening",
    "Pneumonia",
    "Pneumothorax",
)
"""The fourteen findings of ChestX-ray14."""

_ALL = (
    Dataset(
        name="sars_cov2_ct",
        title="SARS-CoV-2-CT-Scan",
        download="https://www.kaggle.com/datasets/plameneduardo/sarscov2-ctscan-dataset",
        tree="""
sars_cov2_ct/
  COVID/Covid (1).png ...
  non-COVID/Non-Covid (1).png ...
""",
        marks=("COVID", "non-COVID"),
        classes=("COVID", "non-COVID"),
        counts={"COVID": 1252, "non-COVID": 1230},
        citation="Soares, Angelov, Biaso, et al.: SARS-CoV-2 CT-scan dataset. medRxiv 2020.04.24.20078584.",
    ),
    Dataset(
        name="covid_ct",
        title="COVID-CT-Dataset (CCD)",
        download="https://github.com/UCSD-AI4H/COVID-CT (git clone, or the zip of the repository)",
        tree="""
covid_ct/
  Images-processed/CT_COVID.zip     or the folder CT_COVID/
  Images-processed/CT_NonCOVID.zip  or the folder CT_NonCOVID/
  Data-split/COVID/*.txt  Data-split/NonCOVID/*.txt   (the official split; optional)
  Meta-info/*.csv                                     (patients; optional)
""",
        marks=(
            "Images-processed/CT_COVID|Images-processed/CT_COVID.zip",
            "Images-processed/CT_NonCOVID|Images-processed/CT_NonCOVID.zip",
        ),
        classes=("COVID", "NonCOVID"),
        counts={"COVID": 349, "NonCOVID": 397},
        citation="Zhao, Zhang, He, Xie: COVID-CT-Dataset. arXiv:2003.13865, 2020.",
        extra={"split": "text"},
    ),
    Dataset(
        name="covidx_ct",
        side=512,
        title="COVIDx CT-2A",
        download="https://www.kaggle.com/datasets/hgunraj/covidxct (version 4), split files also at "
        "https://github.com/haydengunraj/COVIDNet-CT",
        tree="""
covidx_ct/
  train_COVIDx_CT-2A.txt  val_COVIDx_CT-2A.txt  test_COVIDx_CT-2A.txt
  2A_images/*.png   (in any number of sub-folders)
""",
        marks=("*_COVIDx_CT-2A.txt",),
        classes=("Normal", "Pneumonia", "COVID-19"),
        counts={"Normal": 60_083, "Pneumonia": 40_291, "COVID-19": 94_548},
        citation="Gunraj, Sabri, Koff, Wong: COVID-Net CT-2. Frontiers in Medicine 8, 2021.",
        extra={"split": "text", "source": "text", "box": "box"},
    ),
    Dataset(
        name="chest_xray14",
        side=1024,
        title="NIH ChestX-ray14",
        download="https://nihcc.app.box.com/v/ChestXray-NIHCC (the image archives and Data_Entry_2017*.csv)",
        tree="""
chest_xray14/
  Data_Entry_2017_v2020.csv   (or Data_Entry_2017.csv)
  images/*.png                (in any number of sub-folders, such as images_001/images/)
""",
        marks=("Data_Entry_2017*.csv",),
        classes=("No Finding", *FINDINGS, "Several findings"),
        counts={
            "No Finding": 60_361,
            "Atelectasis": 4215,
            "Cardiomegaly": 1093,
            "Consolidation": 1310,
            "Edema": 628,
            "Effusion": 3955,
            "Emphysema": 892,
            "Fibrosis": 727,
            "Hernia": 110,
            "Infiltration": 9547,
            "Mass": 2139,
            "Nodule": 2705,
            "Pleural_Thickening": 1126,
            "Pneumonia": 322,
            "Pneumothorax": 2194,
            "Several findings": 20_796,
        },
        citation="Wang, Peng, Lu, Lu, Bagheri, Summers: ChestX-ray8. CVPR 2017.",
        extra={"findings": "text", "view": "text", "age": "number", "sex": "text", "followup": "number"},
    ),
    Dataset(
        name="covid_chestxray",
        reaches=2000,
        title="covid-chestxray-dataset (Cohen), state of June 2020",
        download="https://github.com/ieee8023/covid-chestxray-dataset (git clone)",
        tree="""
covid_chestxray/
  metadata.csv
  images/*.jpg, *.jpeg, *.png
""",
        marks=("metadata.csv",),
        classes=("COVID-19", "Other finding", "No Finding", "Not labelled"),
        counts={"COVID-19": 458, "Other finding": 107, "No Finding": 19, "Not labelled": 78},
        citation="Cohen, Morrison, Dao: COVID-19 image data collection. arXiv:2003.11597, 2020.",
        extra={
            "finding": "text",
            "view": "text",
            "day": "number",
            "date": "text",
            "age": "number",
            "sex": "text",
            "line": "number",
        },
    ),
    Dataset(
        name="kermany_pneumonia",
        reaches=2000,
        title="Kermany chest X-ray pneumonia",
        download="https://www.kaggle.com/datasets/paultimothymooney/chest-xray-pneumonia or "
        "https://data.mendeley.com/datasets/rscbjbr9sj",
        tree="""
kermany_pneumonia/
  chest_xray/train/NORMAL/*.jpeg  chest_xray/train/PNEUMONIA/*.jpeg
  chest_xray/val/...  chest_xray/test/...   (the same; each optional)
""",
        marks=("train/NORMAL", "train/PNEUMONIA"),
        classes=("NORMAL", "PNEUMONIA"),
        counts={"NORMAL": 1583, "PNEUMONIA": 4273},
        citation="Kermany, Goldbaum, Cai, et al. Cell 172:1122-1131, 2018.",
        extra={"split": "text"},
    ),
    Dataset(
        name="mendeley_covid",
        title="Extensive COVID-19 X-ray and CT chest images (Mendeley 8h65ywd2jr)",
        download="https://data.mendeley.com/datasets/8h65ywd2jr (version 2 or 3)",
        tree="""
mendeley_covid/COVID-19 Dataset/
  X-ray/COVID/  X-ray/Non-COVID/
  CT/COVID/     CT/Non-COVID/     (one of the two modalities is enough)
""",
        marks=("X-ray/COVID|CT/COVID",),
        classes=("COVID", "Non-COVID"),
        counts={"COVID": 4044 + 5427, "Non-COVID": 5500 + 2628},
        citation="El-Shafai, Abd El-Samie. Mendeley Data, 8h65ywd2jr, version 3, 2020.",
        extra={"modality": "text"},
    ),
)

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}


def dataset(name: str) -> Dataset:
    """The record of that name; an unknown one is an error that lists the known ones."""
    if name not in DATASETS:
        raise UserError(f"no dataset is called '{name}'; there are {', '.join(DATASETS)}")
    return DATASETS[name]


def locate(name: str, data_dir: Path | str) -> Path | None:
    """The folder that holds the dataset's tree: data_dir/<name>, or at most two folders below it."""
    root = Path(data_dir) / name
    for depth in ("", "*/", "*/*/"):
        for candidate in sorted(root.glob(depth)) if depth else [root]:
            hidden = candidate.name.startswith((".", "__MACOSX"))
            if not hidden and all(_holds(candidate, mark) for mark in dataset(name).marks):
                return candidate
    return None


def _holds(folder: Path, mark: str) -> bool:
    return any(any(folder.glob(option)) for option in mark.split("|"))
