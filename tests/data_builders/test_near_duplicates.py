"""Near-duplicates: every way a figure comes twice is found, and pictures of the same kind are not."""

import cv2
import numpy as np
import pytest

from data_builders import near_duplicates
from data_builders.near_duplicates import SIDE, Match, clusters, find

N = 40


def figure(number, vessels=None, side=260):
    """A body with two dark lungs, nearly alike in all; shadows and (unless told) vessels of its own."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    wide, high = rng.uniform(0.27, 0.33), rng.uniform(0.54, 0.66)
    lungs = sum(np.exp(-(((x - c) / wide) ** 4) - (y / high) ** 4) for c in (-0.45, 0.45))
    shadows = texture(rng, side, 16)
    fine = texture(rng if vessels is None else np.random.default_rng(vessels), side, 60)
    return np.clip(190 - 120 * lungs + 15 * shadows + 20 * fine, 0, 255).astype(np.uint8)


def texture(rng, side, grain):
    layer = cv2.GaussianBlur(rng.normal(0, 1, (side, side)), (0, 0), side / grain)
    return layer / layer.std()


def square(image):
    return cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def jpeg(image, quality):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)


WAYS = {
    "copied": lambda image: image,
    "recompressed": lambda image: jpeg(image, 40),
    "rescaled": lambda image: cv2.resize(image, (140, 120), interpolation=cv2.INTER_AREA),
    "brighter": lambda image: (image * 0.7 + 40).astype(np.uint8),
    "cropped": lambda image: image[20:230, 30:250],
    "cropped to a corner": lambda image: image[:170, 80:],
    "cropped on one side": lambda image: image[:, 75:],
    "cropped, rescaled and recompressed": lambda image: jpeg(
        cv2.resize(image[33:222, 11:199], (130, 110)), 60
    ),
    "with a border": lambda image: cv2.copyMakeBorder(image, 12, 4, 16, 10, cv2.BORDER_CONSTANT, value=0),
    "mirrored": lambda image: image[:, ::-1],
    "mirrored and cropped": lambda image: image[20:240, 50:250, ...][:, ::-1],
    "turned a little": lambda image: cv2.warpAffine(
        image, cv2.getRotationMatrix2D((130, 130), 4, 1.05), (260, 260), borderMode=cv2.BORDER_REPLICATE
    ),
}


@pytest.fixture(scope="module")
def found():
    """The pairs found among 40 figures and a changed version of the first twelve."""
    changed = [change(figure(number)) for number, change in enumerate(WAYS.values())]
    squares = np.stack([square(image) for image in [*map(figure, range(N)), *changed]])
    return {tuple(sorted((match.first, match.second))): match for match in find(squares)}


@pytest.mark.parametrize("number", range(len(WAYS)), ids=list(WAYS))
def test_a_figure_is_found_again(found, number):
    match = found[number, N + number]
    assert match.score > 0.9
    assert match.mirrored == ("mirrored" in list(WAYS)[number])


def test_no_other_pair_is_taken_for_the_same_picture(found):
    """The shared shape alone correlates above 0.7: organs alike are not enough."""
    assert set(found) == {(number, N + number) for number in range(len(WAYS))}
    one, other = (square(figure(number)).astype(float).ravel() for number in (0, 1))
    assert np.corrcoef(one, other)[0, 1] > 0.7


def test_a_chest_that_changed_is_not_the_same_picture():
    """Half of the vessels are others: the images correlate above 0.9, their details do not."""
    one, other = figure(70, 71), figure(70, 71)
    other[:, 130:] = figure(70, 72)[:, 130:]
    squares = np.stack([square(one), square(other)])
    assert np.corrcoef(squares[0].ravel(), squares[1].ravel())[0, 1] > 0.9
    assert find(squares) == []


def test_the_outline_says_where_the_crop_lies(found):
    number = list(WAYS).index("cropped")
    match = found[number, N + number]
    corners = np.array(match.corners)
    if match.first < N:  # else the whole was sought in the crop
        assert np.allclose(corners[0], (30 / 260, 20 / 260), atol=0.02)
        assert np.allclose(corners[2], (250 / 260, 230 / 260), atol=0.02)
    else:
        assert corners[0].max() < 0
        assert corners[2].min() > 1


def test_blank_images_break_nothing():
    squares = np.stack([np.full((SIDE, SIDE), value, np.uint8) for value in (0, 0, 255)])
    assert find(squares) == []
    assert find(squares[:1]) == []


def test_buckets_find_what_the_full_search_finds(found, monkeypatch):
    """Tens of thousands of images are searched bucket by bucket."""
    changed = [change(figure(number)) for number, change in enumerate(WAYS.values())]
    squares = np.stack([square(image) for image in [*map(figure, range(N)), *changed]])
    monkeypatch.setattr(near_duplicates, "ONE_BUCKET", 20)
    monkeypatch.setattr(near_duplicates, "IN_A_BUCKET", 20)
    pairs = {tuple(sorted((match.first, match.second))) for match in find(squares)}
    assert pairs <= set(found)
    assert len(pairs) >= len(found) - 1


def test_clusters_are_chains_of_pairs():
    def match(first, second):
        return Match(first, second, 1.0, False, ())

    numbers = clusters(6, [match(4, 0), match(0, 2), match(5, 1)])
    assert numbers[0] == numbers[2] == numbers[4]
    assert numbers[1] == numbers[5]
    assert len({numbers[0], numbers[1], numbers[3]}) == 3
    assert len(set(clusters(3, []))) == 3
