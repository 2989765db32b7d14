"""A ZIP that is handed on while it is written: what a packer writes into can't be turned back."""


class Out:
    """What the packer writes into, and the answer is taken from."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def write(self, part: bytes) -> int:
        self.parts.append(bytes(part))
        self.size += len(part)
        return len(part)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        whole = b"".join(self.parts)
        self.parts, self.size = [], 0
        return whole
