"""A mistake that a person could make, planted in the code to see whether a test fails.

A catalogue is `tests/mistakes/<paper>.py`, or `shared.py` for what the papers have in common, with a tuple
MISTAKES. `python -m tests.mistakes <paper>` plants them one at a time and names the test that fails.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
HELPERS = ("tests/conftest.py", "tests/reproductions/[!t]*.py", "tests/shared/*/[!t]*.py")


@dataclass(frozen=True)
class Mistake:
    """One change of the code that must make a test fail."""

    name: str
    file: str
    """From the repository's root."""
    text: str
    """The part of the file that is replaced; it must be there exactly once."""
    replacement: str
    why: str
    """One sentence: why a person would make it."""
    protocol: bool = False
    """Whether it changes who is trained on or scored, weights, rates, augmentation, freezing, classes, seeds
    or the keys of stages; a slip in arithmetic, a message or a table does not."""
    tests: tuple[str, ...] = ()
    """The test files that come first; those that mirror the file come after them."""

    def applies(self, root: Path = ROOT) -> bool:
        """Whether its text is in its file exactly once."""
        path = root / self.file
        return path.is_file() and path.read_text(encoding="utf-8").count(self.text) == 1

    def planted(self, root: Path = ROOT) -> str:
        """The file's text with the mistake."""
        return (root / self.file).read_text(encoding="utf-8").replace(self.text, self.replacement)

    def matters(self, root: Path = ROOT) -> list[str]:
        """The test files to run, the nearest first."""
        return list(dict.fromkeys([*self.tests, *_mirrored(self.file, root)]))

    def key(self, root: Path = ROOT) -> str:
        """A hash of the mistake and of all that decides whether it is caught."""
        digest = hashlib.sha256(repr(self).encode())
        for path in sorted(self._sources(root)):
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
        return digest.hexdigest()[:20]

    def _sources(self, root: Path) -> Iterable[Path]:
        parts = Path(self.file).parts
        own = "/".join(parts[:2]) if parts[0] == "reproductions" and len(parts) > 2 else "reproductions"
        for folder in ("data_builders", "shared", own):
            for kind in ("*.py", "*.csv", "*.md"):
                yield from (root / folder).rglob(kind)
        for pattern in (*HELPERS, *self.matters(root)):
            yield from root.glob(pattern)


def _mirrored(file: str, root: Path) -> list[str]:
    """The tests of a module's folder, the module's own first; of a paper, its protocol first."""
    path = Path(file)
    if path.parts[0] == "reproductions" and len(path.parts) > 2:
        found = (root / "tests/reproductions").glob(f"test_{path.parts[1]}_*.py")
        near = ("protocol", path.stem)
    else:
        found = (root / "tests" / path.parent).glob("test_*.py")
        near = (path.stem,)
    names = sorted(str(each.relative_to(root)) for each in found)
    first = [name for part in near for name in names if Path(name).stem.endswith(f"_{part}")]
    return list(dict.fromkeys(first + names))


def catalogues() -> list[str]:
    """The names of all catalogues."""
    return sorted(
        path.stem for path in FOLDER.glob("[a-z]*.py") if "\nMISTAKES = (" in path.read_text(encoding="utf-8")
    )


def load(name: str) -> tuple[Mistake, ...]:
    """A catalogue's mistakes."""
    return importlib.import_module(f"tests.mistakes.{name}").MISTAKES


def within(
    file: str, *entries: tuple[str, str, str, str], protocol: bool = False, tests: tuple[str, ...] = ()
) -> tuple[Mistake, ...]:
    """Several mistakes in one file, each as (name, text, replacement, why)."""
    return tuple(
        Mistake(name, file, text, replacement, why, protocol, tests)
        for name, text, replacement, why in entries
    )
