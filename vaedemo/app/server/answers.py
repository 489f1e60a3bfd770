"""The mark of our own answers: the page shows no sentence that another server, such as a proxy, has written."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import Receive

MARK = {"x-vaedemo": "1"}


def sentence(text: str, status: int) -> PlainTextResponse:
    """One sentence for the person who asked."""
    return PlainTextResponse(text, status, MARK)


async def drain(receive: Receive) -> None:
    """Takes the rest of a request's body: many clients read no answer before they have sent everything."""
    while (await receive()).get("more_body", False):
        pass
