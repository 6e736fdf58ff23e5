"""The same numbers as the command line, to the bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eqprop

ROOT = Path(__file__).resolve().parents[2]
REFERENCES = sorted((ROOT / "tests" / "reference" / "problems").glob("*.json"))
CASES = sorted((ROOT / "tests" / "cases").glob("*.json"))
PORTRAITS = [ROOT / "plots" / "portrait" / f"{name}.json" for name in ("saddle_node", "bistable")]


def same(found: dict[str, Any], printed: dict[str, Any]) -> None:
    for name in ("provenance",):
        found.pop(name, None), printed.pop(name, None)
    assert found == printed


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
def test_gradients_of_the_references(path: Path, command_line: Any) -> None:
    printed = command_line("gradient", path, "--json")
    problem = eqprop.Problem.read(path)
    same(problem.gradient().record, dict(printed))
    # the same from arrays
    again = eqprop.Problem(
        problem.network,
        input=problem.input,
        target=problem.target,
        initial_state=problem.initial_state,
        state_bounds=problem.state_bounds,
        time_constants=problem.time_constants,
    )
    same(again.gradient().record, dict(printed))


def test_there_are_51_references() -> None:
    assert len(REFERENCES) == 51


@pytest.mark.filterwarnings("ignore::eqprop.CautionWarning")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_hard_cases_end_alike(path: Path, command_line: Any) -> None:
    printed = command_line("gradient", path, "--json", "--max-steps", "20000")
    try:
        found = eqprop.Problem.read(path).gradient(max_steps=20000).record
    except eqprop.Error as error:
        assert printed["error"]["kind"] == error.kind
        details = {name: value for name, value in printed["error"].items() if name not in ("kind", "message")}
        assert eqprop._results.plain(error.details) == details
        assert str(error) == printed["error"]["message"]
    else:
        same(found, printed)


@pytest.mark.parametrize("estimator", ["one_sided", "centred", "richardson", "holomorphic", "sensitivity"])
def test_estimators(estimator: str, command_line: Any) -> None:
    path = PORTRAITS[0]
    printed = command_line("gradient", path, "--json", "--estimator", estimator)
    same(eqprop.Problem.read(path).gradient(estimator).record, printed)


@pytest.mark.filterwarnings("ignore::eqprop.CautionWarning")
@pytest.mark.parametrize("path", PORTRAITS, ids=lambda path: path.stem)
def test_the_other_commands(path: Path, command_line: Any, tmp_path: Path) -> None:
    problem = eqprop.Problem.read(path)
    same(problem.fixed_points().record, command_line("fixed-points", path, "--json"))
    same(problem.spectrum().record, command_line("spectrum", path, "--json"))
    printed = command_line("continue", path, "--json", "--parameter", "beta", "--range=-0.2,0.2")
    same(problem.continuation("beta", (-0.2, 0.2)).record, printed)
    table = tmp_path / "t.csv"
    command_line("simulate", path, "--t-free", "5", "--t-nudged", "2", "--out", table, "--json")
    found = problem.simulate(t_free=5, t_nudged=2)
    same(found.record, json.loads(table.with_suffix(".json").read_text()))
    rows = [line.split(",") for line in table.read_text().splitlines()]
    assert rows[0] == ["t", "phase", "beta", *found.names]
    assert [row[1] for row in rows[1:]] == found.phase.tolist()
    numbers = np.array([[float(cell) for k, cell in enumerate(row) if k != 1] for row in rows[1:]])
    assert (numbers == np.column_stack([found.t, found.beta, found.state])).all()


def test_portraits(command_line: Any, tmp_path: Path) -> None:
    import subprocess, os

    path, record = PORTRAITS[0], tmp_path / "record.json"
    binary = os.environ.get("EQPROP_BINARY", str(ROOT / "target" / "release" / "eqprop"))
    picture = tmp_path / "p.svg"
    subprocess.run([binary, "portrait", path, "--out", picture, "--record", record], check=True)
    found = eqprop.Problem.read(path).portrait()
    same(found.record, json.loads(record.read_text()))
    found.save(tmp_path / "own.svg")
    assert (tmp_path / "own.svg").read_text() == picture.read_text()
