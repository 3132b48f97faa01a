"""Where each dataset can be fetched from, which version of it, how large it is, and on which terms.

Sizes and licences are those that the pages stated when this was written; the page is what counts. None of
these servers could be tried then: fetching was tried against a server that interrupts, redirects and lies.
"""

from __future__ import annotations

from dataclasses import dataclass

from data_builders.published import dataset
from shared.base.download import Remote, Wanted


@dataclass(frozen=True)
class Source:
    """How to fetch a dataset: by its handle on Kaggle, or as files."""

    page: str
    version: str
    """The state that is pinned, and by what."""
    licence: str
    size: int
    """Bytes to fetch, about; 0 where nobody knows before the server tells it."""
    kaggle: str = ""
    """The handle of a public set on Kaggle, with its version."""
    files: tuple[Remote, ...] = ()
    """Archives are unpacked, other files are put beside what was in them."""


ROOM = 2.2
"""Bytes that a set needs for each one that is fetched: the archive and what comes out of it."""

_BOX = "https://nihcc.box.com/shared/static"
_NIH_ARCHIVES = (  # name on the server, bytes, MD5 (FAQ_CHESTXRAY.pdf on the page, question 7)
    ("vfk49d74nhbxq3nqjg0900w5nvkorp5c", 2_008_470_987, "fe8ed0a6961412fddcbb3603c11b3698"),
    ("i28rlmbvmfjbl8p2n3ril0pptcmcu9d1", 3_952_623_504, "ab07a2d7cbe6f65ddd97b4ed7bde10bf"),
    ("f1t00wrtdk94satdfb9olcolqx20z2jp", 3_929_234_850, "2301d03bde4c246388bad3876965d574"),
    ("0aowwzs5lhjrceb3qp67ahp0rd1l1etg", 3_838_903_983, "9f1b7f5aae01b13f4bc8e2c44a4b8ef6"),
    ("v5e3goj22zr6h8tzualxfsqlqaygfbsn", 3_935_496_531, "1861f3cd0ef7734df8104f2b0309023b"),
    ("asi7ikud9jwnkrnkj99jnpfkjdes7l6l", 3_986_301_172, "456b53a8b351afd92a35bc41444c58c8"),
    ("jn1b4mw4n6lnh74ovmcjb8y48h8xj07n", 4_016_328_426, "1075121ea20a137b87f290d6a4a5965e"),
    ("tvpxmn7qyrgl0w8wfh9kqfjskv6nmm1j", 4_018_347_353, "b61f34cec3aa69f295fbb593cbd9d443"),
    ("upyy3ml7qdumlgk2rfcvlb9k6gvqq2pj", 4_111_327_929, "442a3caa61ae9b64e61c561294d1e183"),
    ("l6nilvfa9cg3s28tqv1qc1olm3gnz54p", 4_181_556_296, "09ec81c4c31e32858ad8cf965c494b74"),
    ("hhq8fkdgvcari67vfhs7ppg2w6ni4jze", 4_187_084_020, "499aefc67207a5a97692424cf5dbeed5"),
    ("ioqwiy20ihqwyr8pf4c24eazhh281pbu", 2_914_187_733, "dc9fda1757c2de0032b63347a7d2895c"),
)
_NIH = (
    Remote(
        "Data_Entry_2017_v2020.csv",
        "https://nihcc.app.box.com/index.php?rm=box_download_shared_file&vanity_name=ChestXray-NIHCC"
        "&file_id=f_219760887468",
        9_003_499,
        "27d223bb367648f1fd40e28dd42a0af3",
    ),
    *(
        Remote(f"images_{number:03}.tar.gz", f"{_BOX}/{name}.gz", size, md5)
        for number, (name, size, md5) in enumerate(_NIH_ARCHIVES, 1)
    ),
)
_GITHUB = "https://github.com"
_COHEN = "ieee8023/covid-chestxray-dataset"

SOURCES = {
    "sars_cov2_ct": Source(
        page="https://www.kaggle.com/datasets/plameneduardo/sarscov2-ctscan-dataset",
        version="version 2; the pixels of each image are known",
        licence="CC BY-NC-SA 4.0",
        size=250_000_000,
        kaggle="plameneduardo/sarscov2-ctscan-dataset/versions/2",
    ),
    "covid_ct": Source(
        page=f"{_GITHUB}/UCSD-AI4H/COVID-CT",
        version="branch master; the SHA-256 of each image is known",
        licence="none stated: the images are from papers, whose publishers hold the rights",
        size=100_000_000,
        files=(Remote("COVID-CT.zip", f"{_GITHUB}/UCSD-AI4H/COVID-CT/archive/refs/heads/master.zip"),),
    ),
    "covidx_ct": Source(
        page="https://www.kaggle.com/datasets/hgunraj/covidxct",
        version="version 4 (CT-2A)",
        licence="those of its sources, which the page lists (several forbid commercial use)",
        size=30_000_000_000,
        kaggle="hgunraj/covidxct/versions/4",
    ),
    "chest_xray14": Source(
        page="https://nihcc.app.box.com/v/ChestXray-NIHCC",
        version="the twelve archives and the label file of 2020, each with its MD5",
        licence="free to use; NIH asks for the link to its page, an acknowledgement and the citation",
        size=sum(remote.size for remote in _NIH),
        files=_NIH,
    ),
    "covid_chestxray": Source(
        page=f"{_GITHUB}/{_COHEN}",
        version="images of branch master, labels of June 2020 (751 rows, with their MD5)",
        licence="each image has its own, in metadata.csv; several forbid commercial use",
        size=600_000_000,
        files=(
            Remote("covid-chestxray-dataset.zip", f"{_GITHUB}/{_COHEN}/archive/refs/heads/master.zip"),
            Remote(
                "metadata.csv",
                f"https://api.github.com/repos/{_COHEN}/git/blobs/4183c8c8d09cec06fa9b9a75564a28d6b39da300",
                496_254,
                "7afeece5c63573d598d668f71cc93da9",
                accept="application/vnd.github.raw",
            ),
        ),
    ),
    "kermany_pneumonia": Source(
        page="https://www.kaggle.com/datasets/paultimothymooney/chest-xray-pneumonia",
        version="version 2",
        licence="CC BY 4.0",
        size=1_200_000_000,
        kaggle="paultimothymooney/chest-xray-pneumonia/versions/2",
    ),
    "mendeley_covid": Source(
        page="https://data.mendeley.com/datasets/8h65ywd2jr/3",
        version="version 3",
        licence="CC BY 4.0",
        size=0,
        files=(
            Remote(
                "8h65ywd2jr-3.zip",
                "https://prod-dcd-datasets-cache-zipfiles.s3.eu-west-1.amazonaws.com/8h65ywd2jr-3.zip",
            ),
        ),
    ),
}


def source(name: str) -> Source:
    """Of a dataset; an unknown name is an error that lists the known ones."""
    return SOURCES[dataset(name).name]


def wanted(*names: str) -> tuple[Wanted, ...]:
    """Datasets as a need names them, with what they take on the disk."""
    return tuple(
        Wanted(name, sum(dataset(name).counts.values()), int(ROOM * source(name).size), source(name).size)
        for name in names
    )
