"""PPV and NPV where few are ill: by hand, with intervals that hold both rates, for COVID-19 alone."""

import numpy as np
import pytest
from honest_claims import SIZES, number, printed
from scored import decided, predictions, run

from shared.trust.parts_of_runs import prevalence_part
from shared.trust.prevalence import Share, disease_of, of_predictions, of_printed, predictive


def exact(value):
    return Share(value, value, value)


def test_by_hand():
    """Of 10,000 people 100 are ill: 95 are found, and 495 of the 9,900 others are called ill."""
    ppv, npv = predictive(exact(0.95), exact(0.95), 0.01)
    assert ppv.value == pytest.approx(95 / (95 + 495))
    assert npv.value == pytest.approx(9405 / (9405 + 5))


def test_half_of_the_people_ill_gives_the_precision_of_a_balanced_test_set():
    sensitivity, specificity = exact(0.9), exact(0.8)
    assert predictive(sensitivity, specificity, 0.5)[0].value == pytest.approx(0.9 / 1.1)


def test_the_interval_holds_the_truth_in_95_of_100():
    """Fails when only one of the two rates has noise."""
    rng = np.random.default_rng(0)
    truth = predictive(exact(0.9), exact(0.95), 0.1)
    held = []
    for _ in range(300):
        right = np.r_[rng.random(100) < 0.9, rng.random(100) < 0.95]
        found = decided(np.stack([right[100:], right[:100]], axis=1).ravel())  # Normal, COVID, Normal, ...
        ppv, npv = predictive(*of_predictions(found), 0.1)
        held.append(ppv.low <= truth[0].value <= ppv.high and npv.low <= truth[1].value <= npv.high)
    assert np.mean(held) >= 0.95


def test_the_disease_is_covid_whatever_its_place_and_name():
    assert disease_of(["COVID-19", "Normal"]) == "COVID-19"
    assert disease_of(["Normal", "CP", "NCP"]) == "NCP"
    assert disease_of(["normal", "pneumonia"]) is None


def test_the_recall_of_the_other_class_of_two_is_the_specificity():
    """Fails when a sensitivity that the paper prints for the healthy is read as one for the ill."""
    rows = printed(
        number("net", "99.0", "sensitivity", "Normal"), number("net", "60.0", "specificity", "Normal")
    )
    sensitivity, specificity = of_printed(rows, "net", list(SIZES.counts))
    assert (sensitivity.value, specificity.value) == (0.6, 0.99)
    assert sensitivity.low < 0.6 < sensitivity.high
    assert (
        of_printed(printed(number("net", "99.0", "sensitivity", "Normal")), "net", list(SIZES.counts)) is None
    )


def test_patients_and_draws_that_share_images_count_once():
    """Fails when ten images of a patient, or five draws of one test set, narrow the interval."""
    single = of_predictions(predictions(400))[0]
    of_patients = of_predictions(predictions(400, patients=True))[0]
    assert of_patients.high - of_patients.low > 2 * (single.high - single.low)
    names = [f"{k}.png" for k in range(50)]
    five = decided([k % 10 != 0 for k in range(250)], names=names * 5)
    one = decided([k % 10 != 0 for k in range(50)], names=names)
    widths = [share.high - share.low for found in (five, one) for share in of_predictions(found)[:1]]
    assert widths[0] == pytest.approx(widths[1], rel=0.05)


def test_the_part_tells_printed_from_obtained_and_marks_a_demo():
    rows = printed(number("net", "99.0", "recall", "COVID"), number("net", "60.0", "specificity", "COVID"))
    part = prevalence_part(rows, ["net"], [run(predictions(200), scale="demo")])
    assert [line[:2] for line in part.lines] == [("net", "printed"), ("DEMO net", "obtained")]
    nothing = prevalence_part(printed(), [], [])
    assert nothing.lines == ()
