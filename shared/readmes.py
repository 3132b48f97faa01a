"""The papers' README files: what the report quotes from them, and the tables written into them.

A table stands between `<!-- table: name -->` and `<!-- /table -->` and is made from reported.csv and
obtained.csv alone, so that a clone without any run can check it.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from shared import metrics
from shared.paper import Paper, UserError
from shared.results import (
    VERDICT_RULE,
    VERDICTS,
    Comparison,
    Obtained,
    compare,
    load_obtained,
    load_reported,
)

README, REPORTED, OBTAINED = "README.md", "reported.csv", "obtained.csv"
SIGNS = {
    "REPRODUCED": "✓",
    "CLOSE": "≈",
    "NOT REPRODUCED": "✗",
    "INCONCLUSIVE": "?",
    "NOT RUN": "–",
    "NOT COMPARABLE": "∅",
    "HOLDS": "✓",
    "FAILS": "✗",
    "DEMO": "△",
    "fits": "✓",
    "fits one reading": "≈",
    "does not fit": "✗",
}
"""Each verdict's sign: it is never told by colour alone."""
RECORDED = ("Row", "Set by hand", "Draws", "Obtained (95% interval)", "Run time", "Date")

_TABLE = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- /table -->)", re.DOTALL)


# --- the tables ------------------------------------------------------------------------------------------


def render_readmes(papers: Iterable[Paper], root: Path) -> list[Path]:
    """Writes the tables into the READMEs under the repository's root; returns the files that changed."""
    changed = list(_rendered(papers, root))
    for path, text in changed:
        path.write_text(text, encoding="utf-8")
    return [path for path, _ in changed]


def stale_readmes(papers: Iterable[Paper], root: Path) -> list[Path]:
    """The READMEs that `render_readmes` would change."""
    return [path for path, _ in _rendered(papers, root)]


def _rendered(papers: Iterable[Paper], root: Path) -> Iterable[tuple[Path, str]]:
    papers = list(papers)
    folders = {paper.name: Path(root) / paper.package.replace(".", "/") for paper in papers}
    recorded = {name: load_obtained(folder / OBTAINED) for name, folder in folders.items()}
    compared = {
        name: compare(load_reported(folder / REPORTED), recorded[name]) for name, folder in folders.items()
    }
    tables = {"overview": lambda: overview_table(papers, compared), "verdict-rule": verdict_rule}
    yield from _changed(Path(root) / README, tables)
    for paper in papers:
        lines = compared[paper.name]
        tables = {
            "reported-against-obtained": lambda lines=lines: comparison_table(lines),
            "obtained": lambda name=paper.name: obtained_table(recorded[name]),
            "verdicts": lambda lines=lines: verdict_counts(lines) + "\n",
            "verdict-rule": verdict_rule,
        }
        yield from _changed(folders[paper.name] / README, tables)


def _changed(path: Path, tables: dict[str, Callable[[], str]]) -> Iterable[tuple[Path, str]]:
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")

    def filled(match: re.Match) -> str:
        if match[2] not in tables:
            raise UserError(f"{path}: no table '{match[2]}'; there are {', '.join(sorted(tables))}")
        return f"{match[1]}{tables[match[2]]()}{match[3]}"

    new = _TABLE.sub(filled, text)
    if new != text:
        yield path, new


def comparison_table(lines: Sequence[Comparison]) -> str:
    """One line per reported number."""
    header = (
        "Place",
        "Row",
        "Class",
        "Metric",
        "Reported",
        "Obtained",
        "95% interval",
        "n × draws",
        "Verdict",
    )
    return _table(header, [_comparison_cells(line) for line in lines])


def _comparison_cells(line: Comparison) -> tuple[str, ...]:
    r = line.reported
    return (
        r.place,
        r.label,
        r.class_name,
        metric_name(r.metric, r.split),
        reported_text(line),
        obtained_text(line),
        interval_text(line),
        n_text(line),
        f"{SIGNS[line.verdict]} {line.verdict.lower()}: {line.reason}",
    )


def obtained_table(recorded: Iterable[Obtained]) -> str:
    """One line per row that is recorded, with all that is recorded of it."""
    return _table(RECORDED, recorded_rows(recorded))


def recorded_rows(recorded: Iterable[Obtained]) -> list[tuple[str, ...]]:
    """Under the heads of `RECORDED`: also what the paper prints no number for."""
    rows: dict[tuple, list[Obtained]] = {}
    for entry in recorded:
        if " " not in entry.row:  # a number that several rows answer stands in the other table
            rows.setdefault((entry.row, entry.overrides, entry.take), []).append(entry)
    return [_obtained_cells(entries) for entries in rows.values()]


def _obtained_cells(entries: Sequence[Obtained]) -> tuple[str, ...]:
    first = entries[0]
    draws = f"{first.draw_count} of {first.wanted_draws}"
    draws = {"best-validation": "best on validation", "pooled": f"{draws}, pooled"}.get(first.take, draws)
    cells = first.row, first.overrides, draws, "; ".join(map(_recorded_text, entries))
    return (*cells, f"{first.seconds:,.0f} s", first.date)


def _recorded_text(entry: Obtained) -> str:
    name = metric_name(entry.metric, entry.split) + (f" {entry.class_name}" if entry.class_name else "")
    percent = entry.unit == "fraction"
    scale, digits = (100, 1) if percent else (1, 1 if abs(entry.value) < 1000 else 0)
    value, low, high = (f"{scale * v:,.{digits}f}" for v in (entry.value, entry.low, entry.high))
    unit = "%" if percent else _unit(entry.unit)
    return f"{name} {value}{unit}" + (f" ({low} to {high})" if entry.low < entry.high else "")


def overview_table(papers: Sequence[Paper], compared: dict[str, list[Comparison]]) -> str:
    """One line per paper: how many numbers it reports, and how many have which verdict."""
    header = ("Paper", "Numbers", *(f"{SIGNS[v]} {v.lower()}" for v in VERDICTS))
    rows = []
    for paper in papers:
        lines = compared[paper.name]
        link = f"[{paper.title}]({paper.package.replace('.', '/')}/{README})"
        counts = [sum(line.verdict == verdict for line in lines) for verdict in VERDICTS]
        rows.append((link, str(len(lines)), *map(str, counts)))
    return _table(header, rows)


def verdict_counts(lines: Sequence[Comparison]) -> str:
    """'12 reproduced, 3 close, …': the verdicts there are, in the rule's order."""
    counts = [(sum(line.verdict == verdict for line in lines), verdict) for verdict in VERDICTS]
    return ", ".join(f"{count} {verdict.lower()}" for count, verdict in counts if count)


def verdict_rule() -> str:
    """The rule, as a quotation."""
    return "".join(f"> {line}\n" for line in VERDICT_RULE.splitlines())


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(_escaped, cells)) + " |\n" for cells in lines)


def _escaped(cell: str) -> str:
    return " ".join(cell.replace("|", "\\|").split())


# --- numbers in words ------------------------------------------------------------------------------------


def metric_name(metric: str, split: str) -> str:
    """A metric as people write it, with its split unless that is the test set."""
    known = {"ppv": "PPV", "npv": "NPV", "f1": "F1", "auc": "AUC", "ece": "ECE", "weights_mb": "weights"}
    name = known.get(metric, metric.replace("_", " "))
    return name if split == "test" or split in name else f"{name} ({split})"


def reported_text(line: Comparison) -> str:
    """The printed number with its operator, spread and unit."""
    r = line.reported
    if not r.value:
        return "a bar"
    operator = "" if r.operator == "=" else f"{r.operator} "
    spread = f" ± {r.spread}" if r.spread else ""
    return f"{operator}{r.value}{spread}{_unit(r.unit)}"


def obtained_text(line: Comparison) -> str:
    """Our mean with its spread over draws, in the printed number's digits."""
    if line.obtained is None:
        return ""
    spread = f" ± {_number(line.std, line)}" if line.std == line.std and not _exact(line) else ""
    return f"{_number(line.mean, line)}{spread}{_unit(line.reported.unit)}"


def interval_text(line: Comparison) -> str:
    """Our interval, or nothing where there is none."""
    low, high = line.interval
    if low != low or high != high or _exact(line):
        return ""
    return f"{_number(low, line)} to {_number(high, line)}"


def _exact(line: Comparison) -> bool:
    """A size that every draw has alike: it has no spread and no interval."""
    return line.std == 0 and not metrics.is_metric(line.reported.metric)


def n_text(line: Comparison) -> str:
    """Images of one draw × draws; what is no share of images has draws alone."""
    if line.obtained is None:
        return ""
    if not metrics.is_metric(line.reported.metric):
        return f"{line.draws} draw{'s' if line.draws != 1 else ''}"
    return f"{line.n} × {line.draws}"


def _number(value: float, line: Comparison) -> str:
    if line.reported.unit == "count":
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
    return f"{value:.{min(max(line.reported.decimals, 1), 4)}f}"


def _unit(unit: str) -> str:
    return {"%": "%", "fraction": "", "count": ""}.get(unit, f" {unit}")


# --- what the report quotes ------------------------------------------------------------------------------


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
