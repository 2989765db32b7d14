"""Reading columns of parquet files, with clear errors."""

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

try:
    import pyarrow
    from pyarrow import parquet
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "pyarrow isn't installed: bin/research installs what research needs"
    ) from error


class BadFolder(Exception):
    """The folder doesn't have these tables; the message says what is missing."""


def read(
    path: Path,
    columns: Iterable[str],
    texts: Collection[str],
    optional: Collection[str] = (),
) -> dict[str, np.ndarray]:
    """Named columns: `texts` as str (empty for null), the rest as float (NaN for null).

    `optional` ones may be absent. Raises BadFolder.
    """
    try:
        table = parquet.read_table(path)
    except FileNotFoundError:
        raise BadFolder(f"{path.parent} has no {path.name}") from None
    except pyarrow.ArrowInvalid as error:
        raise BadFolder(f"{path.name}: {error}") from None
    columns = [n for n in columns if n in table.column_names or n not in optional]
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise BadFolder(f"{path.name} has no column {', '.join(missing)}")
    found = {}
    for name in columns:
        if name in texts:
            values = table[name].cast(pyarrow.string()).to_pylist()
            found[name] = np.array([value or "" for value in values], dtype=object)
        else:
            try:
                found[name] = np.asarray(table[name].cast(pyarrow.float64()).to_numpy())
            except pyarrow.ArrowInvalid:
                raise BadFolder(f"{path.name}: {name} must be numbers") from None
    return found
