"""Results: arrays, records, pictures, copies."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

import eqprop


def test_arrays_have_their_types_and_shapes(problem: eqprop.Problem) -> None:
    g = problem.gradient()
    assert g.fixed_point.dtype == np.float64 and g.fixed_point.shape == (2,)
    assert g.eigenvalues.dtype == np.complex128 and g.eigenvalues.shape == (2,)
    shapes = {name: block.shape for name, block in g.ep_update.items()}
    assert shapes == {"weights": (2, 2), "input_weights": (2, 1), "bias": (2,)}
    assert g.on_kink.shape == (0,)
    assert isinstance(g.angle_degrees, float) and g.beta is None


def test_layers_are_lists_also_where_their_sizes_agree() -> None:
    net = eqprop.Network.glorot([3, 3, 3], seed=1)
    g = eqprop.Problem(net, input=[0.1, 0.2, 0.3], target=[0.0, 0.1, 0.2]).gradient()
    for name, count in (("forward", 2), ("feedback", 1), ("bias", 2)):
        assert isinstance(g.ep_update[name], list) and len(g.ep_update[name]) == count
    assert [block.shape for block in g.ep_update["bias"]] == [(3,), (3,)]


def test_records_are_json(problem: eqprop.Problem) -> None:
    g = problem.gradient("centred", beta=0.1, budget=True)
    assert json.loads(g.to_json()) == g.record
    assert g.record["fixed_point"] == g.fixed_point.tolist()
    assert g.record["eigenvalues"] == [[z.real, z.imag] for z in g.eigenvalues]


def test_everything_pickles_and_copies(problem: eqprop.Problem) -> None:
    answers = [
        problem.gradient(),
        problem.simulate(t_free=3, t_nudged=1),
        problem.fixed_points(),
        problem.spectrum(),
        problem.continuation("beta", (-0.1, 0.1)),
        problem.compare({"bias": [1.0, 0.0]}),
        problem.network.settle([[0.1]]),
    ]
    for answer in answers:
        for again in (pickle.loads(pickle.dumps(answer)), copy.deepcopy(answer), copy.copy(answer)):
            assert type(again) is type(answer) and again.record == answer.record
    for again in (pickle.loads(pickle.dumps(problem)), copy.deepcopy(problem)):
        assert again.gradient().record == problem.gradient().record
    layered = eqprop.Network.glorot([3, 4, 2], seed=3)
    again = pickle.loads(pickle.dumps(layered))
    assert all(
        (a == b).all()
        for name in layered.parameters
        for a, b in zip(layered.parameters[name], again.parameters[name])
    )


def test_errors_pickle() -> None:
    with pytest.raises(eqprop.LimitCycle) as caught:
        eqprop.Problem(eqprop.Network.dense([[2.0, 3.0], [-3.0, 2.0]]), target=[0.0, 0.0], initial_state=[0.1, 0]).gradient()
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is eqprop.LimitCycle and again.details == caught.value.details and str(again) == str(caught.value)
    assert again.kind == "limit_cycle" and again.details["period"] > 0


def test_reprs_are_short(problem: eqprop.Problem) -> None:
    big = eqprop.Network.glorot([5, 300, 10], seed=1)
    answers = [problem, problem.network, problem.gradient(), problem.simulate(t_free=1, t_nudged=1), big]
    answers.append(eqprop.Problem(big, input=np.zeros(5), target=np.zeros(10)).gradient())
    for answer in answers:
        assert len(repr(answer)) < 500
    assert "<table>" in problem.gradient()._repr_html_()


def test_results_are_not_changed(problem: eqprop.Problem) -> None:
    g = problem.gradient()
    with pytest.raises(AttributeError):
        g.cost = 1.0
    with pytest.raises(AttributeError):
        problem.network.activation = "relu"  # type: ignore[misc]
    problem.input[:] = 100.0
    problem.network.parameters["weights"][:] = 100.0
    assert problem.gradient().record == g.record


def test_figures(problem: eqprop.Problem, tmp_path: Path) -> None:
    simulation = problem.simulate()
    assert simulation.views == ["simulation", "arrival"]
    for answer in (simulation, problem.portrait(), problem.spectrum(), problem.continuation("beta", (-0.1, 0.1))):
        assert answer._repr_svg_().startswith("<svg")
        for name, start in (("f.svg", b"<svg"), ("f.png", b"\x89PNG"), ("f.pdf", b"%PDF")):
            answer.save(tmp_path / name)
            assert (tmp_path / name).read_bytes().startswith(start)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.pdf", "f.png", "f.svg"]
    with pytest.raises(eqprop.InvalidInput):
        simulation.save(tmp_path / "f.jpg")
    with pytest.raises(eqprop.NotFound):
        simulation.save(tmp_path / "nowhere" / "f.svg")


DOCUMENT = {
    "network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
                "weights": [[0.0, 0.8], [-0.3, 0.1]], "bias": [0.1, -0.2], "outputs": [1]},
    "target": [0.4],
}


def test_comparison(problem: eqprop.Problem, command_line: Callable[..., Any], tmp_path: Path) -> None:
    g = problem.gradient()
    ep = problem.compare({name: 3.0 * block for name, block in g.ep_update.items()})
    assert ep.closer_to == "ep"
    assert abs(ep.all["to_ep"]["scale"] - 1 / 3) < 1e-12 and ep.all["to_ep"]["angle_degrees"] < 1e-6
    assert abs(ep.all["to_gradient"]["angle_degrees"] - g.angle_degrees) < 1e-9
    assert problem.compare(g.negative_gradient).closer_to == "gradient"
    against = {name: -block for name, block in g.negative_gradient.items()}
    assert problem.compare(against).closer_to == "neither"
    symmetric = eqprop.Problem(eqprop.Network.dense([[0.5, 0.2], [0.2, 0.1]], activation="identity"), target=[1.0, 0.0])
    assert symmetric.compare(symmetric.gradient().ep_update).closer_to == "both"
    # the same verdict as that of the command line, block by block
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(DOCUMENT))
    mine = eqprop.Problem.read(path)
    for factor in (-1.0, 0.2, 1.0):
        update = {name: block + factor * k for k, (name, block) in enumerate(mine.gradient().ep_update.items())}
        (tmp_path / "update.json").write_text(json.dumps({name: block.tolist() for name, block in update.items()}))
        said = command_line("compare", path, tmp_path / "update.json", "--json")
        found = mine.compare(update)
        assert found.closer_to == said["closer_to"]
        assert found.blocks == said["blocks"] and found.all == said["all"]
    layered = eqprop.Problem(eqprop.Network.glorot([2, 3, 2], seed=1), input=[0.1, 0.4], target=[1.0, 0.0])
    h = layered.gradient()
    assert set(layered.compare({"forward": h.ep_update["forward"]}).blocks) == {"forward_0", "forward_1"}
    assert set(layered.compare({"feedback_0": h.ep_update["feedback"][0]}).blocks) == {"feedback_0"}
