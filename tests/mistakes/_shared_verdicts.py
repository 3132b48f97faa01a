"""Mistakes in statistics: intervals, the rule of verdicts, what answers a number, and claims."""

from tests.mistakes._shared_verdicts_more import CLAIMS, INTERVALS, NOISE, SETUP, VERDICTS
from tests.mistakes.mistake import within

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
        "if bdtr(draws - reached, draws, 0.5) <= (1 - LEVEL) / 2:",
        "if share > 0:",
        "Most is a majority.",
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
    tests=("tests/shared/comparison/test_answers.py",),
)

STATISTICS = (*PREDICTION, *RULE, *ANSWERS, *NOISE, *INTERVALS, *CLAIMS, *SETUP, *VERDICTS)
