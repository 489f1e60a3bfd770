"""What the page and `vaedemo.express` need to know of expressions: their codes, as the training people have them."""

from __future__ import annotations

from torch import Tensor

from vaedemo import data
from vaedemo.models.base import Trainable
from vaedemo.models.expressions import Expressions, codes_of


def expression_codes(model: Trainable, twin: bool) -> dict[str, Tensor]:
    """Tensors about the expressions, in the order of `flow.EXPRESSIONS`; of another kind of model none.

    code_count (2, 15): flows behind each code, first of pairs of photographs, then of blendshapes and rendered heads.
    code_mean (2, 15, Z), code_slope (2, 15, Z, Y), code_spread (2, 15, 3, Z) and shape_codes (45, Z), float16: see
    `models.expressions.Codes`.
    """
    if not isinstance(model, Expressions):
        return {}
    codes = codes_of(model, data.load("expressions", "train", twin=twin))
    return {
        "code_count": codes.number,
        "code_mean": codes.mean.half(),
        "code_slope": codes.slope.half().contiguous(),
        "code_spread": codes.spread.half().contiguous(),
        "shape_codes": codes.shapes.half().contiguous(),
    }
