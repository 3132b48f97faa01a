"""Mistakes in what printed numbers and predictions are said to carry."""

from tests.mistakes.mistake import within

TRUST = (
    *within(
        "shared/trust/printed_claims.py",
        (
            "the larger printed number is support enough",
            "verdict = SUPPORTED if low > boundary else",
            "verdict = SUPPORTED if effect > boundary else",
            "The table shows it.",
        ),
        (
            "a claim's margin is forgotten in the printed numbers",
            'return _larger(*rows, _question(given), given["margin"], printed, tail)',
            "return _larger(*rows, _question(given), 0.0, printed, tail)",
            "To beat is to be larger.",
        ),
        (
            "slack counts against the row that it was meant for",
            'return _larger(*rows, _question(given), -given["slack"], printed, tail)',
            'return _larger(*rows, _question(given), given["slack"], printed, tail)',
            "A sign is easily lost.",
        ),
        (
            "each of many parts may accuse at the full 2.5%",
            'judge(part, printed, tail / len(given["tests"]))',
            "judge(part, printed, tail)",
            "Each part is a claim of its own.",
        ),
        (
            "one part that cannot be decided hides one that is not supported",
            "order = (CONTRADICTED, NOT_SUPPORTED, NOT_DECIDABLE, SUPPORTED)",
            "order = (CONTRADICTED, NOT_DECIDABLE, NOT_SUPPORTED, SUPPORTED)",
            "What is unknown seems the weakest part.",
        ),
        (
            "epochs as claimed count as support",
            'return Judged(NOT_DECIDABLE, f"{shown}, as claimed',
            'return Judged(SUPPORTED, f"{shown}, as claimed',
            "The printed numbers are as the claim says.",
        ),
        (
            "one number that may be of two rows says that they are equal",
            "return number is not None and number is printed.number(b, *question)",
            "return False",
            "Both rows have a number.",
        ),
        tests=("tests/shared/trust/test_printed_claims.py",),
    ),
    *within(
        "shared/trust/intervals.py",
        (
            "only one of the two rows has noise",
            "down = math.hypot(a.low - a_low, b_high - b.high)",
            "down = a.low - a_low",
            "The other row is what is compared with.",
        ),
        (
            "a printed spread is read as that of the mean",
            "rate.std**2 / rate.runs for rate in both",
            "rate.std**2 / rate.runs**2 for rate in both",
            "Standard errors and standard deviations are easily confused.",
        ),
        tests=("tests/shared/trust/test_printed_claims.py",),
    ),
    *within(
        "shared/trust/rates.py",
        (
            "a precision is of all images of its class",
            'if metric in ("ppv", "npv"):',
            'if metric == "npv":',
            "A rate of a class is of the images of that class.",
        ),
        (
            "a spread whose unit is not known counts",
            "if r.spread and not r.spread_unusable:",
            "if r.spread:",
            "It is printed beside the number.",
        ),
        (
            "a second run of the same setting is not looked at",
            "return [r for i, r in enumerate(same) if i == 0 or r.place in repeats]",
            "return same[:1]",
            "One number is enough for a row.",
        ),
        tests=("tests/shared/trust/test_printed_claims.py",),
    ),
    *within(
        "shared/trust/readings.py",
        (
            "a reading agrees where one of its numbers does",
            "return self.agree > 0 and (not self.differ or",
            "return self.agree > 0 or (not self.differ or",
            "No row agrees in everything.",
        ),
        (
            "a demo decides between readings",
            "    real = by_row(runs)\n    found = []",
            "    real = by_row(runs) or by_row(runs, demo=True)\n    found = []",
            "It shows at least something.",
        ),
        tests=("tests/shared/trust/test_readings.py",),
    ),
    *within(
        "shared/trust/calibration.py",
        (
            "the test labels choose the temperature",
            "temperature = fit_temperature(validation)",
            "temperature = fit_temperature(test)",
            "The best temperature for the test set is the best.",
        ),
        (
            "a temperature multiplies",
            "1e-12)) / temperature",
            "1e-12)) * temperature",
            "Both are called a scale.",
        ),
        (
            "what chance adds to small bins counts as an error",
            "max(0.0, self.plain**2 - self.by_chance**2)",
            "max(0.0, self.plain**2)",
            "The error is what the bins show.",
        ),
        (
            "a model that is too sure passes where its mean alone is asked",
            "if abs(gaps.sum()) > half:",
            "if gaps.sum() < -half:",
            "Being sure is no fault.",
        ),
        tests=("tests/shared/trust/test_calibration.py",),
    ),
    *within(
        "shared/trust/prevalence.py",
        (
            "the rates of the test set's own mixture",
            "ill, well = prevalence * sensitivity, (1 - prevalence) * (1 - specificity)",
            "ill, well = sensitivity, 1 - specificity",
            "Precision is what the confusion matrix says.",
        ),
        (
            "the healthy of two classes are the ill",
            'for name in ("specificity", "sensitivity")]',
            'for name in ("sensitivity", "specificity")]',
            "A sensitivity is a sensitivity.",
        ),
        (
            "five draws of one test set are five test sets",
            "wilson(value, len(np.unique(owner)), LEVEL)",
            "wilson(value, len(owner), LEVEL)",
            "Every prediction is a decision.",
        ),
        tests=("tests/shared/trust/test_prevalence.py",),
    ),
    *within(
        "shared/trust/leaks.py",
        (
            "images that chose the model are not looked at for copies",
            'if part != "test" for name in names}',
            'if part == "training" for name in names}',
            "Only training sees images.",
        ),
        (
            "unknown patients are one patient",
            "if patient.get(name) and owned.get(patient[name], set()) - {name}",
            'if owned.get(patient.get(name, ""), set()) - {name}',
            "An empty name is a name.",
        ),
        (
            "a copy that augmentation made is a new image",
            "seen = np.array([name.partition(COPY)[0] in found.seen",
            "seen = np.array([name in found.seen",
            "Its pixels are new.",
        ),
        (
            "a pair counts where the test image comes second",
            "for ends in ((a, b), (b, a))]",
            "for ends in ((b, a),)]",
            "The finder lists the original first.",
        ),
        (
            "a clean row is held against the published one's demo",
            'real = by_row(run for run in runs if len(run.of("test").true))',
            "real = by_row(run for run in runs) | by_row(runs, demo=True)",
            "A demo is a run.",
        ),
        protocol=True,
        tests=("tests/shared/trust/test_leaks.py",),
    ),
    *within(
        "data_builders/turned.py",
        (
            "a mirrored look keeps its directions",
            "[..., -np.arange(8)]",
            "[..., np.arange(8)]",
            "The grid is turned round already.",
        ),
        (
            "features that agree on a map are enough",
            "return (warp, score) if score >= SAME else None",
            "return warp, score",
            "Fourteen features do not agree by chance.",
        ),
        (
            "organs alike are the same picture",
            "return (image - shading)[seen]",
            "return image[seen]",
            "The correlation of pixels is plain to see.",
        ),
        (
            "pictures are turned as if all were square",
            "size = (longer, round(longer / aspect)) if aspect > 1 else (round(longer * aspect), longer)",
            "size = (longer, longer)",
            "Squares are what comes in.",
        ),
        (
            "mirrored pictures are not sought among the turned ones",
            "((False, as_they_are), (True, turned))",
            "((False, as_they_are),)",
            "A turn is a turn.",
        ),
        tests=("tests/data_builders/test_turned.py",),
    ),
)
