"""Sweeps, training and the study of the theorem."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping

from . import _core
from ._answers import Validation
from ._errors import NotFound, invalid
from ._results import Result, plain

if TYPE_CHECKING:
    Settings = Mapping[str, Any] | str | os.PathLike[str]


def text_of(name: str, config: Settings) -> str:
    """A configuration as JSON text: a dict, or the path of a file."""
    import json
    from pathlib import Path

    if isinstance(config, Mapping):
        try:
            return json.dumps(plain(dict(config)))
        except TypeError as error:
            raise invalid(name, str(error)) from None
    try:
        return Path(config).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"{config}: no such file. Check the path", {"file": str(config)}) from None
    except (OSError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise invalid(name, f"expected a dict or the path of a JSON file ({error})") from None


def threads_of(threads: int | None) -> int:
    """How many threads work: those of the machine unless told."""
    if threads is None:
        return os.cpu_count() or 1
    if not 1 <= threads <= 4096:
        raise invalid("threads", f"expected a whole number from 1 to 4096, found {threads}")
    return int(threads)


_temporary: list[Any] = []
"""Directories that nobody named: they last as long as the interpreter."""


def place_of(out: str | os.PathLike[str] | None, prefix: str) -> str:
    """The directory of a run: a new temporary one unless told."""
    if out is not None:
        return os.fspath(out)
    import tempfile

    directory = tempfile.TemporaryDirectory(prefix=prefix)
    _temporary.append(directory)
    return directory.name


class Bar:
    """A progress bar by tqdm, if it is there and wanted."""

    def __init__(self, wanted: bool) -> None:
        self.bar: Any = None
        self.wanted = wanted

    def __call__(self, done: int | None, of: int | None, record: Any) -> None:
        if not self.wanted or done is None:
            return
        if self.bar is None:
            try:
                from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]
            except ImportError:
                self.wanted = False
                return
            self.bar = tqdm(total=of)
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


class Sweep(Result):
    """The records of a sweep, in the order of the grid: iterate over them, or take them as a table.

    ``summary`` counts outcomes; ``directory`` holds the records, as the command line leaves them.
    """

    _shown = ("directory", "points", "records", "outcomes", "complete")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Any]:
        import json
        from pathlib import Path

        for path in sorted(Path(self.directory).glob("records*.jsonl")):
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    yield json.loads(line)

    def columns(self) -> dict[str, list[Any]]:
        """The records column by column; what stands inside another field has a dot in its name."""
        out: dict[str, list[Any]] = {}
        for row, record in enumerate(self):
            for name, value in flat(record):
                out.setdefault(name, [None] * row).append(value)
            for values in out.values():
                values.extend([None] * (row + 1 - len(values)))
        return out

    def to_pandas(self) -> Any:
        """The records as a pandas DataFrame."""
        import pandas  # type: ignore[import-untyped, unused-ignore]

        return pandas.DataFrame(self.columns())

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        import pyarrow  # type: ignore[import-untyped, unused-ignore]

        return pyarrow.table(self.columns()).__arrow_c_stream__(requested_schema)


def flat(record: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a record, those inside others by their whole names."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def sweep(
    config: Settings,
    out: str | os.PathLike[str] | None = None,
    *,
    resume: bool = False,
    force: bool = False,
    shard: tuple[int, int] | None = None,
    threads: int | None = None,
    progress: bool = True,
) -> Sweep:
    """Runs a sweep over random networks, nudges and solvers.

    Ctrl-C stops it; what is finished is kept, and ``resume=True`` goes on from there.

    Parameters
    ----------
    config : dict or path
        As the file of ``eqprop sweep``.
    out : path, optional
        Directory of the records; default a temporary one, removed when Python ends.
    resume, force : bool
        Go on with earlier records, or replace them.
    shard : (int, int), optional
        Part I of N, as ``--shard I/N``.
    threads : int, optional
        Records do not depend on them; default those of the machine.
    progress : bool
        Show a bar, if tqdm is installed.

    Examples
    --------
    >>> found = sweep({"seeds": {"first": 0, "count": 3}, "neurons": [4]}, progress=False)
    >>> [record["outcome"] for record in found]
    ['settled', 'settled', 'settled']
    """
    directory = place_of(out, "eqprop-sweep-")
    existing = "resume" if resume else "replace" if force else "refuse"
    bar = Bar(progress)
    try:
        summary = _core.run_sweep(
            text_of("config", config), directory, existing, shard, threads_of(threads), bar
        )
    finally:
        bar.close()
    return Sweep({"directory": directory, **summary})


class Training(Result):
    """A training run: ``records``, one an epoch, ``checkpoint``, ``interrupted``, ``settings``."""

    _shown = ("records", "checkpoint", "interrupted")
    records: list[dict[str, Any]]
    checkpoint: str
    interrupted: bool


def train(
    config: Settings | None = None,
    out: str | os.PathLike[str] | None = None,
    *,
    resume: bool = False,
    force: bool = False,
    data: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    callback: Callable[[dict[str, Any]], Any] | None = None,
) -> Training:
    """Trains a layered network, as ``eqprop train``.

    Ctrl-C stops it, and so does an exception of the callback; the checkpoint is kept, and ``resume=True`` goes on.

    Parameters
    ----------
    config : dict or path, optional
        As the file of ``eqprop train``; default the embedded one.
    out : path, optional
        Directory of the run; default a temporary one, removed when Python ends.
    callback : callable, optional
        Called with the record of every epoch.
    """
    directory = place_of(out, "eqprop-train-")

    def told(done: Any, of: Any, record: dict[str, Any] | None) -> None:
        if record is not None and callback is not None:
            callback(record)

    text = None if config is None else text_of("config", config)
    place = None if data is None else os.fspath(data)
    return Training(
        _core.run_training(text, directory, place, bool(resume), bool(force), threads_of(threads), told)
    )


def validate(
    networks: int | None = None,
    seed: int | None = None,
    *,
    plant: str | None = None,
    progress: bool = True,
) -> Validation:
    """Checks the theorem on random networks, as ``eqprop validate``; :meth:`Problem.validate` does on a problem.

    Parameters
    ----------
    networks, seed : int, optional
        How many networks are drawn, and from which seed.
    plant : str, optional
        Plants a fault, to see that the checks can fail.
    """
    bar = Bar(progress)
    try:
        return Validation(_core.run_study(networks, seed, plant, bar))
    finally:
        bar.close()
