"""Everything that is kept about a person, as a ZIP file for that person.

`parts` is where each app says which of its tables belong in it (`own_data.py` of the app) and which
don't, and why. `archive` writes the file, `copies` makes it when a person asks, and keeps it for
some days.
"""
