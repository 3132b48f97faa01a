"""The graph of tasks: every draw once, makers of stages first, no circle."""

from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from reproductions.__main__ import papers
from shared.paper import Work
from shared.running.tasks import Job, Task, graph, jobs, steps

STAGES = {
    "altaf": {"intermediate": 4, "target": 82},
    "basu": {"data-a": 6},
    "elazhari": {"features": 10},
    "zebin": {"features": 12, "cyclegan": 2},
    "zhao": {"bit": 2},
}
"""The stages that several draws share, each made once."""
PAPERS = {paper.name: paper for paper in papers()}


@dataclass(frozen=True)
class Row:
    id: str
    draws: int


def piece(name: str, stage: str, images: int, **key) -> Work:
    return Work(name, key, images, lambda runtime: None, 1, stage=stage)


def toy(works: dict[str, tuple[Work, ...]], draws: int = 2) -> list[Task]:
    paper = SimpleNamespace(name="toy", work=lambda row: works[row.id])
    return graph(paper, [Row(row, draws) for row in works])


def test_who_needs_a_stage_first_makes_it_and_all_others_wait_for_that_one():
    """Fails when two make it, when nobody waits, or when its images are counted twice."""
    base = piece("base", "base", 100, seed=0)
    found = toy({"plain": (piece("head", "", 20),), "a": (base,), "b": (base, piece("head", "", 6))})
    assert [(t.id, t.makes, t.after, t.images) for t in found] == [
        ("toy/a/draw-0", ("base",), (), 100),
        ("toy/plain/draw-0", (), (), 10),
        ("toy/plain/draw-1", (), (), 10),
        ("toy/a/draw-1", (), ("toy/a/draw-0",), 0),
        ("toy/b/draw-0", (), ("toy/a/draw-0",), 3),
        ("toy/b/draw-1", (), ("toy/a/draw-0",), 3),
    ]


def test_a_stage_of_one_draw_serves_that_draw_of_other_rows():
    """Fails when draw 1 waits for the training of draw 0."""
    own = tuple(piece("training", "training", 5, draw=draw) for draw in range(2))
    after = {task.id: task.after for task in toy({"a": own, "b": own})}
    assert after["toy/b/draw-1"] == ("toy/a/draw-1",) and after["toy/a/draw-1"] == ()


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("scale", ["paper", "demo"])
def test_every_draw_of_a_paper_is_reached_once_and_stages_are_made_once(name, scale):
    paper = PAPERS[name]
    rows = paper.rows if scale == "paper" else [paper.demo(row) for row in paper.rows]
    found = graph(paper, rows)
    assert sorted((t.row, t.draw) for t in found) == sorted((r.id, k) for r in rows for k in range(r.draws))
    if scale == "paper" and name in STAGES:
        assert Counter(stage for task in found for stage in task.makes) == STAGES[name]
    makers = {task.id for task in found if task.makes}
    assert {maker for task in found for maker in task.after} == makers
    for workers in (1, 8, 100):
        planned = jobs(found, workers)
        assert sorted(task.id for job in planned for task in job.tasks) == sorted(task.id for task in found)
        done: set[str] = set()
        for step in steps(planned):  # fails in itself where there is a circle
            assert all(job.after <= done for job in step)
            done |= {task.id for job in step for task in job.tasks}
        assert len(done) == len(found)


def test_altaf_trains_four_intermediate_models_one_for_each_backbone():
    makers = [t.row for t in graph(PAPERS["altaf"], PAPERS["altaf"].rows) if "intermediate" in t.makes]
    assert makers == [f"sc2c-{b}-boosted" for b in ("inceptionv3", "resnet50", "densenet201", "vgg16")]


def draws_of(found: list[Job]) -> list[list[int]]:
    return [job.draws for job in found]


def test_a_row_is_one_job_unless_there_are_more_workers_than_rows():
    """Fails when a model is traced once a draw, or when workers stand idle beside one long row."""
    found = toy({"a": (piece("training", "", 8),)}, draws=5)
    assert draws_of(jobs(found, 1)) == [[0, 1, 2, 3, 4]]
    assert draws_of(jobs(found, 2)) == [[0, 1, 2], [3, 4]]
    assert draws_of(jobs(found, 100)) == [[0], [1], [2], [3], [4]]


def test_other_rows_wait_for_the_draw_that_makes_their_stage_and_not_for_its_row():
    base = piece("base", "base", 100, seed=0)
    found = jobs(toy({"a": (base,), "b": (base,)}, draws=3), workers=1)
    assert draws_of(found) == [[0], [1, 2], [0, 1, 2]]
    assert [len(step) for step in steps(found)] == [1, 2]
