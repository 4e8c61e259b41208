"""What every answer of the server tells the browser: who may frame it, and whom it may ask.

Nothing that a page shows, a run's words included, makes the browser ask another host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "frame-ancestors 'self'",
    "connect-src 'self' data: blob:",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
)
HEADERS = {
    b"content-security-policy": "; ".join(POLICY).encode(),
    b"x-frame-options": b"SAMEORIGIN",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


class Headers:
    """Adds them to every answer; a header that is there already stays."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                given += [each for each in HEADERS.items() if each[0] not in names]
                message = {**message, "headers": given}
            await send(message)

        await self.app(scope, receive, sent)
