"""Mistakes in Basu et al.: who is in Data-A and Data-B, both stages, the controls, and what is scored."""

from tests.mistakes._basu_more import NETWORKS, NUMBERS, STAGE_ONE
from tests.mistakes._basu_words import FOLDER, tests
from tests.mistakes.mistake import within

DATA = within(
    f"{FOLDER}/data.py",
    (
        "an image with pneumonia alone is diseased in Data-A",
        "np.where(pneumonia, UNUSED, 1)",
        "np.where(pneumonia, 1, 1)",
        "Pneumonia is a disease.",
    ),
    (
        "both readings of pneumonia are one",
        'if left_out == "any" else',
        'if left_out == "all" else',
        "The word of the option is written from memory.",
    ),
    (
        "training and validation of Data-A exchanged",
        "usable[held])",
        "usable[rest])",
        "Three arrays of rows are at hand.",
    ),
    (
        "Data-A trains on its validation images too",
        "    rest = usable[rest]\n",
        "    rest = usable\n",
        "The rows that are left are those that are usable.",
    ),
    (
        "Data-A is clean although Data-B's patients are in it",
        "usable = usable[~np.isin(patients[usable], patients_of_b)]",
        "usable = usable[~np.isin(usable, patients_of_b)]",
        "Rows and patients are both numbers.",
    ),
    (
        "the clean validation part is drawn by image",
        "rest, held = splits.grouped_holdout(labels[usable], groups, wanted, [seed, VALIDATION])",
        "rest, held = splits.random_holdout(labels[usable], wanted, [seed, VALIDATION])",
        "The branch beside it is copied.",
    ),
    (
        "an image with two of the six findings may be taken twice",
        "        free[chosen[finding]] = False",
        "        free[chosen[finding]] = True",
        "A mask is easily turned round.",
    ),
    (
        "other disease stands alone whatever is asked",
        'if row.other_disease == "single" else carries(findings, finding)',
        'if row.other_disease == "single" else findings == finding',
        "The class of ChestX-ray14 is the only finding.",
    ),
    (
        "pneumonia with company is in Data-B too",
        '"pneumonia": np.flatnonzero(findings == "Pneumonia"),',
        '"pneumonia": np.flatnonzero(carries(findings, "Pneumonia")),',
        "All images of the class are considered, says the text.",
    ),
    (
        "lateral X-rays show COVID-19 too",
        "_pick(covid & np.isin(views, row.covid_views), row.covid, [seed, COVIDS])",
        "_pick(covid, row.covid, [seed, COVIDS])",
        "The text names no views.",
    ),
    (
        "folds are drawn by image under both protocols",
        "return splits.grouped_k_fold(labels, patients, row.folds, [seed, FOLDS])",
        "return splits.k_fold(labels, row.folds, [seed, FOLDS])",
        "The line below it does so.",
    ),
    (
        "patients of the two collections are mixed up",
        'np.concatenate([_owned("nih", nih.patient), _owned("cohen", covid.patient)])',
        "np.concatenate([nih.patient, covid.patient])",
        "Both collections number their patients.",
    ),
    (
        "the order of Data-B's classes",
        'CLASSES_B = ("normal", "other disease", "pneumonia", "COVID-19")',
        'CLASSES_B = ("normal", "pneumonia", "other disease", "COVID-19")',
        "Table I has this order.",
    ),
    protocol=True,
    tests=tests("data", "protocol", "keys"),
)

IMAGES = within(
    f"{FOLDER}/images.py",
    (
        "the same augmentation in every epoch",
        "return self._labelled(rows, seed, epoch, augment)",
        "return self._labelled(rows, seed, 0, augment)",
        "The validation call beside it passes a zero for the epoch.",
    ),
    (
        "no augmentation",
        "return self._labelled(rows, seed, epoch, augment)",
        "return self._labelled(rows, seed, epoch, None)",
        "The validation call beside it passes None.",
    ),
    (
        "augmentation while validating",
        "return self._labelled(rows, 0, 0, None)",
        "return self.training(rows, 0, 0)",
        "Both give labelled batches.",
    ),
    (
        "ImageNet's weights read grey divided by 255",
        "return lambda images: preprocess(repeat_grey(images))",
        "return lambda images: rescale(repeat_grey(images))",
        "Every other start divides by 255.",
    ),
    protocol=True,
    tests=tests("protocol", "experiment"),
)

STAGE_TWO = within(
    f"{FOLDER}/experiment.py",
    (
        "every fold is the first one",
        "data.folds(row, b.labels, b.patients, context.seed)[draw]",
        "data.folds(row, b.labels, b.patients, context.seed)[0]",
        "One fold is the common case while one writes it.",
    ),
    (
        "stage 2 trains on the fold that it is scored on",
        "history = _fit(row, draw, network, images, train, context)",
        "history = _fit(row, draw, network, images, test, context)",
        "Both are arrays of rows.",
    ),
    (
        "stage 2 scores what it trained on",
        'fitting.predict(network, images.ordered(test), f"{row.id}: test")',
        'fitting.predict(network, images.ordered(train)[: len(test)], f"{row.id}: test")',
        "The trained part is at hand.",
    ),
    (
        "stage 2 starts from new weights",
        "        model.without_head(network).load_weights(body)\n",
        "        model.without_head(network)\n",
        "A call is lost that changes no shape.",
    ),
    (
        "the ImageNet start is new weights",
        "        model.copy_by_name(published, network)\n",
        "        model.copy_by_name(network, published)\n",
        "Source and target are exchanged.",
    ),
    (
        "weights are drawn anew after they were loaded",
        "    return network.get_weights()\n",
        "    return model.initialise(network, context.seed).get_weights()\n",
        "Every start is initialised.",
    ),
    (
        "all folds shuffle alike",
        "seed = fitting.draw_seed(context.seed, draw)",
        "seed = fitting.draw_seed(context.seed, 0)",
        "Stage 1 has one seed.",
    ),
    (
        "the random start trains as long as stage 2",
        'epochs=row.epochs if row.start == "random" else row.tuning_epochs',
        "epochs=row.tuning_epochs",
        "All three starts are rows of Data-B.",
    ),
    (
        "the random start is frozen like stage 2",
        'how = recipe.from_scratch(row, len(train)) if row.start == "random" else recipe.tuning(row)',
        "how = recipe.tuning(row)",
        "All three starts are rows of Data-B.",
    ),
    protocol=True,
    tests=tests("protocol", "experiment"),
)

MISTAKES = (*DATA, *IMAGES, *STAGE_ONE, *STAGE_TWO, *NETWORKS, *NUMBERS)
