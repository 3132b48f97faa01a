"""The papers: each folder in here is one, and exports it as `PAPER`."""

from pathlib import Path

PAPERS = tuple(sorted(file.parent.name for file in Path(__file__).parent.glob("*/__init__.py")))
