"""Every command that a document shows is understood: its options, its rows and its settings."""

import importlib
import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from reproductions import PAPERS
from reproductions.__main__ import parser
from shared.running import cli
from shared.running.overrides import parse_overrides, settle

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
DOCUMENTS += ROOT.glob("reproductions/*/README.md")
COMMAND = re.compile(r"python -m (reproductions[.\w]*)((?: [^ `\n#][^ `\n]*)*)")
PLACEHOLDER = re.compile(r"\b(NAME|PAPER|ID|K|DIR)\b")


def commands() -> list[str]:
    """Each once, without what has a placeholder in it."""
    texts = [path.read_text(encoding="utf-8") for path in DOCUMENTS]
    shown = [module + words for text in texts for module, words in COMMAND.findall(text)]
    return [command for command in dict.fromkeys(shown) if not PLACEHOLDER.search(command)]


@pytest.mark.parametrize("command", commands())
def test_a_documented_command_is_understood(command):
    module, *words = shlex.split(command)
    _, _, name = module.partition(".")
    if name in PAPERS:
        paper = importlib.import_module(module).PAPER
        args = cli.parser(paper).parse_args(words)
        settle(paper, cli.select(paper, args), parse_overrides(paper, args.set), args.draws)
    elif name:
        assert importlib.util.find_spec(module) and not words
    elif words:
        assert parser().parse_args(words).function
