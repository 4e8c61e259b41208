"""Who may frame the pages, and whom they may make the browser ask."""

import asyncio

from dashboard.headers import HEADERS, Headers


def answered(given):
    sent = []

    async def plain(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": given})
        await send({"type": "http.response.body", "body": b"x"})

    async def send(message):
        sent.append(message)

    asyncio.run(Headers(plain)({"type": "http"}, None, send))
    return sent


def test_every_answer_carries_them_and_keeps_its_own():
    start, body = answered([(b"Referrer-Policy", b"origin")])
    headers = dict(start["headers"])
    assert headers[b"Referrer-Policy"] == b"origin"
    assert b"referrer-policy" not in headers
    assert b"frame-ancestors 'self'" in headers[b"content-security-policy"]
    assert headers[b"x-frame-options"] == b"SAMEORIGIN"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert body == {"type": "http.response.body", "body": b"x"}


def test_no_directive_lets_another_host_in():
    policy = HEADERS[b"content-security-policy"].decode()
    sources = [word for part in policy.split("; ") for word in part.split()[1:]]
    assert set(sources) <= {"'self'", "'none'", "data:", "blob:"}


def test_the_server_finds_them_by_the_plain_command():
    from pathlib import Path

    from streamlit.web.server.app_discovery import discover_asgi_app

    discovered = discover_asgi_app(Path(__file__).parents[2] / "dashboard" / "app.py")
    assert (discovered.is_asgi_app, discovered.import_string) == (True, "app:app")
