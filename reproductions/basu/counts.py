"""`python -m reproductions.basu.counts`: Table I beside the sets made from today's metadata, as Markdown.

Needs the label files of the two datasets, not their images.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from data_builders import catalog
from reproductions.basu import data
from reproductions.basu.config import PROTOCOLS, ROWS
from shared import cli
from shared.results import load_reported

HEADER = ("Table I", "Paper", *(f"`{protocol}`" for protocol in PROTOCOLS))


def lines(data_dir: Path, seed: int = 0) -> list[tuple[str, ...]]:
    """A line per count of Table I."""
    nih, covid = (catalog.metadata(name, data_dir) for name in ("chest_xray14", "covid_chestxray"))
    found = {}
    for protocol in PROTOCOLS:
        row = next(row for row in ROWS if row.seen == "data-b" and row.protocol == protocol)
        counted = data.counts_b(data.images_b(row, nih, covid, seed).labels)
        found[protocol] = data.counts_a(data.split_of_a(row, nih, seed)) | counted
    reported = load_reported(Path(__file__).with_name("reported.csv"))
    return [
        (r.label, f"{int(r.value):,}", *(f"{found[protocol][r.metric]:,}" for protocol in PROTOCOLS))
        for r in reported
        if r.place == "Table I"
    ]


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser("python -m reproductions.basu.counts", description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    args = parser.parse_args()
    body = lines(args.data_dir)
    for cells in (HEADER, ("---",) * len(HEADER), *body):
        print(f"| {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
