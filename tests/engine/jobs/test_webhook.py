"""The webhook: one POST when something ends, none without an address, and no act fails by it."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from engine.jobs import webhook
from engine.reviews import boards, voices
from engine.reviews.records import person

ANNA = person("Anna")


@pytest.fixture
def heard(monkeypatch):
    """What a server was sent, by a webhook that is configured to it."""
    messages, arrived = [], threading.Semaphore(0)

    class Server(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            messages.append((self.headers["Content-Type"], json.loads(body)))
            self.send_response(204)
            self.end_headers()
            arrived.release()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(webhook.VARIABLE, f"http://127.0.0.1:{server.server_port}/hook")
        yield lambda: arrived.acquire(timeout=60) and messages
        server.shutdown()


def decided(store):
    board = boards.make_board(store, "Room", by=ANNA)
    (item,) = boards.add_items(store, board, [{"title": "one"}], by=ANNA)
    voices.decide(store, board, item, "accepted", by=ANNA, sentence="fine")
    return board, item


def test_a_decision_is_told_once(store, heard):
    board, item = decided(store)
    ((kind, message),) = heard()
    assert kind == "application/json"
    assert {k: message[k] for k in ("event", "board", "item", "outcome", "sentence", "by")} == {
        "event": "decision", "board": board, "item": item, "outcome": "accepted",
        "sentence": "fine", "by": "Anna",
    }  # fmt: skip


def test_without_an_address_nothing_is_sent(store, monkeypatch):
    monkeypatch.delenv(webhook.VARIABLE, raising=False)
    monkeypatch.setattr(webhook, "_send", lambda *_: pytest.fail("it was sent"))
    assert webhook.tell("job", {}) is None
    decided(store)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/closed", "file:///etc/passwd", "nonsense"])
def test_what_does_not_get_through_is_one_line_and_the_act_stands(
    store, monkeypatch, caplog, address
):
    monkeypatch.setenv(webhook.VARIABLE, address)
    with caplog.at_level(logging.WARNING, logger="stepscope.webhook"):
        sender = webhook.tell("job", {"title": "x" * 9_000})
        sender.join(60)
    (record,) = caplog.records
    assert "the webhook was not told of job" in record.message
    assert "\n" not in record.message
    board, item = decided(store)
    assert item in voices.decisions(store, board)
