"""The needs and cost of a row, before anything starts."""

from __future__ import annotations

import functools
from dataclasses import asdict

from data_builders import catalog, provenance
from data_builders.sources import wanted
from reproductions.basu import data, recipe, sources
from reproductions.basu.config import DataA, DataB, Row, TableOne
from reproductions.basu.stage_one import FIELDS
from shared.paper import Need, Work, imagenet_weights


def needs(row: Row) -> tuple[Need, ...]:
    """All of ChestX-ray14, enough X-rays of COVID-19, and for one control ImageNet's weights."""
    if isinstance(row, TableOne):
        return tuple(map(_labels, ("chest_xray14", "covid_chestxray")))
    nih, covid = "chest_xray14", "covid_chestxray"
    found = [Need(nih, lambda data_dir, _: sources.nih_missing(data_dir), sources.nih_facts, wanted(nih))]
    if not isinstance(row, DataA):
        facts = functools.partial(sources.covid_facts, row)
        covid_missing = functools.partial(sources.covid_missing, row)
        found.append(Need(covid, lambda data_dir, _: covid_missing(data_dir), facts, wanted(covid)))
    if row.weights == "imagenet":
        found.append(imagenet_weights(row.network))
    return tuple(found)


def _labels(name: str) -> Need:
    """The label file of a dataset, with or without its images."""
    return Need(
        f"{name}, label file",
        lambda data_dir, _: catalog.missing(name, data_dir),
        lambda at: {"data": {name: provenance.label_facts(name, at.data)}},
        wanted(name),
    )


def work(row: Row) -> tuple[Work, ...]:
    """Stage 1 where the row rests on it, and the folds."""
    if isinstance(row, TableOne):
        return ()
    if isinstance(row, DataA):
        return (_stage_one(row),)
    assert isinstance(row, DataB)
    return (_stage_one(row), _folds(row)) if row.start == "data-a" else (_folds(row),)


def _stage_one(row: Row) -> Work:
    how = recipe.from_scratch(row, row.normal_a + row.diseased_a)
    return Work(
        "stage 1 on Data-A",
        {name: getattr(row, name) for name in FIELDS},
        (row.normal_a + row.diseased_a) * row.epochs,
        functools.partial(recipe.compiled, row, len(data.CLASSES_A), how),
        row.batch,
        stage="data-a",
        speed=f"{row.network} {row.kernels} {row.side} from scratch",
        epoch=row.normal_a + row.diseased_a,
    )


def _folds(row: DataB) -> Work:
    pneumonia = catalog.DATASETS["chest_xray14"].counts["Pneumonia"]
    images = row.normal_b + pneumonia + row.per_finding * len(data.OTHER_FINDINGS) + row.covid
    trained = images * (row.folds - 1) // row.folds
    scratch = row.start == "random"
    how = recipe.from_scratch(row, trained) if scratch else recipe.tuning(row)
    return Work(
        "folds of Data-B",
        {name: value for name, value in asdict(row).items() if name != "id"},
        trained * row.draws * (row.epochs if scratch else row.tuning_epochs),
        functools.partial(recipe.compiled, row, len(data.CLASSES_B), how),
        row.batch,
        speed=f"{row.network} {row.kernels} {row.side} {'from scratch' if scratch else row.start}",
        epoch=trained,
    )
