"""Blinded images hold what their way leaves, and nothing of the disease."""

import numpy as np
import pytest

from data_builders import blinding, catalog, phantom
from data_builders.pixels import Frame, load_pixels

SIDE = 96


def ellipse(x: float, y: float, wide: float, high: float) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE
    return ((columns - x) / wide) ** 2 + ((rows - y) / high) ** 2 < 1


BODY, LEFT, RIGHT = ellipse(0.5, 0.5, 0.48, 0.4), ellipse(0.3, 0.5, 0.13, 0.25), ellipse(0.7, 0.5, 0.13, 0.25)
LESION = ellipse(0.34, 0.6, 0.07, 0.1)


def slice_of(ill: bool) -> np.ndarray:
    """A bright body in dark air, with two dark lungs, one of them consolidated in part."""
    grey = np.where(BODY, 180, 5)
    grey[LEFT | RIGHT] = 30
    if ill:
        grey[LESION] = 185
    noise = np.random.default_rng(0).integers(-5, 6, grey.shape)
    return (grey + noise).clip(0, 255).astype("uint8")[..., None]


def test_the_lungs_go_with_what_is_bright_in_them_and_the_body_stays():
    """Fails when the lesion is left, the air around the body is taken for a lung, or the body goes."""
    mask = blinding.lungs(slice_of(ill=True))
    assert mask[LEFT | RIGHT | LESION].all()
    assert not mask[~BODY].any() and mask[BODY & ~LEFT & ~RIGHT].mean() < 0.3
    ill, well = (blinding.blinded(slice_of(ill), "lungs") for ill in (True, False))
    assert (ill != well).mean() < 0.005 and ill[BODY].max() > 150  # but for the edge of the hull


def test_a_slice_that_fills_the_image_loses_its_lungs_too():
    """Fails when a lung at the edge of the image counts as air outside."""
    cut = np.ascontiguousarray(slice_of(ill=False)[24:72, 17:79])
    assert blinding.lungs(cut)[(LEFT | RIGHT)[24:72, 17:79]].all()


def test_without_lungs_to_be_found_the_centre_goes():
    flat = np.full((40, 40, 1), 100, "uint8")
    assert np.array_equal(blinding.without_lungs(flat), blinding.without_centre(flat))


@pytest.mark.parametrize(("way", "margin"), [("border", 2), ("centre", 6)])
def test_a_margin_is_all_that_is_left(way, margin):
    """Fails when a pixel of the middle shows, or the margin is not what it was."""
    image = np.random.default_rng(1).integers(1, 256, (40, 40, 3), dtype=np.uint8)
    seen = blinding.blinded(image, way)
    inside = np.zeros((40, 40), bool)
    inside[margin:-margin, margin:-margin] = True
    assert not seen[inside].any() and np.array_equal(seen[~inside], image[~inside])


def test_a_thumbnail_holds_64_numbers_and_a_histogram_no_place():
    """Fails when texture or place is left: images that agree in what is kept must look alike."""
    image = np.random.default_rng(2).integers(0, 256, (64, 64, 1), dtype=np.uint8)
    blocks = image.reshape(8, 8, 8, 8, 1)
    turned = blocks[:, ::-1, :, ::-1].reshape(64, 64, 1)
    assert np.array_equal(blinding.thumbnail(image), blinding.thumbnail(turned))
    assert not np.array_equal(blinding.thumbnail(image), blinding.thumbnail(image[::-1]))
    shuffled = np.random.default_rng(3).permutation(image.ravel()).reshape(image.shape)
    assert np.array_equal(blinding.histogram(image), blinding.histogram(shuffled))
    assert sorted(blinding.histogram(image).ravel()) == sorted(image.ravel())


@pytest.mark.parametrize("way", blinding.WAYS)
def test_a_blinded_table_gives_blinded_pixels_under_a_fingerprint_of_its_own(way, tmp_path):
    """Fails when a cache or a stage of the images as they are passes for the blinded ones."""
    phantom.write("covid_ct", tmp_path / "data", per_class=2, side=32)
    table = catalog.build("covid_ct", tmp_path / "data", tmp_path / "cache")
    frame = Frame(24, 24)
    whole = load_pixels(table, frame, tmp_path / "cache")
    seen = load_pixels(table.blinded(way), frame, tmp_path / "cache")
    assert np.array_equal(seen, np.stack([blinding.blinded(image, way) for image in np.array(whole)]))
    assert table.blinded(way).fingerprint() != table.fingerprint() == table.blinded("").fingerprint()
    assert table.blinded(way).take([1, 0]).blind == way
