"""Formats that differ from Django's own, found by FORMAT_MODULE_PATH."""
