"""What a claim may be found to be by printed numbers, the rule, and the assumptions that are named."""

from __future__ import annotations

import dataclasses

SUPPORTED, NOT_SUPPORTED = "supported", "not supported"
CONTRADICTED, NOT_DECIDABLE = "contradicted", "not decidable"
VERDICTS = (SUPPORTED, NOT_SUPPORTED, CONTRADICTED, NOT_DECIDABLE)

PRINTED_RULE = """\
Each claim is asked of the paper's own printed numbers, at its own boundary: two equal rows for "beats", the
stated distance for "within", the slack for "at least". It is supported when the whole 95% interval of its
effect lies on the claim's side, contradicted when all of it lies on the other side, and not supported when
it covers both. It is not decidable where the paper prints no rate for it. A claim of several parts is
contradicted if one part is (at 2.5% divided by the number of parts), else not supported if one part is not,
else not decidable if one part is not; the part that decides is shown."""

DIFFERENT = "the two rows are taken as scored on different images"
SAME_NETWORKS = "it speaks of these trained networks alone"
FROM_SPREAD = "how much runs differ is taken from the printed numbers"
EXACT = "the other number is taken as exact"
FEWEST = "of the images decided so, the fewest that the digits allow"
ASSUMPTIONS = {
    DIFFERENT: "Which images both rows were scored on, and how their errors fall together, is not printed. "
    "Two models of one kind err on the same images more often than by chance, so that this is the wider "
    "interval. It would be too narrow only if each erred where the other does not.",
    SAME_NETWORKS: "Nothing usable is printed of how much a second training would differ.",
    FROM_SPREAD: "A printed ± counts where it is larger than the noise of images; two announced runs of one "
    "setting count for all rows of the paper.",
    EXACT: "The number of other work has noise of its own, which would widen the interval.",
    FEWEST: "A precision is a share of the images decided for a class, and their number is not printed.",
}
INDEPENDENT = (
    "Every image counts as independent of the others. Slices of one patient are not, so that the true "
    "intervals are wider: what is not supported here would not be with patients either."
)


@dataclasses.dataclass(frozen=True)
class Judged:
    """A claim, or a part of one, with its effect, interval, words and the assumptions that were made."""

    verdict: str
    text: str
    effect: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    clearance: float = float("nan")
    """How far the effect lies on the claim's side, in half-widths of its interval."""
    assumed: tuple[str, ...] = ()
