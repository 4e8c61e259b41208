"""Pickers, cached loaders, empty states, export buttons."""
