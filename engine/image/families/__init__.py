"""Families of image denoisers behind one protocol, one file each."""
