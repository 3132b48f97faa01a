"""Mistakes in Altaf et al.: who is trained on, rates, freezing, the dictionary, seeds and keys."""

from tests.mistakes._altaf_more import _CONFIG, _EXPERIMENT, _KEYS, _MODEL, _SLIPS
from tests.mistakes._altaf_readings import READINGS
from tests.mistakes._altaf_words import DATA, protocol

_DATA = protocol(
    "data.py",
    (
        "labels reversed",
        'CLASSES.index("COVID" if table.classes[i] == "COVID" else "non-COVID")',
        'CLASSES.index("non-COVID" if table.classes[i] == "COVID" else "COVID")',
        "The datasets themselves have COVID as their first class.",
    ),
    (
        "the datasets' own order of classes",
        '[CLASSES.index("COVID" if table.classes[i] == "COVID" else "non-COVID") for i in table.label]',
        "table.label",
        "The table has labels already.",
    ),
    (
        "translation as a fraction of the side",
        "shift_pixels=row.translation",
        "shift=row.translation",
        "Keras' own layer for it takes fractions.",
    ),
    (
        "no reflection of the CT images",
        "zoom=row.scaling, shift_pixels=row.translation, flip=True",
        "zoom=row.scaling, shift_pixels=row.translation",
        "Section 4 names it last.",
    ),
    (
        "no rotation of the radiographs",
        "Augment(rotation=row.rotation, flip=True)",
        "Augment(flip=True)",
        "Section 4's augmentation has none.",
    ),
    (
        "augmented where the row is not",
        "if not row.augmented:",
        "if row.augmented:",
        "A guard is easily turned round.",
    ),
    (
        "the last images of a finding",
        "np.flatnonzero(findings == finding)[:per_class]",
        "np.flatnonzero(findings == finding)[-per_class:]",
        "The text does not say which 775 it takes.",
    ),
    (
        "CT at the boosted side for every row",
        "return row.side if row.boosted else row.source_side",
        "return row.side",
        "The sheet speaks of 448 × 448 inputs throughout.",
    ),
) + protocol(
    "data.py",
    (
        "the same chunk in every draw",
        "row.test_fraction, seed, draw)",
        "row.test_fraction, seed, 0)",
        "The draw reaches the training's seed, so that draws differ all the same.",
    ),
    (
        "images with several findings taken",
        "np.flatnonzero(findings == finding)",
        "np.flatnonzero([finding in found.split('|') for found in findings])",
        "ChestX-ray14 is a set of many labels, and all of them are in one cell.",
    ),
    tests=DATA,
)

_INTERMEDIATE = protocol(
    "intermediate.py",
    (
        "the rate is never divided",
        "row.intermediate_rate / row.rate_divisor**step",
        "row.intermediate_rate",
        "The divisor has a line of its own in the text.",
    ),
    (
        "the rate is divided once",
        "row.rate_divisor**step",
        "row.rate_divisor ** min(step, 1)",
        '"We again reduce the learning rate by 10" reads as the second step\'s rate.',
    ),
    (
        "step 3 is frozen",
        "(False, cropped, augment)]",
        "(True, cropped, augment)]",
        "The first two steps have it so.",
    ),
    (
        "step 1 is augmented",
        "(True, whole, None)",
        "(True, whole, augment)",
        "The other two steps have it so.",
    ),
    (
        "whole radiographs in every step",
        "cropped = data.load_findings(row, context.data_dir, context.cache_dir, row.central_crop)",
        "cropped = whole",
        "A random crop would be a part of the augmentation, which follows.",
    ),
    (
        "the crop in every step",
        "context.cache_dir, central_crop=1.0)",
        "context.cache_dir, row.central_crop)",
        "The crop is a field of the row.",
    ),
    (
        "a frozen network is not thawed",
        "if model.compiled and all(\n"
        "        layer.trainable != frozen for layer in model.layers"
        " if isinstance(layer, keras.Model)\n    ):",
        "if model.compiled:",
        "Compiling anew takes half a minute.",
    ),
    (
        "radiographs in 0 to 255",
        "finish=rescale,",
        "finish=lambda images: images,",
        "The networks of keras.applications rescale in their preprocessing.",
    ),
    (
        "Adam's moments go on from step to step",
        "fitting.reset(model, model.get_weights())",
        "pass",
        "The weights are where they should be: only Adam's moments are not.",
    ),
)

_TARGET = protocol(
    "target.py",
    ("training on all images", "rows=train,", "rows=None,", "Without rows the batches are everybody."),
    (
        "no preprocessing",
        "BACKBONES[row.backbone].preprocess(repeat_grey(images))",
        "rescale(repeat_grey(images))",
        "The boosted rows have grey / 255.",
    ),
    (
        "boosted rows in the backbone's own scale",
        "    if row.boosted:\n        return rescale\n",
        "    if row.boosted:\n        return lambda images: images\n",
        "A network of its own might rescale by itself.",
    ),
    (
        "augmentation while scoring",
        "shown = eval_batches(images.pixels, batch=row.batch, finish=intensity(row))",
        "shown = eval_batches(\n        images.pixels, batch=row.batch, finish=intensity(row),"
        " augment=data.target_augmentation(row)\n    )",
        "The same options stand in the training's call.",
    ),
    (
        "the same augmentation in every epoch",
        "finish=intensity(row),\n        rows=train,",
        "finish=intensity(row),\n        rows=train,\n        fixed_pool=True,",
        "An augmented data set is often made once.",
    ),
    (
        "the same order in every epoch",
        "        seed=seed,\n        epoch=epoch,",
        "        seed=seed,\n        epoch=0,",
        "An epoch is one pass, whichever.",
    ),
    (
        "the output layer as fast as the others",
        "layer_rates={OUTPUT: output_rate}",
        "layer_rates={}",
        "The text has it in half a sentence.",
    ),
    (
        "the intermediate model is not loaded",
        "load_body(ready.model, intermediate_model(row, context))",
        "intermediate_model(row, context)",
        "It is trained, and nothing fails without the last step.",
    ),
    (
        "the output layer is not drawn anew",
        "    renew_output(ready.model, seed)\n",
        "",
        "A built model has one already.",
    ),
    (
        "a draw goes on from the last one's weights",
        "    fitting.reset(ready.model, ready.start)\n",
        "",
        "The model is compiled once for all draws.",
    ),
    (
        "the same seed in each draw",
        "return context.seed + 1000 * (draw + 1)",
        "return context.seed + 1000",
        "The chunk differs from draw to draw anyway.",
    ),
    (
        "averages over all images",
        "one_more = batches(row, images, train, target_seed(draw, context), row.epochs)",
        "one_more = batches(row, images, None, target_seed(draw, context), row.epochs)",
        "They are no weights, so nothing is learned from the test chunk.",
    ),
    (
        "averages of whatever the last training left",
        "    restored(ready.model, stage)\n",
        "",
        "Right after its own training the model is still at hand.",
    ),
)

_PARTS = protocol(
    "experiment.py",
    (
        "the moving averages in every row",
        "    if not row.retakes_averages:\n",
        "    if True:\n",
        "Keras does so.",
    ),
    (
        "training on the test chunk",
        "of = (row, draw, images, train, context)",
        "of = (row, draw, images, np.setdiff1d(np.arange(len(images.labels)), train), context)",
        "The two parts come as a pair.",
    ),
)

MISTAKES = (
    *_PARTS,
    *READINGS,
    *_DATA,
    *_CONFIG,
    *_INTERMEDIATE,
    *_TARGET,
    *_MODEL,
    *_EXPERIMENT,
    *_KEYS,
    *_SLIPS,
)
