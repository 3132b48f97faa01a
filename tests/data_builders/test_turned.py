"""Pictures that are turned, flipped, shifted, zoomed or brightened are found; others of the kind are not."""

import cv2
import numpy as np
import pytest
from test_near_duplicates import figure

from data_builders import turned
from data_builders.near_duplicates import SIDE, clusters, find

WIDE = 4 / 3
PICTURES = 24


def picture(number):
    """A figure half as wide again as high, as a scanner writes it."""
    return cv2.resize(figure(number), (320, 240), interpolation=cv2.INTER_AREA)


def warped(image, turn=0.0, zoom=1.0, shift=(0.0, 0.0)):
    """Turned about its middle within its own frame; what comes into sight is black."""
    high, wide = image.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), turn, zoom)
    matrix[:, 2] += np.array(shift) * (wide, high)
    return cv2.warpAffine(image, matrix, (wide, high))


def gamma(image, power):
    return (255 * (image / 255) ** power).astype(np.uint8)


WAYS = {
    "as it is": lambda image: image,
    "turned by 10°": lambda image: warped(image, 10),
    "turned by 45°": lambda image: warped(image, 45),
    "turned by 137°": lambda image: warped(image, 137),
    "turned by 90°": lambda image: np.rot90(image),
    "upside down": lambda image: image[::-1],
    "mirrored": lambda image: image[:, ::-1],
    "mirrored and turned": lambda image: warped(np.ascontiguousarray(image[:, ::-1]), 70),
    "shifted": lambda image: warped(image, shift=(0.15, -0.15)),
    "zoomed in": lambda image: warped(image, zoom=1.15),
    "zoomed out": lambda image: warped(image, zoom=0.85),
    "darker": lambda image: gamma(image, 1.8),
    "brighter": lambda image: gamma(image, 0.55),
}


def squares_of(images):
    squares = [cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in images]
    return np.stack(squares), np.array([image.shape[1] / image.shape[0] for image in images])


@pytest.fixture(scope="module")
def found():
    """The pairs among 24 pictures and a changed version of the first thirteen."""
    changed = [np.ascontiguousarray(way(picture(number))) for number, way in enumerate(WAYS.values())]
    squares, aspects = squares_of([*map(picture, range(PICTURES)), *changed])
    return {tuple(sorted((match.first, match.second))): match for match in find(squares, aspects)}


@pytest.mark.parametrize("number", range(len(WAYS)), ids=list(WAYS))
def test_a_picture_is_found_again(found, number):
    """Fails when an angle, a flip or a shift is not sought; a mirrored one is told from a turned one."""
    match = found[number, PICTURES + number]
    assert match.score >= turned.SAME
    name = list(WAYS)[number]
    assert match.mirrored == (name in ("upside down", "mirrored", "mirrored and turned"))


def test_no_other_pair_is_taken_for_the_same_picture(found):
    assert set(found) == {(number, PICTURES + number) for number in range(len(WAYS))}


def test_pictures_are_turned_in_their_own_shape():
    """Fails when the square is turned that they were squeezed into: of these six none would be found."""
    wide = [cv2.resize(figure(number), (480, 240), interpolation=cv2.INTER_AREA) for number in range(6)]
    pairs = find(*squares_of([*wide, *(warped(image, 45) for image in wide)]))
    assert {(match.first, match.second) for match in pairs} == {(number, number + 6) for number in range(6)}


def test_a_chest_that_changed_is_not_the_same_picture():
    """Half of the vessels are others, and it is turned: many features agree, the details do not."""
    one, other = figure(70, 71), figure(70, 71)
    other[:, 130:] = figure(70, 72)[:, 130:]
    squares, aspects = squares_of([one, warped(other, 30), *map(picture, range(3))])
    assert find(squares, aspects) == []


def test_the_outline_says_where_the_picture_lies(found):
    """A corner of the picture shifted to the right and up lies to the left and down in the original."""
    match = found[list(WAYS).index("shifted"), PICTURES + list(WAYS).index("shifted")]
    sign = 1 if match.first < PICTURES else -1
    assert np.allclose(match.corners[0], (-0.15 * sign, 0.15 * sign), atol=0.03)


def test_features_of_the_mirrored_square_are_the_mirrored_features():
    """Two ways agree: looking at the mirrored picture, and mirroring what was seen."""
    square = squares_of([figure(5)])[0][0]
    seen = turned.features_of(np.ascontiguousarray(square[:, ::-1]))
    made = turned.mirrored(turned.features_of(square), SIDE)
    alike = seen.looks @ made.looks.T
    partner = alike.argmax(axis=1)
    best = alike[np.arange(len(alike)), partner]
    assert np.median(best) > 0.99
    near = np.abs(seen.places - made.places[partner])[best > 0.99]
    assert np.median(near) < 0.002


def test_without_the_aspects_nothing_is_sought_beyond_copies_and_crops():
    """Whoever passes squares alone gets the groups that were always found."""
    squares, _ = squares_of([picture(0), warped(picture(0), 137), picture(1)])
    assert find(squares) == []


def test_blank_images_and_few_of_them_break_nothing():
    squares = np.stack([np.full((SIDE, SIDE), value, np.uint8) for value in (0, 0, 255)])
    assert find(squares, np.ones(3)) == []
    assert turned.candidates([turned.features_of(square) for square in squares], SIDE) == []
    pair, aspects = squares_of([picture(0), warped(picture(0), 60)])
    (match,) = find(pair, aspects)
    assert len(set(clusters(2, [match]))) == 1


def test_a_picture_is_not_its_own_mirror_image():
    """Fails when a map may mirror back what was mirrored to be compared."""
    (square, again), aspects = squares_of([picture(0), picture(0)])
    first, second = (
        turned.features_of(each, aspect) for each, aspect in zip((square, again), aspects, strict=True)
    )
    flipped = np.ascontiguousarray(again[:, ::-1])
    same = turned.register(square, again, first, second)
    assert same is not None and same[1] > 0.99
    assert turned.register(square, flipped, first, second) is None
    assert turned.register(square, flipped, first, turned.mirrored(second, SIDE)) is None
