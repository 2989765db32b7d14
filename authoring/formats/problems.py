"""Why a file can't be used."""


class FileProblem(Exception):
    """A file can't be used; the message says why, and what to do, in the reader's language."""
