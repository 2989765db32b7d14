"""Slots that the project fills, so that this app need not import it."""

from progress.slots import Slot

# (issuer) -> PEM of a key, its certificate and the chain above it, used if no key is set.
signing_identity = Slot()
