"""What of a dataset is here, as a run's facts keep it."""

import json
from dataclasses import replace

import numpy as np
from PIL import Image

from data_builders import catalog, phantom, provenance
from data_builders.published import DATASETS


def chest(tmp_path):
    """Six images of each class of the list; two of No Finding's are gone, one of Mass is damaged."""
    root = phantom.write("chest_xray14", tmp_path / "data", per_class=6, side=24)
    table = catalog.metadata("chest_xray14", tmp_path / "data")
    gone = table.name[table.label == 0][[1, 4]].tolist()
    mass = str(table.name[table.extra["findings"] == "Mass"][0])
    for name in gone:
        next(root.rglob(name)).unlink()
    next(root.rglob(mass)).write_bytes(b"no image")
    return (tmp_path / "data", tmp_path / "cache"), table, {*gone, mass}


def test_a_part_counts_what_the_list_names_and_what_is_here(tmp_path):
    """By hand: of the first five of No Finding and of Mass, three and four are here."""
    folders, table, _ = chest(tmp_path)

    def first(listed):
        return np.concatenate(
            [np.flatnonzero(listed.extra["findings"] == finding)[:5] for finding in ("No Finding", "Mass")]
        )

    facts = provenance.facts("chest_xray14", folders, partial=True, part=first)
    assert facts["images"] == len(table) - 3 and facts["published"] == 112_120
    assert facts["part"]["images"] == 7 and facts["part"]["published"] == 10
    assert facts["part"]["longer_side"] == {"least": 24, "median": 24.0, "most": 24, "commonest": [24, 7]}
    assert facts["classes"]["No Finding"] == [4, 60_361]
    assert json.loads(json.dumps(facts)) == facts


def test_the_whole_dataset_is_held_against_what_was_published(tmp_path):
    folders, _, _ = chest(tmp_path)
    facts = provenance.facts("chest_xray14", folders, partial=True)
    assert facts["part"]["published"] == sum(DATASETS["chest_xray14"].counts.values())
    assert facts["part"]["fingerprint"] == facts["fingerprint"]
    own = provenance.facts("chest_xray14", folders, partial=True, part=lambda t: t.label == 0, published=99)
    assert own["part"]["published"] == 99 and own["part"]["images"] == 4


def test_what_is_said_of_the_images_has_a_hash_of_its_own(tmp_path):
    """Fails when another label, patient or finding of the same bytes goes unnoticed, or the images' order."""
    folders, _, _ = chest(tmp_path)
    table, _ = catalog.built("chest_xray14", *folders, partial=True)
    said = ("label", "patient", "findings")
    assert table.hash_of(*said) == table.take(slice(None)).hash_of(*said)
    assert table.hash_of(*said) != table.take(slice(None, None, -1)).hash_of(*said)
    for other in (
        replace(table, label=np.roll(table.label, 1)),
        replace(table, patient=np.roll(table.patient, 1)),
        replace(table, extra=table.extra | {"findings": np.roll(table.extra["findings"], 1)}),
    ):
        assert other.hash_of(*said) != table.hash_of(*said) and other.fingerprint() == table.fingerprint()


def test_facts_tell_other_labels_of_the_same_images(tmp_path):
    """Fails when a draw goes on that was begun with another label file of the same images."""
    folders, _, _ = chest(tmp_path)
    before = provenance.facts("chest_xray14", folders, partial=True)
    (file,) = folders[0].rglob("Data_Entry_2017*.csv")
    file.write_text(file.read_text().replace("Nodule", "Hernia"))
    after = provenance.facts("chest_xray14", (folders[0], tmp_path / "anew"), partial=True)
    assert after["annotations"] != before["annotations"]
    assert after["fingerprint"] == before["fingerprint"]


def test_the_listed_images_that_are_here_lead_to_their_own_pixels(tmp_path):
    """Fails when an absent image moves all that follow it to their neighbour's pixels."""
    folders, _, lost = chest(tmp_path)
    _, listed = catalog.built("chest_xray14", *folders, partial=True)
    assert set(listed.name[~listed.extra["present"]]) == lost
    here = listed.take(listed.extra["present"])
    for row, data in catalog.image_bytes(here):
        (tmp_path / "one.png").write_bytes(data)
        raw = np.asarray(Image.open(next((folders[0]).rglob(str(here.name[row])))))
        assert (np.asarray(Image.open(tmp_path / "one.png")) == raw).all()
