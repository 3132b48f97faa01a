"""What held of a paper and what did not, in plain words, for its README."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.comparison import FAILS, HOLDS, INCONCLUSIVE, Claim, ClaimResult, Comparison
from shared.report.summaries import numbers, own
from shared.report.wording import metric_name, obtained_text, reported_text

SHOWN = 4
"""Numbers that are named of one kind; the others are counted."""
SAID = {
    "REPRODUCED": "Held",
    "CLOSE": "Close, with a small difference",
    "NOT REPRODUCED": "Did not hold",
    "INCONCLUSIVE": "Open, for want of draws or images",
}
WAITING = {"NOT RUN": "not run yet", "NOT COMPARABLE": "with nothing to compare"}


def held(lines: Sequence[Comparison], checked: Iterable[tuple[Claim, ClaimResult]]) -> str:
    """A list: the numbers with a verdict by kind, the claims, how sure that is, and how many wait."""
    counted = own(lines)
    kinds = {said: [line for line in counted if line.verdict == verdict] for verdict, said in SAID.items()}
    items = [f"**{said}: {numbers(len(found))}.** {_named(found)}." for said, found in kinds.items() if found]
    items = items or ["**Nothing has a verdict yet.**"]
    items += [*_claims(checked), *_sure(counted)]
    left = [(sum(line.verdict == verdict for line in counted), said) for verdict, said in WAITING.items()]
    items += [f"{numbers(count)} {said}." for count, said in left if count]
    return "".join(f"- {item}\n" for item in items)


def _named(lines: Sequence[Comparison]) -> str:
    """Each with its place, the printed and the obtained value."""
    named = [_number(line) for line in lines[:SHOWN]]
    more = len(lines) - len(named)
    return "; ".join([*named, *([f"and {more} more"] if more else [])])


def _number(line: Comparison) -> str:
    r = line.reported
    name = metric_name(r.metric, r.split) + (f" of {r.class_name}" if r.class_name else "")
    return f"{r.place}, {r.label} ({name}): printed {reported_text(line)}, obtained {obtained_text(line)}"


def _claims(checked: Iterable[tuple[Claim, ClaimResult]]) -> list[str]:
    """The claims that runs tell something about."""
    words = {HOLDS: "holds", FAILS: "fails", INCONCLUSIVE: "stays open"}
    told = [(claim, words[result.verdict]) for claim, result in checked if result.verdict in words]
    return [f"Claim “{claim.text}”: {said} ({claim.place})." for claim, said in told]


def _sure(lines: Sequence[Comparison]) -> list[str]:
    """How many of the verdicts chance would turn."""
    noisy = [line for line in lines if line.verdict in SAID and line.reported.design]
    exact = [line for line in lines if line.verdict in SAID and not line.reported.design]
    said = [f"{len(exact)} of these are sizes and counts, which have no noise"] if exact else []
    if noisy:
        chance = f"{0.05 * len(noisy):.1f}"
        said += [
            f"{len(noisy)} have noise: if all were exact repeats, chance would call up to {chance} close "
            "or not reproduced, those of one row together"
        ]
    return [f"How sure: {'; '.join(said)}."] if said else []
