"""The figure of rates that are no shares of the stated test set's images."""

from __future__ import annotations

from matplotlib.figure import Figure

from shared.consistency.printed import PrintedSet
from shared.consistency.shares import ALLOWED, Distances
from shared.report.canvas import BLUE, GREEN, INK, RED, panels


def two_readings(stated: Distances, asked: Distances) -> Figure:
    """Under both test sets, each printed rate and its distance from the nearest share that is possible."""
    figure, (left, right) = panels(2, 2, 4.6, 3.1, "")
    most = max(map(abs, (*stated.digits, *asked.digits, 2))) * 1.08
    for axes, found, words in (
        (left, stated, "as the text states"),
        (right, asked, "what the rates ask for"),
    ):
        axes.axhspan(*ALLOWED, color=GREEN, alpha=0.18, linewidth=0)
        inside = [ALLOWED[0] - 1e-6 <= each < ALLOWED[1] - 1e-6 for each in found.digits]
        for fits, colour, marker in ((True, BLUE, "o"), (False, RED, "D")):
            chosen = [k for k, is_inside in enumerate(inside) if is_inside == fits]
            places = [found.percent[k] for k in chosen], [found.digits[k] for k in chosen]
            axes.plot(*places, marker, color=colour, markersize=4.5, alpha=0.85, markeredgewidth=0)
        count = f"{found.fitting} of {len(found.digits)} rates fit"
        axes.set_title(f"{_size(found.sizes)}, {words}:\n{count}", fontsize=9.5, color=INK)
        axes.set_ylim(-most, most)
        axes.set_xlabel("printed rate, %", fontsize=9)
        axes.grid(alpha=0.2)
    left.set_ylabel("distance from the nearest share,\nin units of the last digit", fontsize=9)
    return figure


def _size(sizes: PrintedSet) -> str:
    return f"{sizes.draws} × {sizes.total} images"


def sentence(title: str, stated: Distances, asked: Distances) -> str:
    """The finding in a sentence for each test set."""
    rates = len(asked.digits)
    return (
        f"**{asked.fitting} of the {rates} rates that {title} prints for one data set are whole numbers "
        f"of images if each is a mean over {_of_whole(asked.sizes)}. Of the {_of_whole(stated.sizes)} that "
        f"the text states, only {stated.fitting} are.**{_rivals(asked)} Nothing has to be run to see it."
    )


def _rivals(asked: Distances) -> str:
    """A sentence for each other test set that fits as well."""
    said = ""
    for sizes, too_small in asked.rivals:
        against = f", but {too_small} of the printed ± would be too small for them" if too_small else ""
        said += f" Of {_of_whole(sizes)} {asked.fitting} are too{against}."
    return said


def _of_whole(sizes: PrintedSet) -> str:
    whole = sum(sizes.whole.values())
    share = f" ({100 * sizes.total / whole:.0f}%)" if whole else ""
    return f"{sizes.draws} draws of {sizes.total} images{share}"


def caption(stated: Distances, asked: Distances) -> str:
    """What the figure shows, in words."""
    return (
        f"Each dot is one of {len(stated.digits)} printed rates. In the green band it is a whole number of "
        f"images, rounded or cut off. Of {_size(stated.sizes)}, {stated.fitting} are; "
        f"of {_size(asked.sizes)}, {asked.fitting}."
    )
