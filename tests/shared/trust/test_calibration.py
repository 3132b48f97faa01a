"""A model that is too sure, and labels that are moved, are seen; a calibrated model passes."""

import dataclasses

import numpy as np
import pytest
from scored import CLASSES, predictions, run
from sklearn.calibration import calibration_curve

from shared.comparison import Predictions, metrics
from shared.trust.calibration import (
    CALIBRATED,
    OVERCONFIDENT,
    UNDERCONFIDENT,
    UNEVEN,
    calibration,
    fit_temperature,
    reliability_of,
    scaled,
    tempered,
)
from shared.trust.parts_of_runs import calibration_part


def test_faults_are_seen_and_a_clean_model_passes():
    """Fails when overconfident scores or rolled labels pass, or what is calibrated is accused."""
    assert calibration(predictions()).verdict == CALIBRATED
    assert calibration(predictions(too_sure=2.0)).verdict == OVERCONFIDENT
    assert calibration(predictions(too_sure=0.5)).verdict == UNDERCONFIDENT
    assert calibration(predictions(rolled=True)).verdict == OVERCONFIDENT


def test_calibrated_models_are_accused_in_about_one_of_ten_at_most():
    """Two tests at 5%: fails when the noise of images, or of a handful of them, is left out."""
    found = [calibration(predictions(150, seed=seed)).verdict for seed in range(100)]
    assert found.count(CALIBRATED) >= 85


def test_a_model_that_is_too_sure_here_and_too_little_there_is_uneven():
    clean = predictions(3000)
    sure = clean.probabilities.max(1)
    shown = np.where(sure > np.median(sure), np.minimum(sure + 0.12, 1), np.maximum(sure - 0.12, 0.5))
    covid = np.where(clean.probabilities[:, 1] > 0.5, shown, 1 - shown)
    bent = dataclasses.replace(clean, probabilities=np.stack([1 - covid, covid], axis=1))
    assert calibration(bent).verdict in (UNEVEN, OVERCONFIDENT, UNDERCONFIDENT)
    assert calibration(bent).corrected > 3 * calibration(clean).corrected


@pytest.mark.parametrize("owners", [1000, 999, 500])
def test_an_uneven_model_is_seen_among_images_of_patients_too(owners):
    """Half is 60% sure and nearly always right, half 95% sure and often wrong: right on average."""
    rng, n = np.random.default_rng(0), 1000
    sure = np.where(np.arange(n) % 2, 0.95, 0.60)
    covid = np.where(rng.random(n) < 0.5, sure, 1 - sure)
    right = rng.random(n) < np.where(np.arange(n) % 2, 0.65, 0.90)
    true = np.where(right, covid > 0.5, covid <= 0.5).astype(int)
    names = [str(k) for k in range(n)]
    patients = [f"p{k % owners}" for k in range(n)]
    given = (CLASSES, ["test"] * n, names, patients, true, np.stack([1 - covid, covid], axis=1))
    assert calibration(Predictions(*given)).verdict == UNEVEN


def test_a_patient_whose_images_are_decided_alike_makes_no_model_uneven():
    """Fails when 300 images of 30 patients are taken for 300: here all of a patient are right, or none."""
    verdicts = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        owner = np.repeat(np.arange(30), 10)
        sure = rng.uniform(0.5, 1.0, 300)
        right = rng.random(30)[owner] < sure
        names = [str(k) for k in range(300)]
        patients = [f"p{k}" for k in owner]
        probabilities = np.stack([sure, 1 - sure], axis=1)
        given = (CLASSES, ["test"] * 300, names, patients, (~right).astype(int), probabilities)
        verdicts.append(calibration(Predictions(*given)).verdict)
    assert verdicts.count(UNEVEN) <= 4


def test_the_correction_takes_away_what_chance_adds_and_nothing_else():
    """On average: of a calibrated model most of the error goes, of a bad one next to nothing."""
    clean = [calibration(predictions(150, seed=seed)) for seed in range(60)]
    plain, chance, corrected = (
        np.mean([getattr(c, name) for c in clean]) for name in ("plain", "by_chance", "corrected")
    )
    assert chance == pytest.approx(plain, rel=0.15)
    assert corrected < 0.6 * plain
    truth = calibration(predictions(100_000, too_sure=3.0)).plain
    few = np.mean([calibration(predictions(150, too_sure=3.0, seed=seed)).corrected for seed in range(60)])
    assert few == pytest.approx(truth, rel=0.1)


def test_the_diagram_agrees_with_scikit_learns():
    found = predictions(3000)
    sure = found.probabilities.max(1)
    right = found.decided == found.true
    share, mean = calibration_curve(right, sure, n_bins=15, strategy="quantile")
    ours = np.array(reliability_of(found))
    assert np.allclose(ours[:, 1], mean, atol=0.003)
    assert np.allclose(ours[:, 2], share, atol=0.01)


def test_the_temperature_is_found_again_and_is_fitted_on_validation_alone():
    """Fails when the test labels choose the temperature: here those of validation say another one."""
    assert fit_temperature(predictions(20_000, too_sure=2.0)) == pytest.approx(2.0, rel=0.05)
    assert fit_temperature(predictions(20_000)) == pytest.approx(1.0, rel=0.05)
    test, validation = predictions(too_sure=2.0), predictions(20_000, too_sure=2.0, seed=1)
    temperature, after = scaled(test, validation)
    assert temperature == pytest.approx(2.0, rel=0.05)
    assert calibration(after).verdict == CALIBRATED
    assert metrics.brier(after.true, after.probabilities) < metrics.brier(test.true, test.probabilities)
    calm = predictions(20_000, seed=1)
    assert scaled(test, calm)[0] == pytest.approx(1.0, rel=0.05)


def test_a_temperature_of_one_changes_nothing_and_no_decision_ever_changes():
    found = predictions(200)
    assert np.allclose(tempered(found.probabilities, 1.0), found.probabilities)
    for temperature in (0.3, 4.0):
        assert (tempered(found.probabilities, temperature).argmax(1) == found.decided).all()
    certain = np.array([[1.0, 0.0]])
    assert np.isfinite(tempered(certain, 0.1)).all()


def test_the_part_says_what_is_missing_and_marks_a_demo():
    """Fails when a demo's numbers stand as results, or a temperature is fitted on test predictions."""
    kept = run(predictions(200, validation=200))
    alone = run(predictions(200), row="alone", scale="demo")
    lines = calibration_part([kept, alone]).lines
    assert (lines[0][0], lines[0][-1]) == ("net", "before")
    assert lines[2][0] == "DEMO alone" and lines[2][-1] == "no validation predictions are kept"
    assert [(each.caption.split(":")[0], each.demo) for each in calibration_part([kept, alone]).diagrams] == [
        ("net", False),
        ("DEMO alone", True),
    ]


def test_scores_that_are_no_probabilities_are_left_out():
    found = predictions(200)
    scored = run(dataclasses.replace(found, scores=found.probabilities * 3))
    part = calibration_part([scored])
    assert isinstance(found, Predictions)
    assert part.lines == () and "No run with probabilities" in part.sentences[0]
