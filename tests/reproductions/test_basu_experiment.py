"""Rows of Basu et al. run on small look-alikes: folds, the shared stage, frozen weights, controls."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from runtimes import ON_CPU

from data_builders import phantom
from reproductions.basu import data, experiment, model, recipe, stage_one
from reproductions.basu.config import ROWS, demo
from shared.base.errors import NoResult, UserError
from shared.comparison import find_runs, metrics, pool, write_run
from shared.paper import Context
from shared.training import fitting
from shared.training.backbones import BACKBONES
from shared.training.stages import Stages

SMALL = {"normal_a": 16, "diseased_a": 16, "normal_b": 6, "per_finding": 4, "covid": 8, "tuning_epochs": 1}
SMALL |= {"batch": 16, "learning_rate": 1e-3}


def small(row):
    """A demo with as few images and epochs as these tests need."""
    row = demo(row)
    fields = SMALL | {"epochs": 1 + getattr(row, "warmup_epochs", 0)}
    return replace(row, **{name: value for name, value in fields.items() if hasattr(row, name)})


ROW_OF = {row.id: small(row) for row in ROWS}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("basu")
    for name in ("chest_xray14", "covid_chestxray"):
        phantom.write(name, folder / "data", per_class=24, side=32)
    return folder


def context(place, name):
    return Context(
        data_dir=place / "data",
        weights_dir=place / "weights",
        cache_dir=place / "cache",
        run_dir=place / "work" / name,
        runtime=ON_CPU,
        stages=Stages(place / "stages"),
        seed=0,
        demo=True,
    )


@pytest.fixture(scope="module")
def clean(place):
    """Stage 1 and all folds of one network, with what was trained and traced on the way."""
    seen = {"trained": [], "traces": 0, "folds": [], "frozen": []}
    with pytest.MonkeyPatch.context() as patch:
        fit, step = fitting.fit, keras.Model.train_step

        def watched_fit(network, *args, **options):
            seen["trained"].append(options["title"])
            return fit(network, *args, **options)

        def watched_step(self, *args):  # runs while a step is traced, not when it is executed
            seen["traces"] += 1
            return step(self, *args)

        patch.setattr(fitting, "fit", watched_fit)
        patch.setattr(keras.Model, "train_step", watched_step)
        recipe._compiled.forget()
        seen["a"] = experiment.run(ROW_OF["alexnet-data-a-clean"], 0, context(place, "a"))
        row = ROW_OF["alexnet-detl-clean"]
        for draw in range(row.folds):
            seen["folds"].append(experiment.run(row, draw, context(place, f"b{draw}")))
            network = recipe.compiled(row, 4, recipe.tuning(row), ON_CPU)
            seen["frozen"].append({w.path: w.numpy() for w in network.weights})
    return seen


def test_stage_one_is_trained_once_and_the_step_traced_once_for_all_folds(clean):
    """Fails when a fold trains stage 1 again, or compiles a model of its own."""
    assert clean["trained"] == [
        "alexnet on Data-A (clean)",
        "alexnet-detl-clean, fold 1 of 2",
        "alexnet-detl-clean, fold 2 of 2",
    ]
    assert clean["traces"] == 2  # one per stage


def test_every_image_of_data_b_is_predicted_once_and_the_matrices_add_up(clean, tmp_path):
    """Fails when folds overlap or miss an image, or when pooling counts something twice."""
    for draw, predictions in enumerate(clean["folds"]):
        facts = {"paper": "basu", "row": "alexnet-detl-clean", "draw": draw, "scale": "demo", "config": {}}
        facts |= dict.fromkeys(("overrides", "deviations", "versions", "device", "precision", "seed"), "")
        write_run(tmp_path / "demo" / "basu" / "alexnet-detl-clean" / f"draw-{draw}", predictions, facts)
    runs, damaged = find_runs(tmp_path)
    assert not damaged and len(runs) == 2
    together = pool(runs)
    row = ROW_OF["alexnet-detl-clean"]
    assert len(set(together.sample)) == len(together.sample) == 6 + 24 + 24 + 8
    assert np.bincount(together.true).tolist() == [row.normal_b, 6 * row.per_finding, 24, row.covid]
    matrices = [metrics.confusion(r.predictions.true, r.predictions.decided, 4) for r in runs]
    assert np.array_equal(sum(matrices), metrics.confusion(together.true, together.decided, 4))
    assert not set(runs[0].predictions.patient) & set(runs[1].predictions.patient)


def test_a_fold_ends_alike_whichever_was_trained_before_it(clean, place):
    """Fails when a fold goes on from the one before it: weights, momentum or dropout not set back."""
    again = experiment.run(ROW_OF["alexnet-detl-clean"], 1, context(place, "again"))
    np.testing.assert_allclose(again.probabilities, clean["folds"][1].probabilities, atol=1e-5)


def test_each_fold_starts_from_stage_one_and_leaves_its_frozen_part_alone(clean, place):
    """Fails when the last epoch's weights instead of the best are handed on, or the frozen part moves."""
    stage = next((place / "stages").glob("data-a-*/" + stage_one.BODY))
    body = model.without_head(model.build("alexnet", (64, 64, 1), 2))
    body.load_weights(stage)
    stored = {w.path: w.numpy() for w in body.weights}
    for weights in clean["frozen"]:
        for path, value in weights.items():
            if not model.moves_in_stage_two("alexnet", path.split("/")[0]):
                assert np.array_equal(value, stored[path])
            elif path in stored:  # one epoch at 1e-4: moved, but from there
                assert not np.array_equal(value, stored[path])
                np.testing.assert_allclose(value, stored[path], atol=0.02)
    first, second = clean["frozen"]
    assert any(not np.array_equal(first[path], second[path]) for path in first)


def test_data_a_is_scored_on_its_validation_images_and_shares_no_patient_with_data_b(clean, place):
    """Fails when stage 1 is scored on what it trained on, or a patient of Data-B is in Data-A."""
    a = clean["a"]
    assert set(a.split) == {"validation"} and np.bincount(a.true).tolist() == [6, 6]
    nih = data.table("chest_xray14", place / "data", place / "cache")
    split = data.split_of_a(ROW_OF["alexnet-data-a-clean"], nih, 0)
    assert a.sample == nih.name[split.validation].tolist()
    of_b = {p for fold in clean["folds"] for p in fold.patient if p.startswith("nih-")}
    of_a = {f"nih-{p}" for p in nih.patient[np.concatenate([split.train, split.validation])]}
    assert of_b and not of_a & of_b
    for fold in clean["folds"]:
        assert fold.facts["data_b_images_in_training"] == fold.facts["data_b_images_in_validation"] == 0


def test_facts_tell_what_moves(clean):
    """conv5 and three dense layers of AlexNet at 64 × 64, by hand."""
    dense = (256 + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * 4
    assert clean["folds"][0].facts["trainable_parameters"] == (9 * 384 + 1) * 256 + dense


def test_each_fold_shows_a_panel_for_every_kind_it_holds(clean):
    for fold in clean["folds"]:
        figure, caption = fold.pictures["grad-cam"]
        titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
        assert {"normal", "pneumonia", "COVID-19", "other disease"} <= {t.split("\n")[0] for t in titles}
        assert "Grad-CAM" in caption


def test_panels_show_ten_kinds_and_another_image_as_other_disease():
    """Fails when "other disease" repeats a finding's image, or a kind that is absent breaks the figure."""
    from reproductions.basu.figures import PANELS, panels

    picked = [*PANELS[:3], *PANELS[4:], *PANELS[4:]]
    chosen = panels(picked)
    assert list(chosen) == list(PANELS) and len(set(chosen.values())) == 10
    assert panels(["normal", "Mass"]) == {"normal": 0, "Mass": 1}


def test_a_draw_is_a_fold(place):
    """Fails when `--draws 6` scores a fold twice."""
    with pytest.raises(UserError, match="no draw 2"):
        experiment.run(ROW_OF["alexnet-detl"], 2, context(place, "none"))


def test_the_random_control_trains_every_weight_from_new_ones(place):
    """Fails when the control is frozen like stage 2, or starts from stage 1."""
    row = replace(ROW_OF["alexnet-random"], per_finding=2)
    found = experiment.run(row, 0, context(place, "random"))
    assert found.facts["trainable_parameters"] == found.facts["parameters"]
    assert "training_normal" not in found.facts
    network = recipe.compiled(row, 4, recipe.from_scratch(row, found.facts["image_steps"]), ON_CPU)
    trained = [w.copy() for w in network.get_weights()]
    new = model.initialise(network, 0).get_weights()
    kernels = [i for i, w in enumerate(new) if w.ndim > 1]
    assert all(not np.array_equal(trained[i], new[i]) for i in kernels)
    assert np.corrcoef(trained[kernels[1]].ravel(), new[kernels[1]].ravel())[0, 1] > 0.9


def test_the_imagenet_control_starts_from_the_published_convolutions(place):
    """Fails when only the names match, or when the dense layers are not new."""
    row = replace(ROW_OF["vgg16-imagenet"], weights="imagenet", side=32)
    published = keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
    rng = np.random.default_rng(0)
    published.set_weights([rng.normal(size=w.shape).astype("float32") for w in published.get_weights()])
    (place / "weights").mkdir()
    published.save(place / "weights" / "vgg16_notop.h5")
    network = model.build("vgg16", (32, 32, 3), 4, "original")
    weights = experiment._initial_weights(row, network, None, context(place, "imagenet"))
    published_weights = published.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(weights, published_weights, strict=False))
    assert weights[len(published_weights)].std() == pytest.approx(np.sqrt(2 / 512), rel=0.05)


def test_grey_images_reach_imagenets_weights_as_those_expect_them():
    """Caffe's means, blue first: fails under a plain division by 255, or means on swapped channels."""
    from reproductions.basu.images import finish

    grey = np.full((1, 2, 2, 1), 100.0, "float32")
    ready = np.asarray(finish(ROW_OF["vgg16-imagenet"])(grey))
    assert ready[0, 0, 0] == pytest.approx([100 - 103.939, 100 - 116.779, 100 - 123.68], abs=1e-3)
    assert np.asarray(finish(ROW_OF["vgg16-detl"])(grey)).shape == (1, 2, 2, 1)
    assert BACKBONES["vgg16"].side == 224


def test_table_1_is_counted_without_a_training_and_read_back(place, tmp_path):
    """Fails when the counts differ from those of the runs, or a run without images counts as damaged."""
    row = ROW_OF["table-1-clean"]
    found = experiment.run(row, 0, context(place, "table"))
    a, b = place_of_a(place), ROW_OF["alexnet-detl-clean"]
    assert found.facts["training_normal"] == int((a.labels[a.train] == 0).sum())
    assert found.facts["images_covid_19"] == b.covid == 8
    assert found.facts["data_b_images_in_training"] == 0
    assert found.facts["parameters_resnet50"] < found.facts["parameters_vgg16"]
    facts = {"paper": "basu", "row": row.id, "draw": 0, "scale": "demo", "config": {}}
    write_run(tmp_path / "demo" / "basu" / row.id / "draw-0", found, facts)
    ((run,), left_out) = find_runs(tmp_path)
    assert not left_out and run.facts["training_normal"] == found.facts["training_normal"]
    assert not len(run.predictions.true) and np.isnan(run.metric("accuracy"))


def place_of_a(place):
    """Data-A of the clean protocol."""
    nih = data.table("chest_xray14", place / "data", place / "cache")
    return data.split_of_a(ROW_OF["table-1-clean"], nih, 0)


def test_a_stage_one_that_learns_nothing_is_stopped(place):
    """Fails when nobody asks whether the network learns: days would pass at chance."""
    row = replace(ROW_OF["alexnet-data-a"], learning_rate=0.0, epochs=3, chance_steps=4)
    with pytest.raises(NoResult, match="still guesses after 4 steps"):
        experiment.run(row, 0, context(place, "dead"))
