"""The published files: a copy is recognised by its bytes, by its pixels, or not at all."""

import io

import pytest
from PIL import Image

from data_builders import catalog, known_files, phantom

KIND = {"bytes": (True, False), "pixels": (False, True)}


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A small dataset, known by its bytes and its pixels, in a folder of its own."""
    monkeypatch.setattr(known_files, "FOLDER", tmp_path / "known")
    known_files.known.cache_clear()
    phantom.write("sars_cov2_ct", tmp_path / "data", per_class=3, side=24)
    yield tmp_path
    known_files.known.cache_clear()


def build(folder, cache: str):
    return catalog.build("sars_cov2_ct", folder / "data", folder / cache)


def write(folder, kind: str) -> None:
    path = folder / "known" / "sars_cov2_ct.csv.gz"
    known_files.write(build(folder, "published"), path, *KIND[kind])


def changed(folder, change) -> None:
    """One image of six is written anew."""
    path = sorted((folder / "data" / "sars_cov2_ct" / "COVID").iterdir())[0]
    image = Image.open(io.BytesIO(path.read_bytes()))
    change(image).save(path, compress_level=0)


def test_a_copy_is_recognised_by_bytes_and_a_re_encoded_one_is_not(published):
    """Fails when names alone decide, or when another encoding counts as the published file."""
    write(published, "bytes")
    assert known_files.recognise(build(published, "published")).same_bytes == 6
    changed(published, lambda image: image)
    found = known_files.recognise(build(published, "changed"))
    assert (found.names, found.same_bytes, found.same_pixels) == (6, 5, None)


def test_a_re_encoded_copy_is_recognised_by_its_pixels_and_a_changed_pixel_is_seen(published):
    """Fails when pixels are hashed after a conversion that loses some of them."""
    write(published, "pixels")
    changed(published, lambda image: image)
    assert known_files.recognise(build(published, "encoded")).same_pixels == 6

    def one_pixel(image):
        value = image.getpixel((0, 0))
        image.putpixel((0, 0), (value[0] ^ 1, *value[1:]) if isinstance(value, tuple) else value ^ 1)
        return image

    changed(published, one_pixel)
    found = known_files.recognise(build(published, "changed"))
    assert (found.same_bytes, found.same_pixels) == (None, 5)
    assert "1 re-encoded or of another version" in str(found)


def test_turned_pixels_are_other_pixels(published):
    """Fails when the hash forgets the size: a tall image of the same bytes is a wide one."""
    write(published, "pixels")
    changed(published, lambda image: image.transpose(Image.Transpose.ROTATE_180))
    assert known_files.recognise(build(published, "turned")).same_pixels == 5


def test_a_reduced_copy_is_told_by_its_sides(published):
    write(published, "pixels")
    for path in (published / "data" / "sars_cov2_ct").rglob("*.png"):
        Image.open(path).resize((12, 12)).save(path)
    found = known_files.recognise(build(published, "reduced"))
    assert found.longest_side == (12, 12)
    assert found.same_pixels == 0


def test_what_is_written_is_the_same_to_the_byte(published):
    table = build(published, "published")
    for name in ("one", "two"):
        known_files.write(table, published / name, True, True)
    assert (published / "one").read_bytes() == (published / "two").read_bytes()


@pytest.mark.parametrize(
    ("name", "files"), [("covid_ct", 746), ("sars_cov2_ct", 2481), ("kermany_pneumonia", 5840)]
)
def test_the_lists_that_come_with_the_package(name, files):
    """Fails when a list is missing from the package or was written from a part of the set."""
    assert len(known_files.known(name)) == files


def test_files_that_nobody_has_built_are_compared_alike(published):
    """Fails when `data` says something else of a copy than a run's facts do."""
    for kind in KIND:
        write(published, kind)
        known_files.known.cache_clear()
        changed(published, lambda image: image.transpose(Image.Transpose.ROTATE_180))
        scan = catalog.scan("sars_cov2_ct", published / "data")
        files = {image.name: image.file for image in scan.images if image.file}
        found = known_files.recognise_files("sars_cov2_ct", files)
        assert found == known_files.recognise(build(published, f"after {kind}"))
        assert 5 in (found.same_bytes, found.same_pixels)
        assert "6 of 2,482 images, 1 re-encoded or of another version, 24 pixels" in str(found)
        changed(published, lambda image: image.transpose(Image.Transpose.ROTATE_180))
        published.joinpath("published").rename(published / f"built {kind}")


def test_a_reduced_copy_of_an_unknown_set_is_called_that(tmp_path):
    """Fails when the size of the published images is forgotten: a copy at 24 pixels passed for the set."""
    phantom.write("covidx_ct", tmp_path, per_class=2, side=24)
    scan = catalog.scan("covidx_ct", tmp_path)
    found = known_files.recognise_files("covidx_ct", {i.name: i.file for i in scan.images if i.file})
    assert str(found).endswith("reduced: 24 pixels")
