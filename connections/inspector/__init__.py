"""The event inspector: what a key or a learning session sends, with each answer, as it comes."""
