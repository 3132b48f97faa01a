"""Which values a field of a config may have: said where it stands, or as its rows have it."""

import dataclasses

import pytest

from shared.base.errors import UserError
from shared.base.fields import assumed, check, stated


@dataclasses.dataclass(frozen=True)
class Row:
    id: str
    weights: str = stated("imagenet", "section 1", choices=("imagenet", "random"))
    view: str = stated("PA", "section 2")
    note: str = stated("x", "section 2", any_text=True)
    share: float = stated(0.1, "section 3", above=0, below=1)
    steps: int = assumed(5, 1)
    decay: float = assumed(0.0, 2)
    offset: float = assumed(-1.0, 2)
    flip: bool = assumed(True, 3)
    zoom: tuple[float, float] = assumed((0.9, 1.1), 4, above=0)
    days: tuple[int, ...] = assumed((3, 7), 4)

    def contradiction(self) -> str:
        return "zoom: the smaller comes first" if self.zoom[0] > self.zoom[1] else ""


ROWS = (Row("a"), Row("b", view="AP", steps=50))


@pytest.mark.parametrize(
    "change",
    [
        {"weights": "random"},
        {"view": "AP"},
        {"note": "anything"},
        {"share": 0.999},
        {"steps": 1},
        {"decay": 0.0},
        {"offset": -7.5},
        {"zoom": (1, 2)},
        {"days": (9,)},
    ],
)
def test_a_value_that_a_field_may_have_is_taken(change):
    check(dataclasses.replace(ROWS[0], **change), ROWS)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"weights": "ImageNet"}, "weights=ImageNet: choose one of imagenet, random; did you mean imagenet?"),
        ({"weights": "xyz"}, "weights=xyz: choose one of imagenet, random"),
        ({"view": "L"}, "view=L: choose one of PA, AP"),
        ({"share": 0.0}, "share=0.0: a number above 0 and below 1 is expected"),
        ({"share": 1.0}, "share=1.0: a number above 0 and below 1 is expected"),
        ({"share": float("nan")}, "share=nan: a number above 0 and below 1 is expected"),
        ({"decay": float("inf")}, "decay=inf: a number from 0 is expected"),
        ({"decay": -1e-9}, "decay=-1e-09: a number from 0 is expected"),
        ({"offset": float("-inf")}, "offset=-inf: a number that is finite is expected"),
        ({"steps": 0}, "steps=0: a whole number above 0 up to 50,000 is expected"),
        ({"steps": 10**9}, "steps=1000000000: a whole number above 0 up to 50,000 is expected"),
        ({"steps": 1.5}, "steps=1.5: a whole number is expected"),
        ({"steps": True}, "steps=True: a whole number is expected"),
        ({"flip": 1}, "flip=1: true or false is expected"),
        ({"zoom": (1.0,)}, "zoom=1.0: 2 values are expected, separated by commas"),
        ({"zoom": (1.0, -2.0)}, "zoom=1.0,-2.0: a number above 0 is expected"),
        ({"zoom": 1.0}, "zoom=1.0: several values are expected, separated by commas"),
        ({"zoom": (2.0, 1.0)}, "a: zoom: the smaller comes first"),
        ({"days": (0,)}, "days=0: a whole number above 0 up to 7,000 is expected"),
    ],
)
def test_any_other_value_is_refused_with_what_is_expected(change, reason):
    with pytest.raises(UserError) as refused:
        check(dataclasses.replace(ROWS[0], **change), ROWS)
    assert str(refused.value) == reason
