"""The parts of a page that need no run: what the printed numbers can carry, and the reading that fits."""

from __future__ import annotations

import dataclasses
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.comparison import Claim, Reported, Run
from shared.consistency.checks import accuracy_follows
from shared.consistency.f1_scores import f1_follows
from shared.consistency.printed import READING, PrintedSet, by_row
from shared.consistency.whole_images import cut_off
from shared.trust.judged import ASSUMPTIONS, INDEPENDENT, NOT_DECIDABLE, PRINTED_RULE, VERDICTS, Judged
from shared.trust.part import Part
from shared.trust.printed_claims import judge_claims
from shared.trust.rates import Printed
from shared.trust.readings import MARK, Reading, groups, readings_of, said

AS_STATED = "as the text states"


def printed_parts(claims: Iterable[Claim], printed: Printed) -> tuple[Part, Part]:
    """The claims that the printed numbers speak of, and those that nothing printed decides."""
    judged = sorted(judge_claims(claims, printed), key=lambda pair: VERDICTS.index(pair[1].verdict))
    spoken = [(claim, found) for claim, found in judged if found.verdict != NOT_DECIDABLE]
    silent = [(claim, found) for claim, found in judged if found.verdict == NOT_DECIDABLE]
    used = [name for name in ASSUMPTIONS if any(name in found.assumed for _, found in spoken)]
    letters = dict(zip(used, string.ascii_lowercase, strict=False))
    legend = tuple(f"({letters[name]}) {name[0].upper()}{name[1:]}. {ASSUMPTIONS[name]}" for name in used)
    first = Part(
        "What the printed numbers can carry",
        (_counted([found for _, found in judged]), PRINTED_RULE, *((INDEPENDENT,) if used else ()), *legend),
        ("Verdict", "Claim", "Printed numbers", "Assumed"),
        tuple(
            (found.verdict, claim.text, found.text, "".join(f"({letters[a]})" for a in found.assumed))
            for claim, found in spoken
        ),
    )
    second = Part(
        "Claims that nothing printed decides",
        () if silent else ("There are none.",),
        ("Claim", "Why"),
        tuple((claim.text, found.text) for claim, found in silent),
    )
    return first, second


def _counted(judged: Sequence[Judged]) -> str:
    verdicts = [found.verdict for found in judged]
    if not verdicts:
        return "The paper makes no claim that is kept here."
    counts = ", ".join(f"{verdicts.count(name)} {name}" for name in VERDICTS if name in verdicts)
    return f"Of {len(verdicts)} claims: {counts}."


def readings_part(
    rows: Mapping[str, Any],
    reported: Sequence[Reported],
    printed: Printed,
    runs: Sequence[Run],
    sets: Sequence[PrintedSet],
) -> Part:
    """Rows that exist in several readings of the text, and which one the obtained numbers agree with."""
    title = "The reading that fits"
    several, pointers = groups(rows), (*_asked(printed, sets), *_pointers(printed, sets))
    if not several:
        return Part(title, ("No row of this paper exists in several readings of its text.", *pointers))
    found = {base: readings_of(base, names, reported, runs, sets) for base, names in several.items()}
    ran = {base: readings for base, readings in found.items() if any(reading.ran for reading in readings)}
    count = (
        f"{len(several)} rows exist in more than one reading of the text; "
        f"{len(ran) or 'none'} of them {'have' if len(ran) > 1 else 'has'} run."
    )
    lines = [
        _reading_line(rows, reading, said(readings)) for readings in ran.values() for reading in readings
    ]
    head = ("Reading", "What differs", "Draws", "Agree", "Differ", "Undecided", "The obtained numbers")
    return Part(title, (count, *pointers, *_differences(rows, several)), head, tuple(lines))


def _asked(printed: Printed, sets: Sequence[PrintedSet]) -> list[str]:
    """The test sets that the printed rates ask for, where they are not the stated ones."""
    pairs = [
        (stated, next((s for row, s in printed.sizes.items() if stated.covers(row)), stated))
        for stated in sets
    ]
    return [
        f"The text states {stated}; the printed rates ask for {asked}."
        for stated, asked in pairs
        if asked != stated
    ]


def _pointers(printed: Printed, sets: Sequence[PrintedSet]) -> list[str]:
    """Digits that are cut off, and a positive class that the text leaves open, as the numbers show them."""
    rows, found = by_row(printed.reported), []
    for stated in sets:
        covered = {row: numbers for row, numbers in rows.items() if stated.covers(row)}
        asked = next((printed.sizes[row] for row in covered if row in printed.sizes), stated)
        for look in (cut_off, accuracy_follows, f1_follows):
            found += [finding.text for finding in look(covered, asked) if finding.kind == READING]
    return found


def _differences(rows: Mapping[str, Any], several: Mapping[str, Sequence[str]]) -> list[str]:
    """What the other readings change, each once."""
    changes = [differing(rows.get(base), rows[name]) for base, names in several.items() for name in names]
    others = [change for change in changes if change != AS_STATED]
    return [f"Other readings: {others.count(change)} with {change}." for change in dict.fromkeys(others)]


def _reading_line(rows: Mapping[str, Any], reading: Reading, verdict: str) -> tuple[str, ...]:
    base = rows.get(reading.row.partition(MARK)[0])
    counts = (reading.draws, reading.agree, reading.differ, reading.undecided)
    return (reading.name, differing(base, rows[reading.row]), *map(str, counts), verdict)


def differing(base: Any, reading: Any) -> str:
    """The fields in which a reading differs from its row."""
    if base is None or base is reading:
        return AS_STATED
    pairs = ((f.name, getattr(base, f.name), getattr(reading, f.name)) for f in dataclasses.fields(reading))
    changed = [f"{name} {new} for {old}" for name, old, new in pairs if name != "id" and old != new]
    return ", ".join(changed)
