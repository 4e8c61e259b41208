"""Families of image pipelines by what their folders say, one file each. No torch."""
