"""The fixed test set of Table 1."""

from shared.consistency.printed import PrintedSet

PRINTED_SETS = (
    PrintedSet(
        rows=("vgg16-v1", "vgg16-v2", "resnet50", "efficientnetb0"),
        counts={"COVID-19": 29, "Normal": 60, "Pneumonia": 60},
        place="Table 1",
    ),
)

PRINTED_NUMBERS = {
    ("table", "paper"): 29,  # Table 2's 16; of Table 1 nine counts, the synthetic images, three network sizes
    ("table", "others"): 13,
    ("prose", "paper"): 17,
    ("prose", "others"): 3,
    ("figure", "paper"): 1,
}
"""(source, by) -> numbers, counted in the paper: every result of a table, and every one the prose gives."""

_KINDS = ("covid_19", "normal", "pneumonia")
FACTS = (
    *(f"{part}_{kind}" for part in ("images", "training", "test") for kind in _KINDS),
    *("synthetic_images", "published_parameters", "collection_covid_share"),
)
"""Table 1's counts, and what the text says of networks and collections, as runs note them."""
