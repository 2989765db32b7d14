"""From how many answers on a skill is judged, and when it counts as mastered."""

MIN_ANSWERS = 4  # with fewer, a skill isn't judged
MASTERED = 0.7  # the expected share of right answers
