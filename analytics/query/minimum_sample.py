"""Which groups stay hidden, so that nobody works out what is hidden from what is shown. Pure."""

from collections.abc import Sequence

# A figure over fewer people would tell of persons.
SMALLEST_GROUP = 5


def hidden(sizes: Sequence[int]) -> frozenset[int]:
    """The places of the groups to hide, of groups that add up to a total that is shown.

    `sizes` says of how many people each tells. Hidden are those of fewer than five; and the next
    smallest with them, while the hidden ones together are fewer than five: the total minus what is
    shown would tell of them. So all are hidden, or what is left to work out is of five and more.
    """
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    count = people = 0
    for place in order:
        if sizes[place] >= SMALLEST_GROUP and (not count or people >= SMALLEST_GROUP):
            break
        count += 1
        people += sizes[place]
    return frozenset(order[:count])
