"""What staff see and do about certificates; one module for each subject."""

from . import certificates, designs, lifecycle

__all__ = ["certificates", "designs", "lifecycle"]
