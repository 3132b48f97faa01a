"""The rows, and the paper's own numbers against each other."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reproductions.zhao
from reproductions.zhao import PAPER
from reproductions.zhao.config import (
    CLASSES,
    RESOLUTIONS,
    ROWS,
    SCHEDULES,
    SIZES,
    Row,
    training_fields,
)
from shared.base.errors import UserError
from shared.base.fields import check
from shared.comparison import Predictions, load_reported, measure
from shared.paper import deviations

REPORTED = load_reported(Path(reproductions.zhao.__file__).with_name("reported.csv"))
TRAINED = [row for row in ROWS if isinstance(row, Row)]
TEST_IMAGES = {"Normal": 12_245, "CP": 7_395, "NCP": 6_018}


def numbers(place, metric, split="test"):
    """label -> the printed values, in order."""
    found = {}
    for r in REPORTED:
        if r.place == place and r.metric == metric and r.split == split:
            found.setdefault(r.label.replace(" (ours)", "(ours)"), []).append(r.number)
    return found


def training(row):
    return json.dumps(training_fields(row))


def test_every_printed_number_is_there():
    """6 + 72 + 10 cells and seven numbers in the prose, those of the COVID-Nets marked as others' work."""
    assert Counter(r.place.split(" ")[0] for r in REPORTED if r.value) == {"Table": 88, "section": 7}
    assert sum(r.by == "others" for r in REPORTED) == 3 + 36
    assert all(r.rows == () for r in REPORTED if r.by == "others")
    assert {row for r in REPORTED for row in r.rows} <= {row.id for row in ROWS}


def test_every_bar_and_curve_of_figures_6_to_8_that_has_no_number_in_the_text_is_there():
    """8 bars in each panel of Figure 6, five curves in Figure 7, three bars of ours in Figure 8."""
    drawn = [r for r in REPORTED if not r.value]
    assert Counter(r.place for r in drawn) == {"Fig. 6A": 8, "Fig. 6B": 8, "Fig. 7": 5, "Fig. 8": 3}
    for r in drawn:
        panel = r.place.lower().replace(". ", "")
        assert panel in PAPER.row(r.row).shown, r
        assert r.split == ("validation" if panel == "fig7" else "test")


def test_table_1_follows_from_table_2_and_the_classes_of_the_test_split():
    """A sensitivity typed into the wrong class or row."""
    accuracy, sensitivity = numbers("Table 1", "accuracy"), numbers("Table 2", "sensitivity")
    assert set(accuracy) == set(sensitivity) and len(accuracy) == 6
    for label, of_class in sensitivity.items():
        mean = np.average(of_class, weights=list(TEST_IMAGES.values()))
        assert mean == pytest.approx(accuracy[label][0], abs=0.1)  # each of both is rounded to 0.1


def test_the_gains_are_relative_to_table_1():
    """In points they would be 0.7, 1.1 and 3.4."""
    accuracy = {label: values[0] for label, values in numbers("Table 1", "accuracy").items()}
    gains = {r.row: r.number for r in REPORTED if r.metric == "gain_relative"}
    large, first = accuracy["COVID-Net CT-2 L"], accuracy["COVID-Net CT-1"]
    assert gains["bit-s"] == pytest.approx(100 * (accuracy["Bit-S(ours)"] / large - 1), abs=0.005)
    assert gains["bit-m"] == pytest.approx(100 * (accuracy["Bit-M(ours)"] / large - 1), abs=0.005)
    assert gains["random"] == pytest.approx(100 * (accuracy["Random(ours)"] / first - 1), abs=0.005)


def test_table_2_s_metrics_of_a_confusion_matrix_counted_by_hand():
    """One class against the rest; PPV for sensitivity or NPV for specificity would show here."""
    matrix = [[5, 1, 0], [2, 3, 1], [0, 0, 4]]
    pairs = [(i, j) for i in range(3) for j in range(3) for _ in range(matrix[i][j])]
    true, decided = map(np.array, zip(*pairs, strict=True))
    names = [str(i) for i in range(len(true))]
    found = Predictions(CLASSES, ["test"] * len(true), names, names, true, np.eye(3)[decided])
    expected = {
        "sensitivity": (5 / 6, 3 / 6, 4 / 4),
        "ppv": (5 / 7, 3 / 4, 4 / 5),
        "specificity": (8 / 10, 9 / 10, 11 / 12),
        "npv": (8 / 9, 9 / 12, 11 / 11),
    }
    for metric, values in expected.items():
        assert [measure(found, metric, cls) for cls in CLASSES] == pytest.approx(values)


def test_figure_6_is_two_one_way_sweeps_whose_shared_setting_is_drawn_twice():
    """A grid instead of two sweeps, or a panel without its bar."""
    rows = [row for row in ROWS if "fig6" in row.shown]
    settings = {((row.resize, row.crop), row.schedule, bool(row.mixup)) for row in rows}
    resolutions = {(resolution, SCHEDULES[2]) for resolution in RESOLUTIONS}
    schedules = {(RESOLUTIONS[3], nodes) for nodes in SCHEDULES}
    assert settings == {(*setting, mixup) for setting in resolutions | schedules for mixup in (True, False)}
    assert len(rows) == len(settings) == 14
    assert {panel: sum(panel in row.shown for row in rows) for panel in ("fig6a", "fig6b")} == {
        "fig6a": 8,
        "fig6b": 8,
    }
    twice = {row.id for row in rows if row.draws == 2}
    assert twice == {"fig6-512x480-10000-mixup", "fig6-512x480-10000"}


def test_every_training_has_what_the_text_says_of_it():
    """A setting of another paper or of BiT's own code: its batch is 512."""
    told = {"batch": 64, "rate": 0.003, "momentum": 0.9, "block": 100}
    for row in TRAINED:
        assert {name: getattr(row, name) for name in told} == told


def test_one_bit_m_training_serves_tables_and_figures_and_no_other_rows_share():
    """A field that only one of the three rows has would train the same setting again."""
    shared = {training(PAPER.row(id)) for id in ("bit-m", "fig6-512x480-10000-mixup", "fig8-full")}
    assert len(shared) == 1
    assert len({training(row) for row in TRAINED}) == len(TRAINED) - 2


def test_figure_8_is_trained_by_bit_s_rule_for_so_few_images_and_in_the_general_setting():
    """BiT's code asks its rule for the size of the subset: below 20,000 images 500 steps and no mixup."""
    for size in SIZES:
        rule, general = PAPER.row(f"fig8-{size}"), PAPER.row(f"fig8-{size}-10000-mixup")
        assert (rule.per_class, rule.schedule, rule.mixup) == (size, (100, 200, 300, 400, 500), 0.0)
        assert replace(rule, id=general.id, schedule=SCHEDULES[2], mixup=0.1, draws=3) == general
        assert {**training_fields(general), "per_class": 0} == {
            **training_fields(PAPER.row("fig8-full")),
            "curve_share": 0.0,
        }
        assert 11 in deviations(rule) and 11 in deviations(general)
    assert 11 not in deviations(PAPER.row("fig8-full"))
    printed = {r.row for r in REPORTED if r.value and r.row.startswith("fig8")}
    assert printed == {"fig8-100", "fig8-1000"}


def test_every_training_rests_on_how_slices_are_drawn_and_a_count_on_nothing():
    for row in TRAINED:
        assert 12 in PAPER.in_force(row) and (11 in PAPER.in_force(row)) == bool(row.per_class)
    assert PAPER.in_force(PAPER.row("lists")) == []


def test_the_two_random_starts_differ_in_nothing_but_the_initialiser():
    first, second = (training_fields(PAPER.row(id)) for id in ("random", "random-pytorch"))
    differing = {name for name in first if first[name] != second[name]}
    assert differing == {"initialiser", "curve_share"}


def test_the_plan_counts_shared_work_once():
    """bit-m's two draws are those of Figure 6, and the first is Figure 8's."""

    def pieces(id):
        return {(w.name, json.dumps(dict(w.key))) for w in PAPER.work(PAPER.row(id))}

    assert pieces("fig8-full") < pieces("bit-m") == pieces("fig6-512x480-10000-mixup")
    assert not pieces("bit-m") & pieces("bit-s")


def test_selecting_by_a_table_gives_its_rows():
    shown = {name: [row.id for row in ROWS if name in row.shown] for name in ("table1", "table3", "fig8")}
    assert shown["table1"] == ["random", "bit-s", "bit-m"]
    assert shown["table3"] == ["random", "bit-s", "bit-m", "bit-m-c", "bit-m-s"]
    assert len(shown["fig8"]) == 9


def test_a_missing_training_list_is_said_before_anything_starts(tmp_path):
    """The validation and test lists alone are to be had, and would train on nothing."""
    folder = tmp_path / "covidx_ct"
    folder.mkdir()
    for name in ("val", "test"):
        (folder / f"{name}_COVIDx_CT-2A.txt").write_text("")
    (need,) = PAPER.needs(PAPER.row("random"))
    assert "train_COVIDx_CT-2A.txt" in need.find(tmp_path, tmp_path)
    _, weights = PAPER.needs(PAPER.row("bit-m-c"))
    assert "BiT-M-R50x1-CIFAR10.npz" in weights.find(tmp_path, tmp_path)


def test_a_demo_learns_and_keeps_what_tells_rows_apart():
    """A schedule rounded to one step would train at rate zero; Figure 8's sizes must stay four."""
    demos = [PAPER.demo(row) for row in TRAINED]
    assert min(row.schedule[-1] for row in demos) >= 2
    assert all(list(row.schedule) == sorted(row.schedule) for row in demos)
    assert len({row.per_class for row in demos}) == 5
    assert {row.mixup for row in demos} == {0.0, 0.1}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weights", "bit-l"),
        ("crop", 513),
        ("schedule", (500, 3000, 2000, 9000, 10000)),
        ("initialiser", "zeros"),
        ("curve", "train"),
        ("curve_share", 1.5),
        ("block", 0),
    ],
)
def test_a_field_set_by_hand_to_nonsense_is_one_line_that_names_it(field, value):
    with pytest.raises(UserError, match=rf"^(bit-m: )?{field}"):
        check(replace(PAPER.row("bit-m"), **{field: value}), ROWS)
