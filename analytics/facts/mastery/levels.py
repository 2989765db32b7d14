"""From when on something is said of a skill, and what."""

FEWEST_ANSWERS = 4  # below, nothing is said of a skill
MASTERED = 0.7  # the share of right answers to expect of who masters it
