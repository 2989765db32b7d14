"""Search of a learner's own titles, transcripts, documents, texts and notes.

`passages` and `folding` are pure: files become passages, and words are found in them. `sources`
says which files a content has, `indexing` stores their passages, and `finding` looks into those
that a learner may open.
"""
