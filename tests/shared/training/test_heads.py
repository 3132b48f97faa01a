"""The head on frozen features: what each of its seeds changes, and what it may not see."""

import numpy as np
import pytest

from shared.training import heads

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(5, 3, (96, 12)).astype("float32")
LABELS = (FEATURES[:, 0] > 5).astype(int)
ASKED = RNG.normal(5, 3, (40, 12)).astype("float32")


@pytest.fixture(scope="module")
def head():
    return heads.head(12, 2)


def answer(head, features=FEATURES, labels=LABELS, asked=ASKED, **seeds):
    (found,) = heads.answers(head, features, labels, [asked], **seeds)
    return found


def test_a_head_is_a_function_of_its_seeds_and_each_of_them_matters(head):
    """Fails when a training goes on from the last one's weights or moments, or when a seed is not used."""
    first = answer(head)
    others = answer(head, weights=1), answer(head, order=1)
    assert np.array_equal(answer(head), first)
    assert not any(np.allclose(first, other, atol=1e-4) for other in others)


def test_it_learns_what_is_there(head):
    decided = answer(head).argmax(axis=1)
    assert (decided == (ASKED[:, 0] > 5)).mean() > 0.8


def test_a_head_bends(head):
    """A hidden layer without its activation is a straight line, on which no two signs can be compared."""
    both = RNG.choice([-1.0, 1.0], (2, 400, 12)).astype("float32")
    learnt, asked = both
    same, truth = (np.equal(images[:, 0], images[:, 1]).astype(int) for images in both)
    decided = answer(head, features=learnt, labels=same, asked=asked).argmax(axis=1)
    assert (decided == truth).mean() > 0.8


def test_the_scale_is_that_of_the_images_it_learns_from(head):
    """Fails when asked images have a say in it: one of them that is far out moves the answers for others."""
    far = np.concatenate([ASKED, np.full((1, 12), 1e4, "float32")])
    assert np.allclose(answer(head), answer(head, asked=far)[:-1], atol=1e-5)
    moved = answer(head, features=FEATURES * 10 - 7, asked=ASKED * 10 - 7)
    assert np.allclose(moved, answer(head), atol=1e-2)


def test_every_image_is_learnt_from(head, monkeypatch):
    """Fails when the last images of the list sit every epoch out: 65 images are two batches and one image."""
    seen = []
    monkeypatch.setattr(head, "train_on_batch", lambda inputs, labels: seen.extend(labels))
    answer(head, features=FEATURES[:65], labels=np.arange(65))
    assert len(seen) == heads.EPOCHS * 64 and set(seen) == set(range(65))
