"""A ZIP file that is sent while it is written: the writer can't seek back in it."""


class ZipBuffer:
    """What `zipfile` writes into, and the response takes its bytes from."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def write(self, part: bytes) -> int:
        self.parts.append(bytes(part))
        self.size += len(part)
        return len(part)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        """Returns what was written since the last call."""
        whole = b"".join(self.parts)
        self.parts, self.size = [], 0
        return whole
