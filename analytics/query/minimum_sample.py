"""The one rule about small groups, for pages, the API and files alike. Pure.

What describes how a group did (a share, a mean, a median, a score, the time it took) is shown for
five people or more; for fewer, only how many they are. That keeps figures that say little off the
page, and is all: whoever reads them may read every name on the same page.
"""

MIN_SAMPLE = 5


def is_enough(people: int) -> bool:
    """Whether figures about this many people are shown."""
    return people >= MIN_SAMPLE
