"""The second part of the catalogue `_shared_data.py`."""

from tests.mistakes._shared_data_words import TESTS
from tests.mistakes.mistake import within

PIXELS = within(
    "data_builders/pixels.py",
    (
        "the box is not cut",
        "image = _boxed(image, box)",
        "_boxed(image, box)",
        "A function that checks the box looks as if it cut in place.",
    ),
    (
        "the box's axes are exchanged",
        "cut = image[max(top, 0) : bottom, max(left, 0) : right]",
        "cut = image[max(left, 0) : right, max(top, 0) : bottom]",
        "The box is printed with x first, an array has y first.",
    ),
    (
        "the central crop is forgotten",
        "resize(_middle(image, frame.central_crop), frame.height, frame.width)",
        "resize(image, frame.height, frame.width)",
        "A refactoring drops a call whose default changes nothing.",
    ),
    (
        "images are shrunk without averaging",
        "interpolation=cv2.INTER_AREA",
        "interpolation=cv2.INTER_LINEAR",
        "Linear is OpenCV's default.",
    ),
    (
        "pixels of one frame are found for another",
        'facts = {"images": table.fingerprint(), "frame": asdict(frame)}',
        'facts = {"images": table.fingerprint()}',
        "The file's shape seems to say the frame already.",
    ),
    protocol=True,
    tests=(f"{TESTS}/test_pipeline.py",),
)

LABELS = (
    *within(
        "data_builders/table.py",
        (
            "a set is known by its names alone",
            'f"{name}\\0{sha}\\n" for name',
            'f"{name}\\n" for name',
            "Names are unique, so they seem to say which images these are.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_catalog.py", f"{TESTS}/test_pipeline.py"),
    ),
    *within(
        "data_builders/catalog.py",
        (
            "images in the order they are stored",
            "yield int(row), data",
            "yield int(position), data",
            "Row and position are the same in a table that nobody has cut.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_catalog.py", f"{TESTS}/test_pipeline.py"),
    ),
    *within(
        "data_builders/covidx_ct.py",
        (
            "COVIDx: validation and test files exchanged",
            '"val": "validation", "test": "test"',
            '"val": "test", "test": "validation"',
            "Both are short lists of the same form.",
        ),
        (
            "COVIDx: patient 3 with COVID-19 is patient 3 with none",
            r"((?:Normal|CP|NCP)_\d+)_\d+_\d+",
            r"(?:Normal|CP|NCP)_(\d+)_\d+_\d+",
            "The number alone looks like a patient's.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_covidx_ct.py",),
    ),
    *within(
        "data_builders/covid_ct.py",
        (
            "COVID-CT: validation and test lists exchanged",
            '("val", "validation"), ("test", "test")',
            '("val", "test"), ("test", "validation")',
            "Both are short lists of the same form.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_covid_ct.py",),
    ),
    *within(
        "data_builders/chest_xray14.py",
        (
            "ChestX-ray14: several findings count as the first of them",
            'label = _SEVERAL if "|" in findings else _CLASSES.index(findings)',
            'label = _CLASSES.index(findings.split("|")[0])',
            "One class per image is simpler.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_chest_xray14.py",),
    ),
    *within(
        "data_builders/covid_chestxray.py",
        (
            "covid-chestxray: computed tomography counts as X-rays",
            'xrays = [line for line in lines if line["modality"] == "X-ray"]',
            "xrays = lines",
            "The collection is called after X-rays.",
        ),
        (
            "covid-chestxray: a patient under two numbers is two patients",
            'patient = same.get(line["patientid"], line["patientid"])',
            'patient = line["patientid"]',
            "The column is called patientid.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_covid_chestxray.py",),
    ),
    *within(
        "data_builders/scanning.py",
        (
            "images in alphabetical order",
            "images = sorted(images, key=lambda image: natural(image.name))",
            "images = sorted(images, key=lambda image: image.name)",
            "Sorted without a key puts image 10 before image 2, and nobody sees it.",
        ),
        protocol=True,
    ),
)
