"""Mistakes from predictions to a verdict: metrics, the spread of draws, the rule, checks and the report."""

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
            "the spread of draws divides by their number",
            "np.std(values, ddof=1) / np.sqrt(n)",
            "np.std(values) / np.sqrt(n)",
            "NumPy's standard deviation is that of a population.",
        ),
        (
            "images of one patient are independent",
            "return np.unique(np.asarray(patients, dtype=str), return_inverse=True)[1]",
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
    tests=("tests/shared/comparison/test_results.py",),
)

PREDICTION = within(
    "shared/comparison/prediction.py",
    (
        "the five-point margin is dropped",
        "CAP = 0.05\n",
        "CAP = 1.0\n",
        "The margin already follows from the claimed effect.",
    ),
    (
        "a margin of the whole effect instead of half",
        "np.nan_to_num(printed.effect / 2)",
        "np.nan_to_num(printed.effect)",
        "An effect is what must be told apart.",
    ),
    (
        "a bound counts on its right side",
        "return np.minimum(value - printed.low, 0.0), value - printed.low",
        "return np.maximum(value - printed.low, 0.0), value - printed.low",
        "The signs of the two bounds are mixed up.",
    ),
    (
        "the noise of the paper's own runs is forgotten",
        "of_draws * (1 / ours.draws + 1 / printed.runs)",
        "of_draws * (1 / ours.draws)",
        "The usual interval of a mean knows one side alone.",
    ),
    (
        "a normal factor for a handful of draws",
        "t = stdtrit(np.maximum(df, 1e-9), 0.5 + LEVEL / 2)",
        "t = NORMAL",
        "1.96 is the number that one remembers.",
    ),
    (
        "the test images of one side are forgotten",
        "NORMAL**2 * (of_images + (printed.images.largest if sure else printed.images.variance))",
        "NORMAL**2 * of_images",
        "Our images are the ones that we have.",
    ),
    (
        "draws that agree have no noise",
        "    of_draws = np.maximum(of_draws, NORMAL**2 * one_image)\n",
        "",
        "A spread of zero is what the draws say.",
    ),
    (
        "a printed spread counts its runs once too often",
        "return Spread((runs - 1) * std**2, runs - 1)",
        "return Spread(runs * std**2, runs)",
        "A sum over runs has as many terms as runs.",
    ),
    (
        "spreads of rows are pooled whatever their rates",
        "relative = sum(spread.squares / each for spread, each in zip(spreads, units, strict=True))",
        "relative = sum(spread.squares / unit for spread in spreads)",
        "Pooling is the sum of squares over the sum of degrees of freedom.",
    ),
    (
        "the largest spread is the smallest",
        "chdtri(df, SURE)",
        "chdtri(df, 1 - SURE)",
        "Nobody remembers which tail a chi-squared quantile counts from.",
    ),
    tests=("tests/shared/comparison/test_rule.py",),
)

RULE = within(
    "shared/comparison/rule.py",
    (
        "agreement means to lie within the margin",
        "agrees = off <= found.w + SLACK",
        "agrees = off <= delta + SLACK",
        "The margin is how near ours should be.",
    ),
    (
        "a noisy result passes",
        "[(agrees & fine) | (found.beyond > found.w), agrees, off <= delta + SLACK]",
        "[agrees | (found.beyond > found.w), agrees, off <= delta + SLACK]",
        "No difference was seen.",
    ),
    (
        "the luck of a few draws that agree is believed",
        "fine = (found.w <= delta + SLACK) & (found.w_largest <= delta_largest + SLACK)",
        "fine = found.w <= delta + SLACK",
        "The width that was seen is the width.",
    ),
    (
        "most draws is more than half of the draws seen",
        "    if draws < 6:",
        "    if draws < 3:",
        "Three draws have a majority.",
    ),
    (
        "a count is close within a half",
        "CLOSE_IF_EXACT = 0.05",
        "CLOSE_IF_EXACT = 0.5",
        "A digit is lost.",
    ),
    tests=("tests/shared/comparison/test_rule.py",),
)

ANSWERS = within(
    "shared/comparison/answers.py",
    (
        "the best draw is chosen by the test set",
        'run.metric("accuracy", None, "validation"), nan=-1.0',
        'run.metric("accuracy", None, "test"), nan=-1.0',
        "The best draw is the one with the best result.",
    ),
    (
        "demos stand in for real runs",
        "min(sets, key=lambda key: (key[0], len(key[1]) > 0, -len(sets[key]), key[1]))",
        "min(sets, key=lambda key: (len(key[1]) > 0, -len(sets[key]), key[1]))",
        "Most draws seems the best choice.",
    ),
    (
        "the worst row is the best",
        '(-1 if r.take == "worst-row" else 1)',
        '(1 if r.take == "worst-row" else 1)',
        "Almost every number is that of the best.",
    ),
    protocol=True,
    tests=("tests/shared/comparison/test_results.py",),
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

RESULTS = (*METRICS, *RUNS, *PREDICTION, *RULE, *ANSWERS, *CONSISTENCY, *REPORT)
