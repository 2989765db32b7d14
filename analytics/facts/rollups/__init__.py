"""Evidence, added up: the one writer of the rollups' tables.

`folding` takes what is new, `rebuilding` makes it all again, `finding` says who has something new.
What an event means is in `evidence`, `buckets`, `days` and `questions`, which know no rows.
"""
