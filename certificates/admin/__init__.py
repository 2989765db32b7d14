"""What staff see and do about certificates; a room for each subject."""

from . import certificates, life

__all__ = ["certificates", "life"]
