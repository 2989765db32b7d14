"""typst, with the fonts that documents are set in: every script that a name may be written in.

Never use this in a process that forks afterwards: its threads would be missing there.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path

import noto_cjk_sans_otc
import typst

FONTS = Path(__file__).parent / "fonts"
_of_this_thread = threading.local()


def compiler(root: Path) -> typst.Compiler:
    """For the documents under `root`. One for each thread: it keeps the fonts."""
    compilers = _of_this_thread.__dict__.setdefault("compilers", {})
    if root not in compilers:
        compilers[root] = typst.Compiler(
            root=str(root),
            font_paths=[str(FONTS), str(Path(noto_cjk_sans_otc.__file__).parent)],
            ignore_system_fonts=True,
        )
    return compilers[root]


LONGEST_SECONDS = 120


def compiled_aside(source: Path, **options) -> bytes:
    """A long document as PDF, in a process of its own: a table of two thousand rows takes some
    225 MB, which go back with it. Raises subprocess.CalledProcessError and TimeoutExpired."""
    done = subprocess.run(
        [sys.executable, "-P", __file__, str(source)],
        input=json.dumps(options).encode(),
        stdout=subprocess.PIPE,
        timeout=LONGEST_SECONDS,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    source = Path(sys.argv[1])
    options = json.load(sys.stdin)
    sys.stdout.buffer.write(compiler(source.parent).compile(str(source), format="pdf", **options))
