"""Every paper runs from its own lists to the same bytes, and from an edited list as it was edited."""

import csv
from dataclasses import replace

import numpy as np
import probe
import pytest
from basu_scene import ROW as BASU
from basu_scene import STAGE_TWO, tiny
from probe_zebin import ROW as ZEBIN
from probe_zebin import without_pictures
from zhao_by_hand import tiny as tiny_bit

from data_builders.split_lists import as_csv
from reproductions.altaf import PAPER as ALTAF
from reproductions.basu import data as basu_data
from reproductions.basu import experiment as basu
from reproductions.basu import model as basu_model
from reproductions.basu import published
from reproductions.elazhari import PAPER as ELAZHARI
from reproductions.elazhari import experiment as elazhari
from reproductions.papers import papers
from reproductions.zhao import PAPER as ZHAO
from reproductions.zhao import bit
from reproductions.zhao import figures as zhao
from shared.base.errors import UserError
from shared.comparison import write_run

SMALL_CT = {"side": 64, "pool": 60, "batch": 16, "max_epochs": 1, "hidden": 4, "weights": "random"}
SMALL_XRAY = {"weights": "random", "epochs": 1}
FROM_SCRATCH = {"epochs": 1, "warmup_epochs": 0}
ROWS = {
    row.id: (name, row)
    for name, row in [
        (
            "altaf",
            replace(ALTAF.row("sc2c-resnet50-transfer"), source_side=32, batch=8, epochs=1, weights="random"),
        ),
        ("elazhari", replace(ELAZHARI.row("ct-vgg16-pretrained"), **SMALL_CT)),
        ("elazhari", replace(ELAZHARI.row("ct-vgg16-pretrained-clean"), **SMALL_CT)),
        ("zebin", replace(ZEBIN["vgg16-v1"], **SMALL_XRAY)),
        ("zebin", replace(ZEBIN["vgg16-v2"], **SMALL_XRAY)),
        ("zebin", replace(ZEBIN["vgg16-v2-clean"], **SMALL_XRAY)),
        (
            "zhao",
            replace(
                ZHAO.row("random"), resize=40, crop=32, schedule=(0, 1, 1, 1, 2), batch=4, curve_share=0.0
            ),
        ),
        ("basu", replace(BASU["vgg16-data-a"], **FROM_SCRATCH)),
        ("basu", replace(BASU["vgg16-detl"], **STAGE_TWO | FROM_SCRATCH | {"tuning_epochs": 1})),
    ]
}
DETL = ROWS["vgg16-detl"][1]
DATASETS = {"covid_chestxray": 20, "kermany_pneumonia": 14, "sars_cov2_ct": 10, "covidx_ct": 8}
DATASETS |= {"chest_xray14": 12}


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with probe.scene(tmp_path_factory.mktemp("probe"), DATASETS) as scene:
        own = basu_model.Network(tiny, "block5", "block5_conv3_relu", ("fc1",))
        scene.patch.setitem(basu_model.NETWORKS, "vgg16", own)
        scene.patch.setattr(bit, "bit_resnet50x1", tiny_bit)
        without_pictures(scene.patch, [], {})
        scene.patch.setattr(basu, "_grad_cam", lambda *arguments: (None, ""))
        scene.patch.setattr(elazhari, "metric_bars", lambda *arguments: (None, ""))
        scene.patch.setattr(zhao, "draw", lambda *arguments: {})
        yield scene


def run(scene, row_id, split_list=None):
    """The predictions of a row's first draw, and its table as it is on disk."""
    name, row = ROWS[row_id]
    run_name = f"{row_id}-{split_list and split_list.stem}"
    folder = scene.root / "tables" / run_name
    found = papers([name])[0].run(row, 0, scene.context(run_name, split_list=split_list))
    facts = {"paper": name, "row": row_id, "draw": 0, "scale": "demo"}
    write_run(folder, replace(found, pictures={}, model={}), facts)
    return found, (folder / "predictions.csv").read_bytes()


def own_list(scene, row_id):
    """The list of a row's first draw, as `splits` writes it."""
    name, row = ROWS[row_id]
    split = next(iter(papers([name])[0].splits([row], scene.data_dir, scene.root / "cache")))
    path = scene.root / f"own-{row_id}.csv"
    path.write_text(as_csv(split))
    return path


@pytest.mark.parametrize("row_id", [row_id for row_id in ROWS if row_id != "vgg16-v1"])  # v2 trains it too
def test_a_row_from_its_own_list_is_the_row_to_the_byte(scene, row_id):
    """Fails when a part is taken for another, its order is lost, or an image gets another key."""
    assert run(scene, row_id)[1] == run(scene, row_id, own_list(scene, row_id))[1]


EDITED = ("sc2c-resnet50-transfer", "ct-vgg16-pretrained", "vgg16-v1", "random", "vgg16-data-a")


def edited(scene, row_id):
    """A list: an image of training is left out, a patient moved to the last part, and that part reversed."""
    path = own_list(scene, row_id)
    with open(path, newline="") as file:
        header, *lines = csv.reader(file)
    column = {name: header.index(name) for name in header}
    last = lines[-1][0]
    patient = lines[1][column["patient"]]
    moved = [
        line for line in lines if line[0] == "training" and patient and line[column["patient"]] == patient
    ]
    for line in moved or lines[1:2]:
        line[0] = last
    kept = [line for line in lines[1:] if line[0] != last]
    kept += [line for line in lines if line[0] == last][::-1]
    path = scene.root / f"edited-{row_id}.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *kept])
    key = column.get("key")
    names = [line[column["name"]] + (f"#{line[key]}" if key and line[key] else "") for line in kept]
    return path, {
        part: [name for name, line in zip(names, kept, strict=True) if line[0] == part]
        for part in dict.fromkeys(line[0] for line in kept)
    }


@pytest.mark.parametrize("row_id", EDITED)
def test_an_edited_list_runs_as_edited_and_shares_no_training(scene, row_id):
    """Fails when the row's own split decides after all, or what was trained on it is found again."""
    path, parts = edited(scene, row_id)
    found, _ = run(scene, row_id, path)
    for part in set(parts) - {"training"}:
        assert found.of(part).sample == parts[part], part
    assert trained_on(found) == len(parts["training"])


def trained_on(found):
    """The number of training images or items, as a run's facts have it."""
    facts = found.facts
    if "counts" in facts:
        return sum(facts["counts"]["images"]["train"].values())
    return facts["image_steps"] / facts["epochs"]


def spoiled(scene, row_id, edit):
    """A row's own list after an edit of its lines, the header being line 1."""
    path = own_list(scene, row_id)
    with open(path, newline="") as file:
        header, *lines = csv.reader(file)
    edit(lines, {name: header.index(name) for name in header})
    path = scene.root / "spoiled.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    return path


def line_of(table, row, part):
    """The line of an image of a table."""
    own = table.dataset, table.name[row], table.classes[table.label[row]], table.patient[row]
    return [part, *map(str, own), str(table.extra["sha256"][row])]


def another_key(lines, column):
    lines[0][column["key"]] = str((int(lines[0][column["key"]]) + 1) % 60)


def no_key(lines, column):
    lines[1][column["key"]] = ""


def moved_alone(lines, column):
    """One image of a patient with others in training goes to the test part."""
    known = [line[column["patient"]] for line in lines if line[0] == "training"]
    several = {patient for patient in known if patient and known.count(patient) > 1}
    next(line for line in lines if line[column["patient"]] in several)[0] = "test"


@pytest.mark.parametrize(
    "row_id, edit, said",
    [
        ("ct-vgg16-pretrained", another_key, "line 2: the pool of 60 has no such item of the image"),
        ("ct-vgg16-pretrained", no_key, "line 3: the pool of 60 has no such item of the image"),
        ("random", moved_alone, ", which this row rules out: move all of its images to one part"),
        ("vgg16-v2-clean", moved_alone, ", which this row rules out: move all of its images to one part"),
    ],
)
def test_a_list_that_breaks_what_a_row_promises_is_refused(scene, row_id, edit, said):
    """Fails when an augmented item is made of another image, or a clean row tests on its own patients."""
    with pytest.raises(UserError) as error:
        run(scene, row_id, spoiled(scene, row_id, edit))
    assert said in str(error.value)


def test_a_list_may_hold_images_that_the_paper_did_not_choose(scene):
    """Fails when they are lost, or get the class or the pixels of others."""
    nih, covid = scene.table("chest_xray14"), scene.table("covid_chestxray")
    own = basu_data.images_b(DETL, nih, covid, 0)
    findings = nih.extra["findings"]
    more = [
        np.flatnonzero((findings == finding) & ~np.isin(nih.name, own.nih.name))[0]
        for finding in ("No Finding", "Mass")
    ]
    path = spoiled(
        scene, DETL.id, lambda lines, _: lines.extend(line_of(nih, row, "test") for row in more[::-1])
    )
    b, _, test = published.listed_b(DETL, nih, covid, 0, path)
    assert b.samples[test[-2:]].tolist() == nih.name[more[::-1]].tolist()
    assert b.labels[test[-2:]].tolist() == [basu_data.OTHER, basu_data.NORMAL]
    assert b.samples[: len(own.nih)].tolist()[:3] == own.samples[:3].tolist()
    assert sorted(b.samples) == sorted([*own.samples, *nih.name[more]])


def test_a_clean_fold_shares_no_patient(scene):
    """Fails when a list that divides a patient runs under the name of a clean row."""
    row, path = replace(BASU["vgg16-random-clean"], **STAGE_TWO), own_list(scene, DETL.id)
    nih, covid = scene.table("chest_xray14"), scene.table("covid_chestxray")
    published.listed_b(DETL, nih, covid, 0, path)
    alike = replace(nih, patient=np.full(len(nih), "7"))
    published.listed_b(DETL, alike, covid, 0, path)
    with pytest.raises(UserError, match="patient nih-7 is in test, and in training too"):
        published.listed_b(row, alike, covid, 0, path)


@pytest.mark.parametrize(
    "finding, said",
    [("Pneumonia", "Data-A leaves images with pneumonia out"), ("No Finding", "its patient is in Data-B")],
)
def test_data_a_takes_no_image_that_it_must_not_have(scene, finding, said):
    """Fails when an image without a class is trained on, or a clean Data-A has a patient of Data-B."""
    row, nih = BASU["vgg16-data-a-clean"], scene.table("chest_xray14")
    b = basu_data.choose_from_nih(row, nih.extra["findings"], 0)
    wanted = next(n for n in b.rows if nih.extra["findings"][n] == finding)
    path = scene.root / "data-a.csv"
    split = next(iter(published.splits([row], scene.data_dir, scene.root / "cache")))
    path.write_text(as_csv(split) + ",".join(line_of(nih, wanted, "training")) + "\n")
    with pytest.raises(UserError, match=said):
        published.listed_a(row, nih, 0, path)


def test_a_clean_stage_one_leaves_out_the_patients_of_a_list(scene):
    """Fails when a list brings a patient into Data-B whom stage 1 was trained on."""
    row, nih = BASU["vgg16-detl-clean"], scene.table("chest_xray14")
    plain = basu_data.split_of_a(row, nih, 0)
    newcomer = nih.patient[next(n for n in plain.train if plain.labels[n] == 1)]
    assert newcomer not in nih.patient[basu_data.split_of_a(row, nih, 0, [newcomer]).train]
    patients_of_b = nih.patient[basu_data.choose_from_nih(row, nih.extra["findings"], 0).rows]
    assert np.array_equal(basu_data.split_of_a(row, nih, 0, patients_of_b).train, plain.train)
