"""What came out: reported against obtained, on the screen and in files next to the runs."""

from __future__ import annotations

from collections.abc import Sequence

from shared.base import screen
from shared.base.errors import UserError
from shared.base.files import write_bytes, write_text
from shared.comparison import Comparison, Obtained, Run, by_row, compare, obtain
from shared.report import figures, results, terminal
from shared.report.canvas import png_bytes
from shared.running.places import Place


def summarise(place: Place, row_ids: Sequence[str], lost: Sequence[str]) -> list[Comparison]:
    """Prints the results, as much as the window shows; writes all of it, with figures, next to the runs."""
    runs, left_out = results.find([place.paper], place.root if not place.demo else place.root.parent)
    own = [run for run in runs if run.paper == place.paper.name and run.demo == place.demo]
    reported = place.paper.reported()
    comparisons = [
        c for c in compare(reported, own, place.paper.printed_sets) if set(c.reported.rows) & set(row_ids)
    ]
    told = {row for c in comparisons if c.obtained for row in c.reported.rows}
    others = obtain(reported, [run for run in own if run.row in set(row_ids) - told])
    print("\n" + _text(place, comparisons, others, screen.width()) + "\n")
    try:
        _keep(place, own, comparisons, _text(place, comparisons, others, 0))
    except UserError as error:  # finished draws can be looked at where nothing can be written
        print(f"not kept: {error}")
    for folder, reason in left_out:
        print(f"left out: {folder}: {reason}")
    if lost:
        print("\nWithout a result:", *lost, sep="\n  - ")
    return comparisons


def _heading(place: Place) -> str:
    return f"{place.paper.title}: reported against obtained"


def _text(place: Place, comparisons: Sequence[Comparison], others: Sequence[Obtained], width: int) -> str:
    """The tables, whole or for a window."""
    parts = ["DEMO – synthetic images, no verdicts\n" * place.demo + _heading(place)]
    parts += [terminal.comparison_table(comparisons, width)] if comparisons else []
    parts += ["Without a number to compare with:", terminal.obtained_table(others, width)] if others else []
    return "\n\n".join(parts)


def _keep(place: Place, own: Sequence[Run], comparisons: Sequence[Comparison], text: str) -> None:
    folder = place.root / place.paper.name
    drawn = _pictures(place, own, comparisons, _heading(place))
    write_text(folder / "comparison.txt", f"{text}\n")
    for name, figure in drawn.items():
        write_bytes(folder / f"{name}.png", png_bytes(figure, demo=place.demo))
    names = ", ".join(["comparison.txt", *(f"{name}.png" for name in drawn)])
    print(f"Written to {folder}/: {names} and the run folders.")


def _pictures(place: Place, own: Sequence[Run], comparisons: Sequence[Comparison], heading: str) -> dict:
    """name -> figure: the rates compared, and the paper's figures over several rows."""
    rates = [c for c in comparisons if c.obtained is not None and c.reported.unit in ("%", "fraction")]
    found = {"comparison": _figure(rates, heading)} if rates else {}
    if place.paper.figures:
        drawn = place.paper.figures(by_row(own, place.demo))
        found |= {name: figure for name, (figure, _) in drawn.items()}
    return found


def _figure(rates: Sequence[Comparison], heading: str):
    scale = [100 if c.reported.unit == "fraction" else 1 for c in rates]
    return figures.reported_against_obtained(
        [f"{' '.join(c.reported.rows)} {terminal.quantity(c.reported)}" for c in rates],
        [float(c.reported.value) * s for c, s in zip(rates, scale, strict=True)],
        [c.mean * s for c, s in zip(rates, scale, strict=True)],
        [(c.interval[0] * s, c.interval[1] * s) for c, s in zip(rates, scale, strict=True)],
        title=heading,
    )
