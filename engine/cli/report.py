"""``python -m engine report`` and ``python -m engine boards``: what people judged, from a shell."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from cache.errors import BrowserMissing, InvalidInput
from cache.store import Store
from engine.capsules.exporting import export_board
from engine.chain.wording import counted
from engine.cli.console import AsJson, StoreFolder, open_store, print_json, print_rows, stderr
from engine.cli.doctor import BROWSERS
from engine.cli.files import written_whole
from engine.reviews import voices
from engine.reviews.boards import list_boards, resolve_board
from engine.reviews.report import report_html
from engine.reviews.report_links import USUAL, checked_address
from engine.reviews.report_markdown import report_markdown, report_markdown_zip
from engine.reviews.report_pdf import printed


def _report_pdf(store: Store, board: str, *, address: str = USUAL) -> bytes:
    """The HTML file, printed. Raises BrowserMissing where no Chromium is here."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise BrowserMissing("no Chromium is on this machine to print a PDF: write .html instead")
    return printed(report_html(store, board, address=address), browser)


def _report_slides(store: Store, board: str, *, address: str = USUAL) -> bytes:
    from engine.reviews.report_slides import report_slides  # its library takes a while to load

    return report_slides(store, board, address=address)


FORMS = {
    ".html": report_html,
    ".md": report_markdown,
    ".pdf": _report_pdf,
    ".pptx": _report_slides,
}
BoardId = Annotated[str, typer.Argument(help="A board's id (or its beginning), or its title.")]


def report(
    board: BoardId,
    to: Annotated[
        Path,
        typer.Option(
            help="A file: .html, .pdf, .pptx, .md, .md.zip (pictures beside it), .zip (a capsule)."
        ),
    ],
    address: Annotated[
        str, typer.Option(help="The dashboard that the links of the report lead to.")
    ] = USUAL,
    store: StoreFolder = None,
) -> None:
    """Write a board as one document, or as a capsule that opens in another store."""
    if to.suffix not in (*FORMS, ".zip"):
        raise InvalidInput(
            f"to must end in .html, .pdf, .pptx, .md, .md.zip or .zip (a capsule), got {to.name}"
        )
    there = checked_address(address)
    with open_store(store, to_read=True) as opened:
        chosen = resolve_board(opened, board)
        with written_whole(to) as file:
            if to.name.endswith(".md.zip"):
                file.write(report_markdown_zip(opened, chosen, address=there))
            elif to.suffix == ".zip":
                export_board(opened, chosen, file)
            else:
                file.write(FORMS[to.suffix](opened, chosen, address=there))
    stderr.print(f"wrote {to}, {to.stat().st_size:,} bytes", markup=False)


def boards(store: StoreFolder = None, json: AsJson = False) -> None:
    """The boards of the store, the last changed first."""
    with open_store(store, to_read=True) as opened:
        listed = [
            {
                "board": board.id,
                "title": board.title,
                "archived": board.archived,
                "items": len(board.items),
                "verdicts": len(voices.verdicts(opened, board.id)),
                "decided": len(voices.decisions(opened, board.id)),
            }
            for board in list_boards(opened)
        ]
    if json:
        print_json({"boards": listed})
        return
    rows = [
        (
            str(row["board"])[:12] + (" archived" if row["archived"] else ""),
            counted(int(str(row["items"])), "item"),
            counted(int(str(row["verdicts"])), "verdict"),
            str(row["title"]),
        )
        for row in listed
    ]
    print_rows(("board", "agenda", "votes", "title"), rows)
