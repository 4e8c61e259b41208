"""One question a page, each thin: load, choose, show."""
