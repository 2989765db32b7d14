"""What counts as progress, as pure functions: values in, values out.

No ORM, no clock, no settings: `now` and `Limits` are passed in. Time and media positions are
integer milliseconds, shares are integer basis points, so no float meets a threshold.
"""
