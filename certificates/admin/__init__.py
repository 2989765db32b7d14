"""What staff see and do about certificates; a room for each subject."""

from . import certificates, designs, life

__all__ = ["certificates", "designs", "life"]
