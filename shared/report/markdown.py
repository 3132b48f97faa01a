"""The simple Markdown of the READMEs, as the report quotes it."""

from __future__ import annotations

import dataclasses
import itertools
import re


@dataclasses.dataclass(frozen=True)
class Block:
    """A piece of a README: a paragraph, list, table or code; Markdown is left only inside its texts."""

    kind: str
    items: tuple


def section(text: str, heading: str) -> str:
    """The body of the first `##` section whose heading matches the pattern; '' where there is none."""
    match = re.search(rf"^##+ +(?:{heading})\b[^\n]*\n(.*?)(?=^##? |\Z)", text, re.M | re.S | re.I)
    return match[1].strip() if match else ""


def deviations(text: str) -> dict[int, str]:
    """The numbered list under `## Deviations`: number -> what it says."""
    body = section(text, "Deviations")
    found = re.findall(r"^(\d+)\. +(.*?)(?=^\d+\. |\n\s*\n(?=\S)|\Z)", body, re.M | re.S)
    return {int(number): " ".join(item.split()) for number, item in found}


def blocks(text: str) -> list[Block]:
    """Paragraphs, lists, pipe tables and fenced code of simple Markdown; comments are left out."""
    found = []
    parts = re.split(
        r"^```[^\n]*\n(.*?)^```[^\n]*$", re.sub(r"<!--.*?-->", "", text, flags=re.S), flags=re.M | re.S
    )
    for prose, code in itertools.zip_longest(parts[::2], parts[1::2]):
        spaced = re.sub(r"^([^\s|*-].*)\n(?=(?:[-*]|\d+\.) |\|)", r"\1\n\n", prose, flags=re.M)
        found += [_block(part.splitlines()) for part in re.split(r"\n\s*\n", spaced) if part.strip()]
        if code:
            found.append(Block("code", (code.rstrip(),)))
    return found


def _block(lines: list[str]) -> Block:
    lines = [line for line in lines if line.strip()]
    if lines[0].lstrip().startswith("|"):
        rows = [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines]
        return Block("table", (rows[0], *(row for row in rows[1:] if not set("".join(row)) <= set("-: "))))
    if re.match(r"\s*([-*]|\d+\.) ", lines[0]):
        items = re.split(r"^\s*(?:[-*]|\d+\.) +", "\n".join(lines), flags=re.M)[1:]
        return Block("list", tuple(" ".join(item.split()) for item in items))
    heading = re.match(r"#+ +(.*)", lines[0])
    return Block("heading", (heading[1],)) if heading else Block("paragraph", (" ".join(lines),))
