"""The draws of all rows as a graph: some must be finished first, because they make what others share."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import Any

from shared.paper import Paper, Work


@dataclasses.dataclass(frozen=True)
class Task:
    """One draw of one row: one command that anybody can run alone."""

    paper: str
    row: str
    draw: int
    makes: tuple[str, ...]
    """The stages that it is the first to need, of those that other tasks need too."""
    after: tuple[str, ...]
    """The ids of the tasks that make its stages."""
    images: float
    """Image-steps of its own; those of a stage belong to the task that makes it."""

    @property
    def id(self) -> str:
        """The task's name, which is also the place of its run below the folder of results."""
        return f"{self.paper}/{self.row}/draw-{self.draw}"


def graph(paper: Paper, rows: Sequence[Any]) -> list[Task]:
    """The tasks of these rows, each after those that it waits for; tasks that make stages come first.

    The first task that needs a stage makes it. Claims would keep the stage whole in any order, but whoever
    came second would occupy a device while it waits.
    """
    works = {row.id: paper.work(row) for row in rows}
    needed = {(row.id, draw): _stages(works[row.id], draw) for row in rows for draw in range(row.draws)}
    users: dict[str, list[tuple[str, int]]] = {}
    for place, pieces in needed.items():
        for stage in pieces:
            users.setdefault(stage, []).append(place)
    first = {stage: places[0] for stage, places in users.items()}
    found = []
    for row in rows:
        for draw in range(row.draws):
            place, stages = (row.id, draw), needed[row.id, draw]
            makes = [stage for stage in stages if first[stage] == place]
            waits = dict.fromkeys(first[stage] for stage in stages if first[stage] != place)
            shared = tuple(stages[stage] for stage in makes if len(users[stage]) > 1)
            after = tuple(f"{paper.name}/{other}/draw-{number}" for other, number in waits)
            images = _images(works[row.id], draw, row.draws, makes)
            found.append(Task(paper.name, row.id, draw, shared, after, images))
    return sorted(found, key=lambda task: not task.makes)


def _stages(works: Sequence[Work], draw: int) -> dict[str, str]:
    """Identity -> name of the stages that a draw needs; one whose key names a draw belongs to that draw."""
    return {_identity(w): w.stage for w in works if w.stage and w.key.get("draw", draw) == draw}


def _identity(work: Work) -> str:
    return f"{work.stage} {json.dumps(dict(work.key), sort_keys=True, default=str)}"


def _images(works: Sequence[Work], draw: int, draws: int, makes: Sequence[str]) -> float:
    made = sum(w.images for w in works if w.stage and _identity(w) in makes)
    return made + sum(w.images / draws for w in works if not w.stage)


@dataclasses.dataclass(frozen=True)
class Job:
    """Tasks of one row that one process runs one after another: a model is traced once for all of them."""

    tasks: tuple[Task, ...]

    @property
    def draws(self) -> list[int]:
        """The draws that it runs."""
        return [task.draw for task in self.tasks]

    @property
    def images(self) -> float:
        """Image-steps in all."""
        return sum(task.images for task in self.tasks)

    @property
    def after(self) -> set[str]:
        """The ids of tasks of other jobs that it waits for."""
        return {other for task in self.tasks for other in task.after} - {task.id for task in self.tasks}

    @property
    def paper(self) -> str:
        """The paper's name."""
        return self.tasks[0].paper

    @property
    def row(self) -> str:
        """The row's id."""
        return self.tasks[0].row

    def __str__(self) -> str:
        several = "draws" if len(self.tasks) > 1 else "draw"
        return f"{self.paper} {self.row}, {several} {', '.join(map(str, self.draws))}"


def jobs(tasks: Sequence[Task], workers: int) -> list[Job]:
    """The tasks row by row; rows are split where there are more workers than rows.

    A task that other draws of other rows wait for is a job of its own, so that they wait for no more than it.
    """
    awaited = _awaited_by_other_draws(tasks)
    rows: dict[tuple[str, str, bool], list[Task]] = {}
    for task in tasks:
        rows.setdefault((task.paper, task.row, task.id in awaited), []).append(task)
    parts = math.ceil(workers / max(len(rows), 1))
    return [Job(part) for own in rows.values() for part in _split(own, parts)]


def _awaited_by_other_draws(tasks: Sequence[Task]) -> set[str]:
    by_id = {task.id: task for task in tasks}
    return {
        maker
        for task in tasks
        for maker in task.after
        if maker in by_id and by_id[maker].row != task.row and by_id[maker].draw != task.draw
    }


def _split(tasks: Sequence[Task], parts: int) -> list[tuple[Task, ...]]:
    """The tasks in their order, in so many parts of nearly equal length."""
    each = math.ceil(len(tasks) / parts)
    return [tuple(tasks[start : start + each]) for start in range(0, len(tasks), each)]


def steps(found: Sequence[Job]) -> list[list[Job]]:
    """The jobs in steps: those of a step wait for earlier steps alone."""
    home = {task.id: number for number, job in enumerate(found) for task in job.tasks}
    order = TopologicalSorter(
        {number: {home[other] for other in job.after if other in home} for number, job in enumerate(found)}
    )
    order.prepare()
    done = []
    while order.is_active():
        ready = sorted(order.get_ready())
        done.append([found[number] for number in ready])
        order.done(*ready)
    return done
