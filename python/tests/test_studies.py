"""Sweeps, training and the study: the same records as the command line, and what stops them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import eqprop

SWEEP = {"seeds": {"first": 0, "count": 4}, "neurons": [3, 5], "gain": [0.5, 1.0]}


def test_sweeps(command_line: Any, tmp_path: Path) -> None:
    found = eqprop.sweep(SWEEP, tmp_path / "own", progress=False)
    (tmp_path / "config.json").write_text(json.dumps(SWEEP))
    command_line("sweep", tmp_path / "config.json", "--out", tmp_path / "cli", "--json")
    lines = (tmp_path / "cli" / "records.jsonl").read_text().splitlines()
    assert list(found) == [json.loads(line) for line in lines] and len(found) == 16
    with pytest.raises(eqprop.InvalidInput):
        eqprop.sweep(SWEEP, tmp_path / "own", progress=False)
    assert list(eqprop.sweep(SWEEP, tmp_path / "own", resume=True, progress=False)) == list(found)


def test_directories_that_nobody_named_end_with_python(tmp_path: Path) -> None:
    script = f"import eqprop; print(eqprop.sweep({SWEEP!r}, progress=False).directory)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() and not Path(said.stdout.strip()).exists()


def test_tables_of_sweeps() -> None:
    pandas = pytest.importorskip("pandas")
    found = eqprop.sweep(SWEEP, progress=False)
    table = found.to_pandas()
    assert len(table) == 16 and set(found.columns()) == set(table.columns)
    pyarrow = pytest.importorskip("pyarrow")
    assert pyarrow.table(found).num_rows == 16
    assert isinstance(table, pandas.DataFrame)


TRAINING = {"epochs": 2, "network": {"sizes": [64, 12, 10]}}


def test_training(tmp_path: Path) -> None:
    seen: list[int] = []
    run = eqprop.train(TRAINING, tmp_path / "run", callback=lambda record: seen.append(record["epoch"]))
    assert seen == [0, 1, 2] and not run.interrupted and Path(run.checkpoint).exists()
    assert [record["epoch"] for record in run.records] == seen

    def stop(record: dict[str, Any]) -> None:
        if record["epoch"] == 1:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        eqprop.train({**TRAINING, "epochs": 50}, tmp_path / "stopped", callback=stop)
    assert (tmp_path / "stopped" / "checkpoint.eqprop").exists()


def test_the_study() -> None:
    study = eqprop.validate(networks=3, progress=False)
    assert study.passed and all(check["passed"] for check in study.checks)
    assert not eqprop.validate(networks=3, plant="true_gradient_by_jac", progress=False).passed


@pytest.mark.parametrize("bad", [3, {"x": 1}, {"neurons": []}, "nowhere.json", {"seeds": object()}, None])
def test_bad_configurations(bad: Any) -> None:
    with pytest.raises(eqprop.Error):
        eqprop.sweep(bad, progress=False)


def test_a_problem_checked(problem: eqprop.Problem) -> None:
    assert problem.validate().passed
    assert not problem.validate(plant="true_gradient_by_jac").passed
