"""Uploaded files, for integrators: the rules and the writer are those of the pages."""
