"""ChestX-ray14: one table of labels, images in any folders."""

from collections import Counter

import numpy as np
import pytest

from data_builders import builder, catalog, phantom
from data_builders.published import DATASETS
from shared.base.errors import UserError

ABOUT = DATASETS["chest_xray14"]


@pytest.fixture
def root(tmp_path):
    return phantom.write("chest_xray14", tmp_path, per_class=2, side=8)


def metadata(root):
    return catalog.metadata("chest_xray14", root.parent)


def add(root, line):
    with (root / "Data_Entry_2017_v2020.csv").open("a") as table:
        table.write(line + "\n")


def test_the_published_counts_are_those_of_all_images():
    assert sum(ABOUT.counts.values()) == 112_120
    assert list(ABOUT.counts) == list(ABOUT.classes)


def test_exactly_ten_findings_have_775_images_of_their_own():
    enough = [name for name, count in ABOUT.counts.items() if count >= 775]
    assert len(set(enough) - {"No Finding", "Several findings"}) == 10


def test_a_class_is_the_only_finding_and_several_are_a_class_of_their_own(root):
    add(root, "00000099_000.png,Mass|Nodule,3,99,61,F,AP,1,1,1,1")
    add(root, "00000099_001.png,Mass,4,99,62,F,PA,1,1,1,1")
    table = metadata(root)
    row = table.name.tolist().index("00000099_000.png")
    assert table.classes[table.label[row]] == "Several findings"
    assert table.classes[table.label[row + 1]] == "Mass"
    found = {name: table.extra[name][row] for name in ("findings", "view", "age", "sex", "followup")}
    assert found == {"findings": "Mass|Nodule", "view": "AP", "age": 61, "sex": "F", "followup": 3}
    assert table.patient[row] == "99"
    assert table.extra["present"].tolist().count(False) == 2


def test_every_class_is_in_the_look_alike(root):
    table = metadata(root)
    assert Counter(table.label.tolist()) == Counter(dict.fromkeys(range(16), 2))
    assert {path.parent.parent.name for path in root.rglob("*.png")} == {"images_001", "images_002"}


def test_the_first_release_writes_ages_its_own_way(root):
    add(root, "00000099_000.png,Mass,0,99,058Y,F,AP,1,1,1,1")
    add(root, "00000099_001.png,Mass,0,99,,F,AP,1,1,1,1")
    ages = metadata(root).extra["age"]
    assert 58 in ages
    assert np.isnan(ages).sum() == 1


def test_a_finding_it_does_not_know_is_an_error_that_names_the_image(root):
    add(root, "00000099_000.png,Mass|Covid,0,99,58,F,AP,1,1,1,1")
    with pytest.raises(UserError, match=r"00000099_000\.png has the finding 'Covid'"):
        metadata(root)


def test_two_label_files_are_an_error(root):
    (root / "Data_Entry_2017.csv").write_text("x\n")
    with pytest.raises(UserError, match="keep the one to use"):
        metadata(root)


def test_another_table_is_an_error_that_names_the_column(root):
    (root / "Data_Entry_2017_v2020.csv").write_text("Image Index,Patient ID\n")
    with pytest.raises(UserError, match="no column 'Finding Labels'"):
        metadata(root)


def test_an_image_in_two_folders_is_refused(root):
    path = next((root / "images_001").rglob("*.png"))
    (root / "images_002/images" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(UserError, match=rf"{path.name}: the name also occurs at .*images_00"):
        catalog.build("chest_xray14", root.parent, root.parent / "cache")


def test_a_part_reads_and_stores_the_images_it_asks_for_and_no_other(root, monkeypatch):
    """Fails when the whole collection is built for a few images, or another image is taken for one."""
    data_dir, cache = root.parent, root.parent / "cache"
    asked = {"Mass", "Nodule"}

    def part(labels):
        return np.flatnonzero([finding in asked for finding in labels.extra["findings"]])

    read, load = [], builder.decoding.load
    monkeypatch.setattr(builder.decoding, "load", lambda file: read.append(file) or load(file))
    others = next(path for path in sorted(root.rglob("*.png")) if path.name not in names(data_dir, asked))
    others.write_bytes(b"damaged, and nobody asks for it")
    table = catalog.build("chest_xray14", data_dir, cache, part=part)
    assert set(table.name) == names(data_dir, asked) and len(table) == len(read) == 4
    whole = catalog.build("chest_xray14", data_dir, cache, partial=True)
    same = whole.take([finding in asked for finding in whole.extra["findings"]])
    assert table.fingerprint() == same.fingerprint()
    for (_, one), (_, other) in zip(catalog.image_bytes(table), catalog.image_bytes(same), strict=True):
        assert one == other
    others.write_bytes(b"changed")
    assert len(catalog.build("chest_xray14", data_dir, cache, part=part)) == 4
    assert len(catalog.build("chest_xray14", data_dir, cache, part=lambda labels: part(labels)[:1])) == 1


def test_an_image_of_a_part_that_cannot_be_read_is_an_error_that_names_it(root):
    path = sorted(root.rglob("*.png"))[0]
    path.write_bytes(b"damaged")
    with pytest.raises(UserError, match=path.name):
        catalog.build("chest_xray14", root.parent, root.parent / "cache", part=lambda labels: np.arange(3))


def names(data_dir, findings) -> set[str]:
    """The images of these findings, from the label file itself."""
    labels = catalog.metadata("chest_xray14", data_dir)
    return set(labels.name[np.isin(labels.extra["findings"], list(findings))])
