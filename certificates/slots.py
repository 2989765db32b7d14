"""Places that the site above fills, without an import upwards."""

from progress.slots import Slot

# (issuer) -> PEM of a key, its certificate and the chain above it: who signs where no key is set.
signing_identity = Slot()
