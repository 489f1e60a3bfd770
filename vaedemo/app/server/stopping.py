"""The page's server, which ends in a moment and in silence also while browsers hold streams open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from types import FrameType
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

KEPT_OPEN = 75  # seconds without a question: clients close earlier, so that no question meets a connection's end


class Server(uvicorn.Server):
    """Tells every request that is open when a signal asks the server to end that its visitor has gone.

    uvicorn waits for open requests and then cancels them, with a traceback each; a page always holds one stream, the
    heartbeat by which Gradio knows that it is still there.
    """

    def __init__(self, app: App, grace: int):
        """grace: seconds for answers on their way, after which they are cut off."""
        self.ending = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                self._ending(app),
                log_level="warning",
                timeout_graceful_shutdown=grace,
                timeout_keep_alive=KEPT_OPEN,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.ending.set()  # signals come to the loop's own thread, which looks around ten times a second

    def _ending(self, app: App) -> App:
        async def ended(scope: Any, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            begun = complete = False

            async def received() -> Message:
                message, end = asyncio.ensure_future(receive()), asyncio.ensure_future(self.ending.wait())
                try:
                    await asyncio.wait((message, end), return_when=asyncio.FIRST_COMPLETED)
                    return message.result() if message.done() else {"type": "http.disconnect"}
                finally:
                    message.cancel()
                    end.cancel()

            async def sent(message: Message) -> None:
                nonlocal begun, complete
                begun = True
                complete = message["type"] == "http.response.body" and not message.get("more_body", False)
                await send(message)

            try:
                await app(scope, received, sent)
            except asyncio.CancelledError:
                if not self.ending.is_set():
                    raise
            if self.ending.is_set() and begun and not complete:
                await send({"type": "http.response.body"})

        return ended
