"""How well each learner knows each skill, from quiz answers, and when it is due for review."""
