"""The paper's claims beyond its numbers, each also under the clean protocol."""

from __future__ import annotations

import numpy as np

from shared.comparison import (
    FAILS,
    HOLDS,
    TAIL,
    Claim,
    ClaimResult,
    ClaimTest,
    Effect,
    RunsByRow,
    all_of,
    beats,
    decide,
    in_most_draws,
    metrics,
)


def most_confused(row: str, pair: tuple[str, str]) -> ClaimTest:
    """The pair's share of a fold's images exceeds that of every other pair of classes, over the folds."""

    def test(runs: RunsByRow, tail: float = TAIL) -> ClaimResult:
        leads = tuple(_lead(run.predictions.of("test"), pair) for run in runs[row])
        said = (
            f"{row}: images confused within {' and '.join(pair)}, minus the next pair, as a share of the fold"
        )
        one_image = 1 / len(runs[row][0].predictions.of("test").true)
        return decide(Effect(leads, grain=one_image), 0.0, said, tail)

    return test


def fewer_parameters(row: str, network: str, other: str) -> ClaimTest:
    """One network has fewer parameters than another: sizes have no noise."""

    def test(runs: RunsByRow, tail: float = TAIL) -> ClaimResult:
        facts = runs[row][0].facts
        own, others = (facts[f"parameters_{name}"] for name in (network, other))
        reason = f"{network} {own:,} against {other} {others:,} parameters"
        return ClaimResult(HOLDS if own < others else FAILS, others - own, reason=reason, draws=1)

    return test


def _lead(predictions, pair: tuple[str, str]) -> float:
    classes = predictions.classes
    counts = metrics.confusion(predictions.true, predictions.decided, len(classes))
    both_ways = np.triu(counts + counts.T, k=1)
    first, second = sorted(classes.index(name) for name in pair)
    own = both_ways[first, second]
    both_ways[first, second] = 0
    return float(own - both_ways.max()) / counts.sum()


def _claims(end: str, note: str) -> tuple[Claim, ...]:
    """The six claims on the rows whose ids end in `end`."""

    def b(network: str, start: str = "detl") -> str:
        return f"{network}-{start}{end}"

    def a(network: str) -> str:
        return f"{network}-data-a{end}"

    controls = [(n, "random") for n in ("alexnet", "vgg16", "resnet50")]
    controls += [(n, "imagenet") for n in ("vgg16", "resnet50")]
    return (
        Claim(
            f"best-network{end}",
            f"On Data-B, VGGNet is the best network{note}",
            "section IV",
            all_of(*(beats(b("vgg16"), b(network)) for network in ("resnet50", "alexnet"))),
        ),
        Claim(
            f"resnet-on-data-a{end}",
            f"ResNet has the best validation accuracy on Data-A{note}",
            "section IV",
            all_of(*(beats(a("resnet50"), a(n), split="validation") for n in ("vgg16", "alexnet"))),
        ),
        Claim(
            f"covid-recall{end}",
            f"VGGNet finds 99% of COVID-19 in most folds{note}",
            "section IV",
            in_most_draws(b("vgg16"), "recall", "COVID-19", 0.99),
        ),
        Claim(
            f"normal-recall{end}",
            f"VGGNet finds 100% of normal in most folds{note}",
            "section IV",
            in_most_draws(b("vgg16"), "recall", "normal", 1.0),
        ),
        Claim(
            f"confused-pair{end}",
            f"VGGNet confuses pneumonia and other disease more than any other two classes{note}",
            "section IV, Fig. 3",
            most_confused(b("vgg16"), ("pneumonia", "other disease")),
        ),
        Claim(
            f"domain-extension{end}",
            f"Training on Data-A first is better than ImageNet's weights and than none{note}",
            "section III-B",
            all_of(*(beats(b(network), b(network, start)) for network, start in controls)),
        ),
    )


SIZES = Claim(
    "sizes",
    "ResNet is smaller than VGGNet, for it has no fully connected layers",
    "section III-B",
    fewer_parameters("table-1", "resnet50", "vgg16"),
)

CLAIMS = (SIZES, *_claims("", ""), *_claims("-clean", ", under the clean protocol"))
