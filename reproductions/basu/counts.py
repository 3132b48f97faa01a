"""`python -m reproductions.basu.counts`: Table I and the sets made from today's metadata, as Markdown.

Below it how far the two sets overlap, of which the paper says nothing.

Needs the label files of the two datasets, not their images.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reproductions.basu.config import PROTOCOLS, ROWS, TableOne
from reproductions.basu.table_one import counts
from shared.paper import reported_by
from shared.running import cli

OVERLAP = {
    "data_b_images_in_training": "Data-B's images in Data-A's training part",
    "data_b_images_in_validation": "Data-B's images in Data-A's validation part",
    "data_b_patients_in_data_a": "Data-B's patients in Data-A",
}
HEADER = ("Table I", "Paper", *(f"`{protocol}`" for protocol in PROTOCOLS))


def lines(data_dir: Path, seed: int = 0) -> list[tuple[str, ...]]:
    """A line per count of Table I, and per overlap."""
    rows = [row for row in ROWS if isinstance(row, TableOne)]
    found = {row.protocol: counts(row, data_dir, seed) for row in rows}
    reported = reported_by(__package__)
    wanted = [(r.metric, r.label, f"{int(r.value):,}") for r in reported if r.place == "Table I"]
    wanted += [(name, label, "") for name, label in OVERLAP.items()]
    return [
        (label, printed, *(f"{found[protocol][name]:,}" for protocol in PROTOCOLS))
        for name, label, printed in wanted
    ]


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        "python -m reproductions.basu.counts", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    args = parser.parse_args()
    body = lines(args.data_dir)
    for cells in (HEADER, ("---",) * len(HEADER), *body):
        print(f"| {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
