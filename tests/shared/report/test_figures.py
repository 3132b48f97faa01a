"""What a figure says is what it was given: read back from the drawn objects, not from pixels by eye."""

import io

import matplotlib.image
import numpy as np
import pytest

from shared.report import canvas, figures, galleries


def picture(png):
    return matplotlib.image.imread(io.BytesIO(png))


def sample_figures():
    noise = np.random.default_rng(0)
    true, probabilities = noise.integers(0, 3, 40), noise.dirichlet([1, 1, 1], 40)
    images, classes = noise.integers(0, 255, (3, 8, 8, 1)).astype("uint8"), ("a", "b", "c")
    history = [{"loss": 1.0, "val_loss": 1.1}, {"loss": 0.5, "val_loss": 0.7}]
    return {
        "confusion_matrix": figures.confusion_matrix(true, probabilities.argmax(axis=1), classes),
        "curves": figures.curves(history),
        "reported_against_obtained": figures.reported_against_obtained(["x"], [90], [91], [(88, 94)]),
        "tsne": figures.tsne(noise.normal(size=(40, 4)), true, classes),
        "gallery": galleries.gallery(images, classes, np.ones((3, 8, 8))),
        "bars": figures.bars({"recall": {"a": 0.9}}, {"recall": {"a": 0.8}}),
    }


@pytest.fixture(scope="module")
def drawn():
    return sample_figures()


def test_confusion_matrix_has_the_true_class_in_rows():
    """Fails where rows and columns are exchanged."""
    axes = figures.confusion_matrix([0, 0, 0, 1], [0, 1, 1, 1], ("well", "ill")).axes[0]
    cells = {(round(t.get_position()[1]), round(t.get_position()[0])): t.get_text() for t in axes.texts}
    assert cells == {(0, 0): "1\n33%", (0, 1): "2\n67%", (1, 0): "0\n0%", (1, 1): "1\n100%"}
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("true", "predicted")


def test_curves_pair_training_with_validation_in_one_panel_and_survive_gaps():
    """Fails where a value that only some epochs have shifts to another epoch."""
    history = [{"loss": 3.0, "accuracy": 0.1}, {"loss": 2.0, "accuracy": 0.2, "val_accuracy": 0.15}]
    loss, accuracy = figures.curves(history).axes
    assert (loss.get_title(), accuracy.get_title()) == ("loss", "accuracy")
    validation = next(line for line in accuracy.lines if line.get_label() == "validation")
    assert (list(validation.get_xdata()), list(validation.get_ydata())) == ([2], [0.15])


def test_curves_can_be_drawn_against_a_column():
    axes = figures.curves([{"step": 100, "loss": 1.0}, {"step": 300, "loss": 0.5}], x="step").axes
    assert len(axes) == 1 and list(axes[0].lines[0].get_xdata()) == [100, 300]


def test_what_is_not_there_leaves_its_line_empty():
    """Fails where a number that was not obtained moves the later ones up a line."""
    figure = figures.reported_against_obtained(["a", "b"], [90, 80], [None, 70], [None, (60, 75)])
    at = {line.get_label(): [] for line in figure.axes[0].lines}
    for line in figure.axes[0].lines:
        at[line.get_label()] += list(zip(line.get_xdata(), line.get_ydata(), strict=True))
    assert at["reported"] == [(90, 0), (80, 1)]
    assert at["obtained, 95% interval"] == [(70, 1)]


def test_tsne_keeps_groups_apart_and_is_the_same_twice():
    noise = np.random.default_rng(1)
    labels = np.repeat([0, 1], 20)
    features = noise.normal(size=(40, 6)) + 20 * labels[:, None]
    first, second = (figures.tsne(features, labels, ("a", "b")).axes[0].collections for _ in range(2))
    places = [np.asarray(group.get_offsets()) for group in first]
    np.testing.assert_array_equal(places[0], second[0].get_offsets())
    spread = max(np.ptp(place, axis=0).max() for place in places)
    assert np.linalg.norm(places[0].mean(axis=0) - places[1].mean(axis=0)) > spread


def test_a_demo_says_so_above_the_picture_and_hides_nothing(drawn):
    """Fails where the banner is drawn over the figure, or forgotten for one kind of figure."""
    for name, figure in drawn.items():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # a constrained layout moves a little at every drawing
        plain, demo = picture(canvas.png_bytes(figure)), picture(canvas.png_bytes(figure, demo=True))
        strip = len(demo) - len(plain)
        assert strip > 15, name
        np.testing.assert_array_equal(demo[strip:], plain)
        banner = demo[:strip, :, :3]
        yellow = np.isclose(banner, matplotlib.colors.to_rgb(canvas.YELLOW), atol=0.01).all(axis=-1)
        assert yellow.mean() > 0.5 and (banner.max(axis=-1) < 0.2).any(), name


def test_titles_from_files_are_not_read_as_formulas(drawn):
    """Fails with a matplotlib error: `$` in a file name starts mathtext."""
    images = np.zeros((1, 8, 8), "uint8")
    assert canvas.png_bytes(galleries.gallery(images, ["$\\frac{$ name.png"]))


def test_overlay_leaves_cold_pixels_grey_and_colours_the_hottest():
    """Fails where maps are scaled over the whole batch: the weaker map would lose its colour."""
    grey = np.full((2, 4, 4, 1), 100, "uint8")
    maps = np.zeros((2, 4, 4), "float32")
    maps[0, 1, 2], maps[1, 3, 0] = 5.0, 0.01
    shown = galleries.overlay(grey, maps)
    assert shown.dtype == np.uint8 and shown.shape == (2, 4, 4, 3)
    np.testing.assert_array_equal(shown[maps == 0], 100)
    np.testing.assert_array_equal(shown[0, 1, 2], shown[1, 3, 0])
    assert np.ptp(shown[0, 1, 2].astype(int)) > 50


def test_overlay_stretches_a_coarse_map_to_its_own_place():
    """Fails where rows and columns are exchanged on the way to the larger size."""
    coarse = np.zeros((1, 2, 3), "float32")
    coarse[0, 1, 0] = 1
    shown = galleries.overlay(np.zeros((1, 8, 12, 1), "uint8"), coarse).sum(axis=-1)[0]
    assert shown[-1, 0] == shown.max() and shown[0].max() == 0 and shown[:, 8:].max() == 0


def test_overlay_of_an_empty_map_is_the_image_stretched_to_its_range():
    shown = galleries.overlay(np.linspace(-1, 1, 16, dtype="float32").reshape(1, 4, 4), np.zeros((1, 2, 2)))
    assert shown.min() == 0 and shown.max() == 255
    assert (shown[..., 0] == shown[..., 2]).all()
