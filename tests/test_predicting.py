"""A run's model, found again by `predict`, gives the run's own numbers on the run's own images."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from runtimes import ON_CPU

from data_builders import blinding, catalog, pixels
from reproductions.__main__ import main
from reproductions.papers import papers
from shared.comparison import read_run, write_run
from shared.paper import Context
from shared.report import results
from shared.training.stages import Stages

SMALL = {
    "elazhari": ("ct-cnn-clean", {"pool": 40, "max_epochs": 1, "hidden": 8, "batch": 8}),
    "altaf": ("sc2c-resnet50-combined", {"epochs": 1}),
    "zebin": ("resnet50-v1", {"epochs": 2}),
    "zhao": ("bit-m", {"schedule": (1, 2, 3, 4, 5)}),
    "basu": ("alexnet-detl", {"epochs": 2, "tuning_epochs": 2}),
}
FROZEN = "ct-vgg16-pretrained-clean"
"""A row whose base only gives features."""


def a_run(name: str, root, row_id: str = "", **more):
    """The folder of a run of one epoch or so."""
    paper = papers([name])[0]
    first, fields = SMALL[name]
    row = replace(paper.demo(paper.row(row_id or first)), **fields, **more)
    data, cache = root / "data", root / "cache"
    if not data.exists():
        paper.write_phantoms(data, False)
    work = root / "work" / f"{row.id}{row.blind}"
    context = Context(data, data, cache, work, ON_CPU, Stages(cache / "stages"), 0, True)
    found = paper.run(row, 0, context)
    folder = root / name / f"{row.id}{row.blind}" / "draw-0"
    facts = {"paper": name, "row": row.id, "draw": 0, "scale": "demo", "config": results.config_of(row)}
    write_run(folder, found, facts | {"precision": "float32", "code_version": paper.code_version(row)})
    return folder


def own_images(root, run):
    """(file, class, box) of each image that a run judged, its bytes written to files."""
    files = {}
    for name in sorted(path.name for path in (root / "data").iterdir() if path.name in catalog.DATASETS):
        table = catalog.build(name, root / "data", root / "cache", partial=True)
        boxes = table.extra.get("box")
        for row, encoded in catalog.image_bytes(table):
            path = root / "images" / name / f"{row}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded)
            files[str(table.name[row])] = path, () if boxes is None else tuple(boxes[row])
    classes = run.predictions.classes
    true = run.predictions.true
    return [(*files[sample], classes[true[i]]) for i, sample in enumerate(run.predictions.sample)]


def labels_file(root, images):
    path = root / "labels.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "label", "left", "top", "right", "bottom"])
        writer.writerows([image, label, *(box or [""] * 4)] for image, box, label in images)
    return path


def predicted(folder):
    with open(folder / "predicted.csv", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def judged_again(root, folder, capsys, *options):
    """The run, the lines of `predict` on its own images, and its output."""
    run = read_run(folder)
    images = own_images(root, run)
    paths = [str(path) for path, _, _ in images]
    words = ["--labels", str(labels_file(root, images)), "--to", str(root / "to"), *options]
    capsys.readouterr()
    assert main(["predict", str(folder), *paths, *words]) == 0
    return run, predicted(root / "to"), capsys.readouterr().out


def same(run, lines):
    """Fails when the model found again is another, sees other pixels, or another thing decides."""
    p = run.predictions
    columns = [(f"probability_{name}", p.probabilities[:, i]) for i, name in enumerate(p.classes)]
    if p.scores is not None:
        columns += [(f"score_{name}", p.scores[:, i]) for i, name in enumerate(p.classes)]
    for column, expected in columns:
        found = np.array([float(line[column]) for line in lines])
        slack = 2e-6 * max(1, np.abs(expected).max())  # six digits are printed; a score sums large terms
        assert np.abs(found - expected).max() < slack, column
    assert [line["decided"] for line in lines] == [p.classes[i] for i in p.decided]
    assert [line["true"] for line in lines] == [p.classes[i] for i in p.true]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("predict")


@pytest.fixture(scope="module")
def folder(root):
    return a_run("elazhari", root)


def test_the_images_of_a_run_give_its_predictions(root, folder, capsys):
    run, lines, said = judged_again(root, folder, capsys)
    same(run, lines)
    assert "NOT FOR DIAGNOSIS" in said and "DEMO" in said
    accuracy = (run.predictions.decided == run.predictions.true).mean()
    assert f"{accuracy:.4f}" in next(line for line in said.splitlines() if line.startswith("accuracy"))


def test_two_images_of_one_name_are_refused_before_the_first_is_judged(root, folder, tmp_path, capsys):
    """Fails when a bare file name labels both."""
    from PIL import Image

    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        Image.new("L", (96, 96)).save(tmp_path / place / "scan.png")
    (tmp_path / "labels.csv").write_text("image,label\nscan.png,COVID\n")
    words = [str(tmp_path), "--labels", str(tmp_path / "labels.csv"), "--to", str(tmp_path / "to")]
    assert main(["predict", str(folder), *words]) == 2
    assert "'scan.png' may mean" in capsys.readouterr().err and not (tmp_path / "to").exists()


def test_a_frozen_base_is_part_of_the_model(root, capsys):
    """Fails when only the head is kept, or the base is another one."""
    same(*judged_again(root, a_run("elazhari", root, FROZEN), capsys)[:2])


def test_noise_is_strange_and_held_out_images_are_not(root, folder, tmp_path, capsys):
    """Fails when the features are those of other images, or near and far are exchanged; each has its map."""
    from PIL import Image

    run = read_run(folder)
    images = [path for path, _, _ in own_images(root, run)][:20]
    for number in range(5):
        noise = np.random.default_rng(number).integers(0, 2, (96, 96), dtype="uint8") * 255
        Image.fromarray(noise).save(tmp_path / f"noise-{number}.png")
    words = [str(path) for path in (*images, tmp_path)]
    assert main(["predict", str(folder), *words, "--to", str(tmp_path / "to"), "--grad-cam"]) == 0
    assert len(list((tmp_path / "to" / "grad-cam").glob("*.png"))) == 25
    strange = np.array([float(line["strangeness"]) for line in predicted(tmp_path / "to")])
    assert strange[20:].min() > 0.99 and np.median(strange[:20]) < 0.7


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda folder: (folder / "model.weights.h5").unlink(), "is missing"),
        (lambda folder: (folder / "model.weights.h5").write_bytes(b"x"), "was changed after the run"),
        (lambda folder: (folder / "facts.json").unlink(), "is no finished run"),
    ],
)
def test_a_model_that_is_not_the_runs_own_is_refused(folder, tmp_path, capsys, spoil, said):
    import shutil

    copy = tmp_path / "draw-0"
    shutil.copytree(folder, copy)
    spoil(copy)
    assert main(["predict", str(copy), str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_the_model_is_no_part_of_the_seal_and_can_be_deleted(folder, tmp_path):
    """Fails when every report reads gigabytes, or a deleted model takes the numbers with it."""
    import shutil

    copy = tmp_path / "draw-0"
    shutil.copytree(folder, copy)
    run = read_run(copy)
    assert set(run.facts["model"]) == {"model.weights.h5", "held-out.npy"}
    assert not set(run.facts["model"]) & set(run.facts["sha256"])
    (copy / "model.weights.h5").unlink()
    assert read_run(copy).predictions.sample == run.predictions.sample


def test_a_model_of_blinded_images_sees_them_so_again(root, capsys, monkeypatch):
    """Fails when a row that was trained without the lungs is given them back, or never lost them."""
    seen = blind_calls(monkeypatch)
    folder = a_run("elazhari", root, blind="border")
    assert set(seen) == {"border"}
    same(*judged_again(root, folder, capsys)[:2])


def blind_calls(monkeypatch):
    """The ways in which images are blinded from now on."""
    seen = []

    def watched(image, way):
        seen.append(way)
        return blinding.blinded(image, way)

    monkeypatch.setattr(pixels, "blinded", watched)
    return seen


OTHERS = [(name, way) for name in SMALL if name != "elazhari" for way in ("", "border")]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "way"), OTHERS, ids=["-".join(filter(None, each)) for each in OTHERS])
def test_every_papers_models_are_found_again(name, way, tmp_path, capsys, monkeypatch):
    seen = blind_calls(monkeypatch)
    run, lines, _ = judged_again(tmp_path, a_run(name, tmp_path, blind=way), capsys)
    same(run, lines)
    assert set(seen) == ({way} if way else set())
