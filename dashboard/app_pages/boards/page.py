"""What is being judged? The boards of this store."""

from dashboard.app_pages.boards.view import offer_new, show_boards
from dashboard.app_pages.boards.waiting import show_waiting
from dashboard.ui.about import page_head
from dashboard.ui.roles import allowed
from dashboard.ui.stores import say_read_only

page_head(
    "Boards",
    "A board is an agenda for a review: runs, comparisons or any view, each with a question. "
    "People judge and comment under their names, decide, and take a report home. What was said "
    "is never rewritten, and a board names its runs by ids that are hashes of all they depend "
    "on: what was judged can be opened again to the bit.",
)
if not say_read_only() and allowed("edit"):
    offer_new()
show_waiting()
show_boards()
