"""Trials: who learns from what, who is asked about what, and what is kept."""

from itertools import pairwise

import keras
import numpy as np
import pytest

from data_builders import phantom
from data_builders.trial_sets import sample, trial_set
from reproductions import demonstrating, planting, trials, trying
from reproductions.__main__ import main
from shared.training import heads
from shared.training.stages import Stages
from shared.trust.trial import LEVELS, Trial
from shared.trust.trial import trials as all_trials


def small_network(frozen):
    """Sixteen means of the picture, all different for different pictures."""
    layers = [keras.layers.Input((frozen.side, frozen.side, 3)), keras.layers.AveragePooling2D(8)]
    return keras.Sequential([*layers, keras.layers.Flatten()])


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Features of two small sets."""
    folder = tmp_path_factory.mktemp("trials")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trials, "_network", small_network)
        found = {}
        for name in ("covid_ct", "sars_cov2_ct"):
            phantom.write(name, folder / "data", per_class=30, side=32, patients=6)
            drawn = sample(trial_set(name), folder / "data", folder / "cache", 30, 0)
            frozen = trials.Frozen("efficientnetb0", 32, None, "small")  # which takes pixels as they are
            found[name] = trials.Features(drawn, frozen, folder / "cache", Stages(folder / "stages"))
        yield found


@pytest.fixture
def asked(monkeypatch):
    """(features learnt from, labels, arrays asked, seeds) of every head."""
    seen = []
    real = heads.answers

    def answers(model, features, labels, arrays, **seeds):
        seen.append((features, labels, arrays, seeds))
        return real(model, features, labels, arrays, **seeds)

    monkeypatch.setattr(heads, "answers", answers)
    return seen


def places(array, whole):
    """Which images the rows of features are of."""
    of = {row.tobytes(): place for place, row in enumerate(whole)}
    return [of[row.tobytes()] for row in array]


@pytest.mark.parametrize("by", ["source", "image"])
def test_no_head_is_asked_about_what_it_has_learnt(sets, asked, by):
    """Fails when the validation part is learnt from, or when a source is on both sides."""
    own, plain = sets["covid_ct"], sets["covid_ct"].seen()
    owner = own.sample.sources if by == "source" else own.sample.names
    found = trials.run(Trial("t", by=by), own, {})
    for learnt, labels, (validation, test), _ in asked:
        parts = [places(part, plain) for part in (learnt, validation, test)]
        assert np.array_equal(labels, own.sample.labels[parts[0]])
        assert sorted([*parts[0], *parts[1], *parts[2]]) == list(range(len(plain)))
        owners = [set(owner[part]) for part in parts]
        assert not (owners[0] & owners[1] or owners[0] & owners[2] or owners[1] & owners[2])
    assert len(asked) == trials.FOLDS
    for split in ("validation", "test"):
        assert found.of(split).sample == own.sample.names.tolist()
        assert found.of(split).true.tolist() == own.sample.labels.tolist()


def test_a_prediction_stands_beside_its_image(sets):
    """Fails when predictions keep the order of the folds: the classes are then told no better than chance."""
    found = trials.run(Trial("t"), sets["covid_ct"], {}).of("test")
    assert (found.decided == found.true).mean() > 0.75
    assert found.patient == sets["covid_ct"].sample.sources.tolist()


def test_blind_images_are_learnt_from_or_only_shown(sets, asked):
    own = sets["covid_ct"]
    plain, border = own.seen(), own.seen("border")
    for trial, learnt_from in (
        (Trial("only", learnt="border", shown="border"), border),
        (Trial("shown", shown="border"), plain),
    ):
        asked.clear()
        trials.run(trial, own, {})
        learnt, _, (validation, test), _ = asked[0]
        assert {row.tobytes() for row in (*learnt, *validation)} <= {row.tobytes() for row in learnt_from}
        assert {row.tobytes() for row in test} <= {row.tobytes() for row in border}
    assert not np.array_equal(plain, border)


def test_channels_that_come_with_a_class_are_told_from_the_file_alone(sets):
    """Half of one class is RGB and nothing else is, as upstream: of these alone three quarters are right."""
    for name, right in (("sars_cov2_ct", 0.75), ("covid_ct", 0.5)):
        found = trials.run(Trial("only-file", learnt="file", shown="file"), sets[name], {}).of("test")
        recalls = [(found.decided == k)[found.true == k].mean() for k in (0, 1)]
        assert np.mean(recalls) == pytest.approx(right, abs=0.1)


def test_labels_are_dealt_among_images_or_among_sources():
    labels, sources = np.arange(40) % 2, np.repeat(np.arange(10), 4)
    labels = np.repeat(labels[:10], 4)
    images = trials.shuffled(labels, sources, "image", 0)
    dealt = trials.shuffled(labels, sources, "source", 0)
    assert sorted(images) == sorted(dealt) == sorted(labels)
    assert all(len(set(dealt[sources == source])) == 1 for source in sources)
    assert any(len(set(images[sources == source])) == 2 for source in sources)
    assert not np.array_equal(dealt, trials.shuffled(labels, sources, "source", 1))
    assert not np.array_equal(dealt, labels) and trials.shuffled(labels, sources, "", 0) is labels


def test_elsewhere_is_learnt_here_and_asked_there(sets, asked):
    own, other = sets["covid_ct"], sets["sars_cov2_ct"]
    found = trials.run(Trial("e", elsewhere="sars_cov2_ct"), own, sets)
    ((learnt, labels, (there,), _),) = asked
    assert np.array_equal(learnt, own.seen()) and np.array_equal(there, other.seen())
    assert np.array_equal(labels, own.sample.labels)
    assert found.sample == other.sample.names.tolist()
    assert found.true.tolist() == other.sample.labels.tolist()


def test_a_factorial_crosses_its_seeds_and_augments_what_is_learnt_alone(sets, asked, monkeypatch):
    """Fails when two factors share a seed, or when images that are scored are augmented."""
    own = sets["covid_ct"]
    for name in LEVELS:
        monkeypatch.setitem(LEVELS, name, 2)
    found = trials.run(Trial("spread"), own, {})
    assert len({tuple(line[name] for name in LEVELS) for line in found.history}) == len(asked) == 16
    plain, versions = own.seen(), [own.seen(augmentation=version) for version in (0, 1)]
    for line, (learnt, _, (held,), seeds) in zip(found.history, asked, strict=True):
        assert seeds == {"weights": line["weights"], "order": line["order"]}
        train, test = places(learnt, versions[int(line["augmentation"])]), places(held, plain)
        assert not set(own.sample.sources[train]) & set(own.sample.sources[test])
    tests = [tuple(places(held, plain)) for _, _, (held,), _ in asked]
    assert len(set(tests)) == 2 and all(a == b for a, b in pairwise(tests[:8]))


def command(folder, *words):
    places = ["--data-dir", str(folder / "data"), "--weights-dir", str(folder), "--out", str(folder / "out")]
    return main(["try", "covid_ct", *words, *places])


@pytest.fixture
def small(tmp_path, monkeypatch):
    """One look-alike, one trial, and the small network in place of the published one."""
    phantom.write("covid_ct", tmp_path / "data", per_class=12, side=32)
    monkeypatch.setattr(trying, "FEWEST", 10)
    monkeypatch.setattr(trials, "_network", small_network)
    monkeypatch.setattr(trying, "_frozen", lambda folder: trials.Frozen("efficientnetb0", 32, None, "small"))
    monkeypatch.setattr(trying.known_trials, "trials", lambda *_: [Trial("by-source")])
    return tmp_path


def test_a_trial_that_has_run_is_not_run_again_unless_it_is_another(small, capsys, monkeypatch):
    """Fails when the images or their number changed and the old answer stands."""
    ran = []
    real = trials.run
    monkeypatch.setattr(trials, "run", lambda trial, *rest: ran.append(trial.name) or real(trial, *rest))
    assert [command(small), command(small), command(small, "--per-class", "10")] == [0, 0, 0]
    assert len(ran) == 2 and "As they are" in capsys.readouterr().out
    (small / "data" / "covid_ct" / "Images-processed" / "CT_COVID").rename(small / "gone")
    assert command(small) == 2 and len(ran) == 2


def test_what_is_missing_is_one_line(tmp_path, capsys):
    assert main(["try", "covid_cd", "--data-dir", str(tmp_path)]) == 2
    assert main(["try", "covid_ct", "--data-dir", str(tmp_path)]) == 2
    assert main(["try", "--data-dir", str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert "did you mean covid_ct" in said[0] and "is missing" in said[1] and "holds no set" in said[2]


def test_every_trial_has_a_name_of_its_own():
    names = [one.name for one in all_trials("CT", ("a", "b"))]
    assert len(set(names)) == len(names)
    asks = {name for look in planting.LOOK_ALIKES for name, _ in look.asks} - {"elsewhere"}
    assert asks <= set(names)


def test_a_demo_that_left_no_run_ends_without_a_traceback(tmp_path, monkeypatch):
    monkeypatch.setattr(demonstrating.cli, "main", lambda *_: 2)
    assert main(["trust", "basu", "--scale", "demo", "--out", str(tmp_path)]) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["covid_ct", "sars_cov2_ct", "kermany_pneumonia", "covidx_ct", "covid_chestxray"]
)
def test_planted_faults_are_found_and_sound_look_alikes_pass(name, tmp_path, tried):
    right, table = planting.planted(trial_set(name), tmp_path)
    assert right, table
    tried(f"faults planted in look-alikes of {name}, or none", table.count("DEMO"), "all as they must be")


@pytest.mark.slow
def test_the_demo_of_trust_shows_all_its_parts(tmp_path, capsys):
    assert main(["trust", "basu", "--scale", "demo", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    parts = ("Leaks", "What is told from images", "Calibration", "where few are ill", "Trials on look-alikes")
    assert all(part in said for part in parts)
    assert "NOT FOR DIAGNOSIS" in said and "DEMO" in said
    assert (tmp_path / "demo" / "predicted" / "basu" / "predicted.csv").is_file()
