"""Mistakes in metrics, runs, checks and the report."""

from tests.mistakes.mistake import within

METRICS = (
    *within(
        "shared/comparison/metrics.py",
        (
            "shares of the confusion matrix are of the decided class",
            "counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)",
            "counts / np.maximum(counts.sum(axis=0, keepdims=True), 1)",
            "Axis 0 is what one sums over first.",
        ),
        (
            "rows and columns of the confusion matrix exchanged",
            "np.bincount(true * classes + decided, minlength",
            "np.bincount(decided * classes + true, minlength",
            "Half of the world prints the decided class in rows.",
        ),
        (
            "specificity is the negative predictive value",
            "        return _share(tn, tn + fp)",
            "        return _share(tn, tn + fn)",
            "The two differ by one letter.",
        ),
        (
            "a class never decided for is left out of the macro average",
            "return np.nan_to_num(per_class).mean(-1)",
            "return np.nanmean(per_class, axis=-1)",
            "A mean over what is defined looks cleaner.",
        ),
        (
            "F1 counts a false decision twice",
            "return _share(2 * tp, 2 * tp + fp + fn)",
            "return _share(2 * tp, 2 * tp + 2 * fp + fn)",
            "The formula is written from memory.",
        ),
        (
            "the paired test divides the spread by the number of draws",
            "t = np.mean(differences) / (np.std(differences, ddof=1) / np.sqrt(n))",
            "t = np.mean(differences) / (np.std(differences) / np.sqrt(n))",
            "NumPy's standard deviation is that of a population.",
        ),
        (
            "images of one patient are independent",
            "return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1]",
            "return np.arange(len(patients))",
            "Images are what is scored.",
        ),
        tests=("tests/shared/comparison/test_metrics.py",),
    ),
    *within(
        "shared/base/wilson.py",
        (
            "Wilson's interval without its centre",
            "centre = (share + z2 / (2 * n)) / (1 + z2 / n)",
            "centre = share",
            "The interval of the textbook is about the share itself.",
        ),
        tests=("tests/shared/comparison/test_metrics.py",),
    ),
)

RUNS = within(
    "shared/comparison/runs.py",
    (
        "demos count as runs",
        "if run.demo == demo and not run.overrides:",
        "if not run.overrides:",
        "Demos are in a folder of their own.",
    ),
    (
        "runs with a field set by hand count as the row's",
        "if run.demo == demo and not run.overrides:",
        "if run.demo == demo:",
        "Their row is the same.",
    ),
    (
        "the probabilities decide where scores do",
        "return np.argmax(self.probabilities if self.scores is None else self.scores, axis=1)",
        "return np.argmax(self.probabilities, axis=1)",
        "Every method but one decides by probability.",
    ),
    (
        "the validation part is scored with the test set",
        "keep = [i for i, name in enumerate(self.split) if name == split]",
        'keep = [i for i, name in enumerate(self.split) if name in (split, "validation")]',
        "More images give narrower intervals.",
    ),
    protocol=True,
    tests=tuple(f"tests/shared/comparison/test_{name}.py" for name in ("results", "answers", "claims")),
)

_ARITHMETIC = (
    "tests/shared/consistency/test_checks.py",
    "tests/shared/consistency/test_honest_tables.py",
    "tests/reproductions/test_basu_reported.py",
)

CONSISTENCY = (
    *within(
        "shared/consistency/f1_scores.py",
        (
            "F1 counts the other class's hits",
            "return recalls[of], (1 - recalls[other]) * counts[other] / counts[of]",
            "return recalls[of], recalls[other] * counts[other] / counts[of]",
            "A recall looks like a rate of decisions.",
        ),
        (
            "a mean F1 is held to be the F1 of mean recalls",
            "apart = _averaging(printed, of, sizes) if _several(numbers, printed, sizes) else 0.0\n    down",
            "apart = 0.0\n    down",
            "For recalls and accuracy a mean may be put in for the numbers.",
        ),
        tests=_ARITHMETIC,
    ),
    *within(
        "shared/consistency/checks.py",
        (
            "specificity from averaged precisions",
            "numbers = [r for r in several if not averaged(r, sizes)]",
            "numbers = several",
            "A mean of quotients looks like a quotient of means.",
        ),
        (
            "an accuracy over folds from recalls over folds",
            'one = [r for r in numbers if sizes.folds == 1 or r.take == "pooled"]',
            "one = numbers",
            "Stratified folds all have the same shares, nearly.",
        ),
        tests=_ARITHMETIC,
    ),
    *within(
        "shared/consistency/spreads.py",
        (
            "a printed spread is rounded and never cut off",
            "(float(r.spread) + 10.0 **",
            "(float(r.spread) + 0.5 * 10.0 **",
            "Everybody rounds.",
        ),
        tests=_ARITHMETIC,
    ),
    *within(
        "shared/consistency/whole_images.py",
        (
            "accuracy counts beside the recalls that it follows from",
            'return [r.metric != "accuracy" or recalls[row] < classes for row, r in rates]',
            "return [True for row, r in rates]",
            "Three printed numbers look like three pieces of evidence.",
        ),
        tests=_ARITHMETIC,
    ),
    *within(
        "shared/consistency/repeated.py",
        (
            "an announced repetition is a contradiction",
            "FITS if announced else MISFIT",
            "MISFIT",
            "Two numbers for one row cannot both be right, one thinks.",
        ),
        tests=_ARITHMETIC,
    ),
)

REPORT = (
    *within(
        "shared/running/runner.py",
        (
            "a training in half precision rests on no deviation",
            "place.paper.in_force(row, runtime.precision)",
            "place.paper.in_force(row)",
            "A row carries its deviations.",
        ),
        tests=("tests/shared/running/test_runner.py",),
    ),
    *within(
        "shared/report/rows.py",
        (
            "the confusion matrix is that of the first draw",
            "    together = pool(runs)",
            "    together = runs[0].predictions",
            "Most rows have one draw.",
        ),
        tests=("tests/shared/report/test_report.py",),
    ),
    *within(
        "shared/report/views.py",
        (
            "a demo has a verdict",
            'return DEMO if self.origin == "demo" else self.comparison.verdict',
            "return self.comparison.verdict",
            "The comparison says that a demo is not comparable.",
        ),
        tests=("tests/shared/report/test_report.py",),
    ),
)

RESULTS = (*METRICS, *RUNS, *CONSISTENCY, *REPORT)
