"""Mistakes in the small experiments on sets of images."""

from tests.mistakes.mistake import within

TRIALS = (
    *within(
        "reproductions/trials.py",
        (
            "a head learns from its validation part",
            "np.concatenate([test, validation])",
            "test",
            "Temperatures fitted on it look well calibrated.",
        ),
        (
            "all trials are split by image",
            "if trial.by == BY_SOURCE:",
            "if trial.by == SPREAD:",
            "Both splits give five folds.",
        ),
        (
            "labels of sources are dealt image by image",
            "if among != BY_SOURCE:",
            "if among:",
            "Shuffled labels are shuffled labels.",
        ),
        (
            "images are shown as they were learnt",
            "own.seen(trial.learnt), own.seen(trial.shown)",
            "own.seen(trial.learnt), own.seen(trial.learnt)",
            "Most trials see them alike.",
        ),
        (
            "predictions stay in the order of the folds",
            "order = np.argsort(own)",
            "order = np.arange(len(own))",
            "Names are taken in the order of the images all the same.",
        ),
        (
            "two factors share a seed",
            "order=order,",
            "order=weights,",
            "Both are small numbers.",
        ),
        (
            "what is scored is augmented too",
            "[plain[test]],",
            "[augmented[version][test]],",
            "The features of that version are at hand.",
        ),
        (
            "the other set's images are named after this one's",
            '_predictions(other.sample, other.sample.labels, {"test"',
            '_predictions(own.sample, other.sample.labels, {"test"',
            "The sets may be equally large.",
        ),
        (
            "channels are no fact of a file",
            'np.stack([of["width"], of["height"], *kinds], axis=1)',
            'np.stack([of["width"], of["height"]], axis=1)',
            "Everything is made grey in the end.",
        ),
        tests=("tests/test_trying.py",),
    ),
    *within(
        "reproductions/trying.py",
        (
            "an old answer stands for other images",
            'same = ("config", "frozen", "data", "versions", "command")',
            'same = ("frozen", "versions")',
            "The folder's name says which trial it is.",
        ),
        tests=("tests/test_trying.py",),
    ),
    *within(
        "shared/training/heads.py",
        (
            "the moments of the last training are kept",
            "fitting.reset(model, keras.models.clone_model(model).get_weights())",
            "model.set_weights(keras.models.clone_model(model).get_weights())",
            "New weights look like a new start.",
        ),
        (
            "one start for all",
            "_start(model, weights)",
            "_start(model, 0)",
            "A result that repeats looks right.",
        ),
        (
            "one order for all",
            "np.random.default_rng(order)",
            "np.random.default_rng(0)",
            "A result that repeats looks right.",
        ),
        (
            "the last images of the list are never learnt from",
            "_batches(steps.permutation(len(labels)))",
            "_batches(np.arange(len(labels)))",
            "Each epoch has all whole batches.",
        ),
        tests=("tests/shared/training/test_heads.py",),
    ),
    *within(
        "shared/trust/found.py",
        (
            "a leak with the wrong sign",
            "difference(runs, clean, METRIC)",
            "difference(clean, runs, METRIC)",
            "Which of two is the better one is easily confused.",
        ),
        (
            "whatever lies above chance is told",
            "told = _surely(runs)[0] > _by_chance(runs)",
            "told = runs[0].metric(METRIC) > _by_chance(runs)",
            "The value is the best guess.",
        ),
        (
            "large classes count for more",
            'METRIC = "recall"',
            'METRIC = "accuracy"',
            "Accuracy is what everybody gives.",
        ),
        (
            "any lower value elsewhere is a loss",
            "less = _surely_less(runs, own)",
            "less = runs[0].metric(METRIC) < own[0].metric(METRIC)",
            "It is lower.",
        ),
        (
            "intervals that overlap show no loss",
            "return theirs - ours > half",
            "return _surely(runs)[1] < _surely(others)[0]",
            "Error bars that overlap mean no difference.",
        ),
        (
            "a split that lowers the result changes nothing",
            '"lowers" if most < 0 else ',
            "",
            "A leak can only help.",
        ),
        (
            "calibration is judged at 95%",
            "before = calibration(test, FAULT_TAIL)",
            "before = calibration(test)",
            "It has a level of its own.",
        ),
        (
            "the factors of the history in another order",
            "values[tuple(int(line[name]) for name in LEVELS)]",
            "values[tuple(int(line[name]) for name in sorted(LEVELS))]",
            "Names are sorted elsewhere.",
        ),
        (
            "a fault at 95%",
            "FAULT_TAIL = 0.005",
            "FAULT_TAIL = 0.025",
            "All other intervals are of 95%.",
        ),
        tests=("tests/shared/trust/test_found.py",),
    ),
    *within(
        "shared/trust/spread.py",
        (
            "noise counts as the factor's",
            "max(squares[name] / freedom[name] - rest, 0.0)",
            "max(squares[name] / freedom[name], 0.0)",
            "The means of the levels do differ by so much.",
        ),
        (
            "the interval of one with no noise",
            "fdtri(freedom, left, tail) if rest else 0.0",
            "0.0",
            "With many cells the noise of a mean is small.",
        ),
        tests=("tests/shared/trust/test_found.py",),
    ),
    *within(
        "data_builders/trial_sets.py",
        (
            "views from the side are taken",
            'label[~np.isin(table.extra["view"], FRONTAL)] = -1',
            'label[~np.isin(table.extra["view"], FRONTAL)] += 0',
            "They are X-rays of the same patients.",
        ),
        (
            "a patient's images are of several sources",
            "[..., 0], table.patient)",
            "[..., 0], np.full(len(table), ''))",
            "Copies are found all the same.",
        ),
        tests=("tests/data_builders/test_trial_sets.py",),
    ),
    *within(
        "shared/report/records.py",
        (
            "nobody looks at the recorded trials",
            "yield from _wrong_in(trials, find_evidence(trials)[1])",
            "yield from ()",
            "The papers' evidence is verified.",
        ),
        tests=("tests/shared/report/test_records.py",),
    ),
)
