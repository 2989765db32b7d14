"""Mail that goes out once at most: that it is being sent is written down before it is."""

# Stands there while it is sent, and stays if nobody comes back to take it away.
INTERRUPTED = "It was interrupted while it was being sent; it may not have come."
