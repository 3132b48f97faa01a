"""Fetches a dataset into the data folder: nothing appears there before all of it has come."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from data_builders import kaggle
from data_builders.catalog import metadata
from data_builders.published import dataset, locate
from data_builders.sources import ROOM, Source, source
from data_builders.unpacking import not_an_archive, unpack
from shared.base.claim import claimed
from shared.base.disk import need_room, size
from shared.base.download import fetch
from shared.base.errors import UserError
from shared.base.files import make_folder

WORK = ".get"
"""The folder beside the datasets where unfinished ones are."""
ARCHIVES = (".zip", ".gz", ".tar", ".tgz")


def terms(name: str) -> str:
    """From where, which state, how large, under which licence."""
    about = source(name)
    much = f"about {size(about.size)}" if about.size else "not known beforehand"
    where = f"{name} ({dataset(name).title})\n  from     {about.page}"
    return f"{where}\n  state    {about.version}\n  size     {much}\n  licence  {about.licence}"


def there(name: str, data_dir: Path) -> bool:
    """Whether images of the dataset are there; labels without any are an error: they would be overwritten."""
    if not locate(name, data_dir):
        return False
    if metadata(name, data_dir).extra["present"].any():
        return True
    raise UserError(f"{data_dir}/{name} holds labels and no image: move it away to fetch all of the dataset")


def get(name: str, data_dir: Path) -> Path:
    """The dataset's folder, fetched unless it is there; a fetch that was interrupted is continued."""
    target = (Path(data_dir) / name).resolve()  # a link leads to the disk on which it is wanted
    work = target.parent / WORK / name
    with claimed(work.with_name(f"{name}.claim")):
        if there(name, data_dir):
            return target
        if target.exists() and any(target.iterdir()):
            raise UserError(f"{target} is there and is not {dataset(name).title}: move it away")
        try:
            tree = _fetched(name, source(name), work)
        except UserError as error:
            page = f"if it goes on, fetch it by hand from {source(name).page} into {target}"
            raise UserError(f"{error}\n{page}; python -m reproductions data shows the tree") from error
        if target.exists():
            target.rmdir()
        os.replace(tree, target)
        shutil.rmtree(work)
    return target


def _fetched(name: str, about: Source, work: Path) -> Path:
    """The whole tree, in the work folder."""
    tree, fetched = work / "tree" / name, work / "fetched"
    make_folder(tree.parent)
    if not tree.exists():
        already = sum(path.stat().st_size for path in fetched.rglob("*") if path.is_file())
        need_room(work, int(ROOM * about.size) - already, f"the archives and images of {name}")
    if about.kaggle and not tree.exists():
        os.replace(kaggle.fetch(about.kaggle, fetched), tree)
    archives = [remote for remote in about.files if remote.name.endswith(ARCHIVES)]
    for remote in archives:
        folder = tree if len(archives) == 1 else tree / remote.name.partition(".")[0]
        if not folder.exists():
            unpack(fetch(remote, fetched, not_an_archive), folder)
    for remote in about.files:
        if remote not in archives:
            os.replace(fetch(remote, fetched), (locate(name, tree.parent) or tree) / remote.name)
    if not locate(name, tree.parent):
        raise UserError(f"{about.page} gave another tree than {dataset(name).title} had; it is in {tree}")
    return tree
