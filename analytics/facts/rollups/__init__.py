"""Evidence, added up: the only writer of the rollups' tables.

`folding` adds what is new, `rebuilding` computes everything again, `finding` finds who has
something new. What an event means is in `evidence`, `buckets`, `days` and `questions`, which are
pure.
"""
