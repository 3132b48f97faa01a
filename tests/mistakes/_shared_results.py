"""Mistakes in metrics, runs, checks and the report."""

from tests.mistakes.mistake import within

METRICS = (
    *within(
        "shared/comparison/metrics.py",
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
    tests=("tests/shared/comparison/test_results.py", "tests/shared/comparison/test_answers.py"),
)

CONSISTENCY = within(
    "shared/consistency/checks.py",
    (
        "F1 counts the other class's hits",
        "hit, false = recalls[of] * counts[of], (1 - recalls[other]) * counts[other]",
        "hit, false = recalls[of] * counts[of], recalls[other] * counts[other]",
        "A recall looks like a rate of decisions.",
    ),
    tests=("tests/shared/consistency/test_checks.py",),
)

REPORT = (
    *within(
        "shared/report/rows.py",
        (
            "shares of the confusion matrix are of the decided class",
            "counts.sum(axis=1, keepdims=True)",
            "counts.sum(axis=0, keepdims=True)",
            "Axis 0 is what one sums over first.",
        ),
        (
            "the confusion matrix is that of the first draw",
            "    together = pool(runs)",
            "    together = runs[0].predictions",
            "Most rows have one draw.",
        ),
        tests=("tests/shared/report/test_report.py",),
    ),
    *within(
        "shared/report/papers.py",
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
