"""The second part of the catalogue `_shared_verdicts.py`."""

from tests.mistakes.mistake import within

NOISE = within(
    "shared/comparison/noise.py",
    (
        "a recall is a share of all images",
        "members = decided_on(predictions, metric, class_name)",
        "members = np.ones(len(predictions.true), bool)",
        "The split has so many images.",
    ),
    (
        "images are counted where patients are known",
        "return float(images.sum() ** 2 / max((images**2).sum(), 1))",
        "return float(members.sum())",
        "n is the number of images.",
    ),
    (
        "a patient with most of the images is one of many",
        "return float(images.sum() ** 2 / max((images**2).sum(), 1))",
        "return float((images > 0).sum())",
        "Patients are what is independent.",
    ),
    (
        "McNemar's test counts an image once for each draw",
        "gained[owner] = gained.get(owner, 0.0) + gain",
        'gained[f"{owner} {len(gained)}"] = gain',
        "All decisions are pooled.",
    ),
    (
        "two rows that decide alike differ for sure by nothing",
        " + 2 * (total / n) ** 2) / total**2)",
        ") / total**2)",
        "No image differs.",
    ),
    tests=("tests/shared/comparison/test_intervals.py", "tests/shared/comparison/test_claims.py"),
)

INTERVALS = within(
    "shared/comparison/intervals.py",
    (
        "draws that share a test set are taken for test sets of their own",
        "        if self.shared:\n            return float(np.sqrt(of_draws / n + of_images))\n",
        "",
        "Five draws are five results.",
    ),
    (
        "draws that agree leave nothing open",
        "return float(np.sqrt(max(of_draws, of_images) / n))",
        "return float(np.sqrt(of_draws / n))",
        "Student's interval is that of the draws.",
    ),
    (
        "draws are paired by their order",
        "others = {run.dealt: run for run in worse}",
        "others = {b.dealt: w for b, w in zip(better, worse, strict=False)}",
        "Lists of equal length go side by side.",
    ),
    (
        "draws of two seeds are one draw",
        "others = {run.dealt: run for run in worse}\n"
        "    return [(run, others[run.dealt]) for run in better if run.dealt in others]",
        "others = {run.draw: run for run in worse}\n"
        "    return [(run, others[run.draw]) for run in better if run.draw in others]",
        "A draw has a number.",
    ),
    tests=("tests/shared/comparison/test_intervals.py", "tests/shared/comparison/test_claims.py"),
)

CLAIMS = within(
    "shared/comparison/claims.py",
    (
        "one draw decides a claim",
        "    if draws < 2:",
        "    if draws < 1:",
        "The test images give an interval too.",
    ),
    (
        "a claim of several parts holds if one does",
        "verdict = FAILS if FAILS in verdicts else",
        "verdict = HOLDS if HOLDS in verdicts else",
        "What any part shows counts for the whole.",
    ),
    (
        "each of many parts may fail a claim at the full level",
        "parts = [part(runs, tail / len(tests)) for part in tests]",
        "parts = [part(runs, tail) for part in tests]",
        "A part is a claim like any other.",
    ),
    (
        "the part with the smallest effect is shown",
        "key=lambda part: np.nan_to_num(part.clearance, nan=-np.inf)",
        "key=lambda part: part.effect",
        "The weakest part is the smallest.",
    ),
    (
        "runs on other data decide claims",
        "usable = {row: found for row, found in real.items() if row not in elsewhere}",
        "usable = real",
        "They are real runs without overrides.",
    ),
    (
        "a margin is forgotten",
        "return decide(found, margin, said, tail)",
        "return decide(found, 0.0, said, tail)",
        "To beat means to be better.",
    ),
    tests=("tests/shared/comparison/test_claims.py",),
)

SETUP = within(
    "shared/comparison/setup.py",
    (
        "a spread without a unit counts",
        "not r.spread_unusable and ",
        "",
        "It is printed.",
    ),
    (
        "the selected run is a mean over folds",
        "averaged = 1 if r.design == SELECTED else ours.draw_count",
        "averaged = max(ours.draw_count, r.runs, 5)",
        "Five folds were run.",
    ),
    (
        "the paper's test set is as large as ours",
        "    n_theirs = n if n_printed is None else n_printed * min(n / max(ours.n, 1), 1.0)",
        "    n_theirs = n",
        "The data are the same.",
    ),
    (
        "a printed spread that our draws contradict is believed",
        "    if _exceed([own, *ours], [*stated, *printed]):",
        "    if _exceed([own], []):",
        "The paper knows its own runs.",
    ),
    (
        "spreads that contradict each other cost the row its own ±",
        "        ours, believed, printed = [], stated, []",
        "        ours, believed, printed = [], [], []",
        "Ours are the ones that we know.",
    ),
    (
        "steady rows make another one steady",
        "return Spread(max(float(pooled.variance()), float(own.variance())) * pooled.df, pooled.df)",
        "return pooled",
        "A pooled spread rests on more draws.",
    ),
    (
        "spreads of other tables are pooled",
        "return r.place, r.metric, r.class_name",
        'return "", r.metric, r.class_name',
        "More draws give a better spread.",
    ),
    tests=(
        "tests/shared/comparison/test_spreads.py",
        "tests/shared/comparison/test_verdicts.py",
        "tests/shared/comparison/test_answers.py",
    ),
)

VERDICTS = within(
    "shared/comparison/verdicts.py",
    (
        "a candidate that ran counts as the paper's",
        "    if missing:\n        waiting",
        "    if missing and not ran:\n        waiting",
        "One result is better than none.",
    ),
    (
        "the printed window is not asked in most draws",
        "sum(value / r.scale >= r.window[0] - 1e-9 for value in ours.values)",
        "sum(value / r.scale > r.number for value in ours.values)",
        "To reach a number is to exceed it.",
    ),
    tests=(
        "tests/shared/comparison/test_spreads.py",
        "tests/shared/comparison/test_verdicts.py",
        "tests/shared/comparison/test_answers.py",
    ),
)
