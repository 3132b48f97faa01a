"""Mistakes in the models that runs keep, and in what they say of images of anybody."""

from tests.mistakes.mistake import within

PREDICT = (
    *within(
        "shared/training/trained.py",
        (
            "the kept features are the logits",
            "return keras.Model(model.input, tensor)",
            "return keras.Model(model.input, model.output)",
            "What a model gives is easier to take than what its last layer reads.",
        ),
        (
            "the first held-out images are kept",
            "np.linspace(0, count - 1, min(count, MOST)).round().astype(int)",
            "np.arange(min(count, MOST))",
            "The first ones are as good as any, unless classes lie in blocks.",
        ),
        tests=("tests/shared/training/test_trained.py",),
    ),
    *within(
        "shared/training/likeness.py",
        (
            "a known image is compared with itself",
            "first = 1 if itself else 0",
            "first = 0",
            "One function serves both, and one of them has itself among its neighbours.",
        ),
        (
            "near is strange",
            "return 1 - cosines",
            "return cosines",
            "A cosine is a likeness, not a distance.",
        ),
        tests=("tests/shared/training/test_trained.py",),
    ),
    *within(
        "reproductions/elazhari/trained.py",
        (
            "only the head of a frozen network is kept",
            "joined(network.base, network.trained) if network.base is not None else network.trained",
            "network.trained",
            "It is what was trained.",
        ),
        tests=("tests/test_predicting.py",),
    ),
    *within(
        "data_builders/foreign.py",
        (
            "a window's width is taken for its half",
            "return (centre - width / 2, centre + width / 2)",
            "return (centre - width, centre + width)",
            "Other software gives the half.",
        ),
        (
            "stored values are taken for Hounsfield units",
            "apply_modality_lut(found.pixel_array, found)",
            "found.pixel_array",
            "Many files have slope 1 and intercept 0.",
        ),
        tests=("tests/data_builders/test_foreign.py",),
    ),
    *within(
        "shared/comparison/seals.py",
        (
            "every report hashes the models",
            "others = {FACTS, *facts.get(MODEL, ())}",
            "others = {FACTS}",
            "A seal over all files is simpler.",
        ),
        tests=("tests/test_predicting.py",),
    ),
)

BLINDING = (
    *within(
        "data_builders/blinding.py",
        (
            "what is bright in a lung is left",
            "cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)",
            "mask[np.isin(regions, half)] = 1",
            "The dark region is the lung.",
        ),
        (
            "the air around the body counts as lung",
            "region not in outside]",
            "region not in {0}]",
            "Region 0 is the background of connected components.",
        ),
        (
            "the histogram keeps the rows",
            "np.sort(image.reshape(-1, channels), axis=0)",
            "np.sort(image, axis=1)",
            "Sorting an image sorts along an axis.",
        ),
        protocol=True,
        tests=("tests/data_builders/test_blinding.py",),
    ),
    *within(
        "data_builders/table.py",
        (
            "blinded images have the fingerprint of the images as they are",
            '("".join(pairs) + self.blind)',
            '"".join(pairs)',
            "The files are the same.",
        ),
        protocol=True,
        tests=("tests/data_builders/test_blinding.py",),
    ),
    *within(
        "reproductions/elazhari/experiment.py",
        (
            "a blind row sees its images",
            "table.blinded(row.blind)",
            "table",
            "The field is in the config, and the runs are marked.",
        ),
        protocol=True,
        tests=("tests/test_predicting.py",),
    ),
)
