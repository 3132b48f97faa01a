"""Mistakes between the files on disk and a batch: labels, splits, order, augmentation, pixels."""

from tests.mistakes._shared_data_more import LABELS, PIXELS
from tests.mistakes._shared_data_words import TESTS
from tests.mistakes.mistake import within

SPLITS = within(
    "data_builders/splits.py",
    (
        "every draw has the same chunk",
        "np.random.default_rng([seed, draw, label]).integers(",
        "np.random.default_rng([seed, label]).integers(",
        "The other splits take a seed alone.",
    ),
    (
        "training and held-out images exchanged",
        "return np.setdiff1d(np.arange(len(labels)), chosen), chosen",
        "return chosen, np.setdiff1d(np.arange(len(labels)), chosen)",
        "The chosen ones come first to mind.",
    ),
    (
        "training and validation of a fold exchanged",
        "[(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]",
        "[(np.flatnonzero(fold == i), np.flatnonzero(fold != i)) for i in range(k)]",
        "A comprehension over folds names the fold's own images first.",
    ),
    (
        "held-out images are drawn with replacement",
        "choice(members, wanted.get(label, 0), replace=False)",
        "choice(members, wanted.get(label, 0))",
        "NumPy's choice draws with replacement unless it is told otherwise.",
    ),
    (
        "all images without a patient are one patient",
        "group_of = np.where(unknown, len(groups) + np.arange(len(groups)), group_of)",
        "group_of = np.where(unknown, len(groups), group_of)",
        "An empty text looks like a group of its own.",
    ),
    (
        "folds of patients do not depend on the seed",
        "    order = _generator(seed).permutation(len(counts))\n    order = order[",
        "    order = np.arange(len(counts))\n    order = order[",
        "The groups are sorted by size in the next line anyway.",
    ),
    (
        "a pool has the classes' own shares",
        "members = [rows for _, rows in _by_class(labels)]",
        "members = [np.arange(len(labels))]",
        "Images in turn are simpler than classes in turn.",
    ),
    (
        "each class deals its images from the first fold on",
        "(dealt + np.arange(len(members))) % k",
        "np.arange(len(members)) % k",
        "Each class by itself is spread evenly.",
    ),
    protocol=True,
    tests=(f"{TESTS}/test_splits.py",),
)

PIPELINE = within(
    "data_builders/pipeline.py",
    (
        "one order for all epochs",
        "generator = np.random.default_rng([seed, epoch])",
        "generator = np.random.default_rng(seed)",
        "Keras' own shuffling repeats its order too.",
    ),
    (
        "the same augmentation in every epoch",
        "_draws(augment, seed, 0 if fixed_pool else epoch, ids)",
        "_draws(augment, seed, 0, ids)",
        "A fixed pool is the only caller that comes to mind.",
    ),
    (
        "a fixed pool is augmented anew in each epoch",
        "_draws(augment, seed, 0 if fixed_pool else epoch, ids)",
        "_draws(augment, seed, epoch, ids)",
        "The flag is overlooked, for augmentation is usually new in each epoch.",
    ),
    (
        "augmentation is keyed by the place in the epoch",
        "return order, ids[order]",
        "return order, np.arange(len(ids))",
        "The branch with steps uses the place.",
    ),
    (
        "labels of other rows",
        "labels[rows[places]].astype(np.int64)",
        "labels[places].astype(np.int64)",
        "The keys beside them are indexed by place.",
    ),
    (
        "pixels are not rescaled",
        "return images / 255.0",
        "return images",
        "Some backbones rescale inside.",
    ),
    (
        "a scored image is always divided by 255",
        "_changed(augment, finish or rescale, None, 0.0)",
        "_changed(augment, rescale, None, 0.0)",
        "Most papers divide by 255.",
    ),
    (
        "features of every epoch are those of the first",
        "_draws(augment, seed, epoch, ids)\n",
        "_draws(augment, seed, 0, ids)\n",
        "A scored image has no epoch, one would think.",
    ),
    (
        "the last smaller batch is lost",
        "tf.data.Dataset.range(-(-len(rows) // batch))",
        "tf.data.Dataset.range(len(rows) // batch)",
        "A division that rounds down is the common one.",
    ),
    (
        "steps go through the images in turn",
        "return generator.integers(len(ids), size=steps * batch), np.arange(steps * batch)",
        "return np.resize(generator.permutation(len(ids)), steps * batch), np.arange(steps * batch)",
        "Epochs are the usual way to fill steps.",
    ),
    protocol=True,
    tests=(f"{TESTS}/test_pipeline.py",),
)

AUGMENT = within(
    "data_builders/augment.py",
    (
        "translation as a fraction",
        "(augment.shift * side + augment.shift_pixels for side in (width, height))",
        "((augment.shift + augment.shift_pixels) * side for side in (width, height))",
        "Keras takes a translation as a fraction of the side.",
    ),
    (
        "rotation in radians",
        "tf.cos(degrees * (math.pi / 180)) / zoom, tf.sin(degrees * (math.pi / 180)) / zoom",
        "tf.cos(degrees) / zoom, tf.sin(degrees) / zoom",
        "TensorFlow's cosine takes radians.",
    ),
    (
        "zoom the other way",
        "tf.cos(degrees * (math.pi / 180)) / zoom, tf.sin(degrees * (math.pi / 180)) / zoom",
        "tf.cos(degrees * (math.pi / 180)) * zoom, tf.sin(degrees * (math.pi / 180)) * zoom",
        "The map goes from the output to the input, which is easily forgotten.",
    ),
    (
        "images are mirrored though nobody asked for it",
        "tf.cast(draws[:, 0] < 0.5, tf.float32) * float(augment.flip)",
        "tf.cast(draws[:, 0] < 0.5, tf.float32)",
        "Every augmentation so far has mirrored.",
    ),
    (
        "rotation to one side only",
        "between(1, -augment.rotation, augment.rotation)",
        "between(1, 0.0, augment.rotation)",
        "A range of 7 degrees reads like 0 to 7.",
    ),
    (
        "rotation and zoom share a random number",
        "zoom=between(2, *augment.zoom)",
        "zoom=between(1, *augment.zoom)",
        "A line is copied and its column is not changed.",
    ),
    (
        "a crop never reaches the border",
        "between(6, 0, width - crop[1] + 1)",
        "between(6, 0, width - crop[1])",
        "The number of places is one more than the difference.",
    ),
    (
        "mixup leaves the images alone",
        "return mix(images), mix(labels)",
        "return images, mix(labels)",
        "Label smoothing does just that.",
    ),
    (
        "one mixup weight for a whole epoch",
        'tf.random.fold_in(_key(seed, epoch, MIX_KEY), tf.cast(step, tf.int64), alg="philox")',
        "_key(seed, epoch, MIX_KEY)",
        "The key of the warp has no step either.",
    ),
    protocol=True,
    tests=(f"{TESTS}/test_augment.py", f"{TESTS}/test_pipeline.py"),
)

PHILOX = within(
    "data_builders/philox.py",
    (
        "one key for all purposes",
        "key = np.array([of_purpose[0], purpose], np.int64)",
        "key = np.array([of_purpose[0], 0], np.int64)",
        "There is one purpose so far.",
    ),
    (
        "the words of a block are those of the first",
        "places[:, 0] = block",
        "places[:, 0] = 0",
        "Up to four numbers need one block.",
    ),
    tests=(f"{TESTS}/test_philox.py",),
)

DATA = (*SPLITS, *PIPELINE, *AUGMENT, *PHILOX, *PIXELS, *LABELS)
