"""Events: which there are, what they say, and how they come into order."""
