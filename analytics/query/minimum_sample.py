"""The one rule about small groups, for pages, the API and files alike. Pure.

What describes how a group did (a share, a mean, a median, a score, the time it took) is shown from
five people on; below, only how many people they are. It keeps figures from being read that say
little, and that is all: whoever reads them may read every name on the same page.
"""

MIN_SAMPLE = 5


def is_enough(people: int) -> bool:
    """Whether what describes so many people is shown."""
    return people >= MIN_SAMPLE
