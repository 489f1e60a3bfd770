"""The routes and endpoints of the Expressions tab: where a photo's face lies, its landmarks, and edits of it."""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

from io import BytesIO
from typing import Any, TypedDict

import gradio as gr
import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo import express as editing
from vaedemo.app.server import endpoint_arguments as arguments
from vaedemo.app.server.request_parsing import BYTES, data_url, eyes, of_a_picture
from vaedemo.app.tab import Endpoint, Route, Upload
from vaedemo.app.tabs.expressions import pixels
from vaedemo.errors import Refused
from vaedemo.vision import preprocessing

SEEN = 1_000  # pixels of the longer side: faces are looked for in no more, and a JPEG of 12 megapixels is read at a quarter


class Expressed(TypedDict):
    picture: str  # a PNG as a data URL


class Flow(TypedDict):
    file: str  # an npz as a data URL


async def _face(request: Request) -> Response:
    """Body: a photo. Answer: where its eyes are, in parts of the photo's sides; its landmarks in the face's own square of
    64 pixels, x and y of each in a row; and `linear` and `offset`, which take places there to the photo, in its widths.

    `eyes` in the query, x, y, x, y in parts of the sides, are believed; without them they are looked for. Null: no face
    is found as the photo lies; `turned` then says by how many degrees counter-clockwise it must be turned, or is null.
    What it answers for the page's examples is kept in lib/example-faces.json.
    """
    given = eyes(request)
    return await of_a_picture(request, lambda file: JSONResponse(located(file, given)))


def located(file: bytes, given: NDArray[np.float64] | None) -> dict[str, object]:
    """The answer of `express/face`."""
    try:
        one = _face_of(file, given)
    except editing.NoFace:
        return {"eyes": None, "turned": None}
    if one.turned:
        return {"eyes": None, "turned": one.turned}
    from vaedemo.models.landmarks import eye_centres

    return {
        "eyes": (one.placed(eye_centres(one.points)[0]) / one.image.size).tolist(),
        "points": one.points.flatten().tolist(),
        "linear": (one.linear / one.image.width).tolist(),
        "offset": (one.offset / one.image.width).tolist(),
    }


def _face_of(file: bytes, given: NDArray[np.float64] | None) -> editing.Face:
    """The face of a photo; given: its eyes in parts of the sides. Raises NoFace, BadPicture and Refused."""
    photo = preprocessing.read(file, SEEN)
    try:
        return editing.face(photo, None if given is None else given * photo.size - 0.5)
    except editing.NoFace:
        raise
    except ValueError as error:  # eyes outside of the photo, or both in one place
        raise Refused(str(error)) from None


async def _encoded(request: Request) -> Response:
    """Body: a photo; `eyes` in the query as express/face takes them. Answer: its code by the models of pixels, see
    `pixels.Encoded`."""
    given = eyes(request)
    return await of_a_picture(request, lambda file: JSONResponse(pixels.encoded_face(_face_of(file, given))))


async def _compared(request: Request) -> Response:
    """Body: a photo; `eyes` in the query as express/face takes them, and `smile` from 0 to 1. Answer: the same smile
    along the flow and by two models of pixels, see `pixels.compared`."""
    given = eyes(request)
    try:
        smile = arguments.number("smile", float(request.query_params.get("smile", "1")), 0, 1)
    except ValueError:
        raise Refused("smile: a number from 0 to 1 is wanted") from None
    return await of_a_picture(request, lambda file: JSONResponse(pixels.compared(_face_of(file, given), smile)))


def express(image: gr.FileData, expression: str = "smile", strength: float = 1.0) -> Expressed:
    """A photo with another expression: its face is found, a flow is decoded, and the photo read along it.

    Expressions are smile, smile_open, laugh, mouth_open, surprised, sad, angry, disgust, pucker, squint, brows_up,
    eyes_closed, wink_left, wink_right, and neutral, which takes a smile off. A photo that lies on its side is turned.
    Returns {"picture": a PNG as a data URL, as large as the photo, but 2,048 pixels a side at most}.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        expression: one of these.
        strength: from -0.5 (suppressed) to 1.5 (magnified); 1 is the whole expression.
    """
    strength = arguments.number("strength", strength, editing.WEAKEST, editing.STRONGEST)
    one = editing.face(_file(image, expression))
    stream = BytesIO()
    editing.edited(one, expression, strength).save(stream, "PNG")
    return {"picture": data_url("image/png", stream.getvalue())}


def flow(image: gr.FileData, expression: str = "smile") -> Flow:
    """The flow behind an edit: where each pixel of the edited face comes from in the photo, at strength 1.

    Returns {"file": an npz as a data URL}. It holds flow (2, 64, 64), x to the right and y down, in pixels of the face's
    own square of 64 x 64; points (138, 2), the landmarks there; linear (2, 2) and offset (2,): linear @ place + offset
    is where a place of the square is in the photo, which was turned by `turned` degrees counter-clockwise before, so
    that its face is upright. All count from the upper left corner.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        expression: as /express takes it.
    """
    one = editing.face(_file(image, expression))
    stream = BytesIO()
    np.savez(
        stream,
        flow=editing.flow(one, expression)[0].numpy(),
        points=one.points[0].numpy(),
        linear=one.linear,
        offset=one.offset,
        turned=one.turned,
    )
    return {"file": data_url(BYTES, stream.getvalue())}


def _file(image: Any, expression: Any) -> Any:
    """The photo, once the expression is known to be one. Raises Refused and BadPicture."""
    if not isinstance(expression, str) or expression not in editing.expressions():
        known = ", ".join(editing.expressions())
        raise Refused(f"expression: unknown {arguments.short(expression)}; known: {known}")
    return preprocessing.read(arguments.uploaded("image", image))


ROUTES = (
    Route("express/face", _face, takes=Upload.PHOTO),
    Route("express/encoded", _encoded, takes=Upload.PHOTO),
    Route("express/compared", _compared, takes=Upload.PHOTO),
)
ENDPOINTS = (Endpoint(express, Upload.PHOTO), Endpoint(flow, Upload.PHOTO))
