"""The learning rate of every step."""

import numpy as np
import pytest

from reproductions.zhao.config import SCHEDULES
from reproductions.zhao.schedule import blocks, learning_rate

NODES = (500, 3000, 6000, 9000, 10000)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (0, 0.0),
        (250, 0.0015),
        (500, 0.003),
        (3000, 0.003),
        (3001, 0.0003),
        (6001, 3e-5),
        (9000, 3e-5),
        (9001, 3e-6),
        (9999, 3e-6),
    ],
)
def test_rate_rises_linearly_and_drops_three_times(step, expected):
    """By hand; BiT's rule drops after the node, not at it, and its end is no fourth drop."""
    assert learning_rate(step, NODES, 0.003) == pytest.approx(expected)


@pytest.mark.parametrize("nodes", SCHEDULES)
def test_each_schedule_of_the_paper_has_one_rise_and_three_drops_by_ten(nodes):
    rates = [learning_rate(step, nodes, 0.003) for step in range(nodes[-1])]
    assert max(rates) == rates[nodes[0]] == 0.003
    drops = [step for step in range(nodes[0], nodes[-1]) if rates[step] < rates[step - 1]]
    assert drops == [node + 1 for node in nodes[1:4]]
    assert [rates[step - 1] / rates[step] for step in drops] == pytest.approx([10, 10, 10])


@pytest.mark.parametrize("step", [-1, 10000])
def test_no_rate_outside_the_training(step):
    """A training that runs on unseen at the last rate."""
    with pytest.raises(ValueError, match="10000 steps"):
        learning_rate(step, NODES, 0.003)


def test_keras_sees_the_same_rate_at_every_step_of_each_schedule_it_takes_over():
    """An off-by-one at the optimizer's counter, or rates of the schedule before left in the table."""
    from reproductions.zhao.model import RateTable

    table = RateTable(700)
    for nodes in (SCHEDULES[0], (5, 10, 20, 30, 40)):
        table.fill(nodes, 0.003, 0.0)
        expected = [learning_rate(step, nodes, 0.003) for step in range(nodes[-1])]
        obtained = np.asarray(table(np.arange(nodes[-1])))
        np.testing.assert_allclose(obtained, expected, rtol=1e-6)
        assert float(table(nodes[-1])) == float(table(10_000)) == pytest.approx(expected[-1])


def test_blocks_cover_the_training_and_no_more():
    """A last block of full size would run past the schedule."""
    assert blocks(10000, 100) == [100] * 100
    assert blocks(250, 100) == [100, 100, 50]
