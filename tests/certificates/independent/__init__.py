"""Badges in the eyes of libraries that share nothing with this project (npm, run by node)."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSTALL = "apt-get install nodejs npm; npm ci --prefix tests/certificates/independent"


def verify(credential: dict, documents: dict[str, dict]) -> dict:
    """`{verified, error, bits}`, as verify.mjs prints them.

    `documents` are what would be fetched, by address.
    """
    if not shutil.which("node") or not (HERE / "node_modules").is_dir():
        missing = f"node or its libraries are missing: {INSTALL}"
        (pytest.fail if os.environ.get("REQUIRE_NODE") else pytest.skip)(missing)
    asked = json.dumps({"credential": credential, "documents": documents})
    done = subprocess.run(
        ["node", HERE / "verify.mjs"],
        input=asked,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)
