"""Fields of one's own: text and Python functions, against networks, closed forms and JAX."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eqprop

W = np.array([[0.2, 0.9, -0.3], [-0.4, 0.1, 0.5], [0.3, -0.2, 0.1]])
B = np.array([0.3, -0.1, 0.2])
TARGET = [0.5, -0.2]


def reference() -> Any:
    return eqprop.Problem(eqprop.Network.dense(W, bias=B, outputs=[0, 2]), target=TARGET).gradient()


def mu(s: Any, theta: Any) -> Any:
    return theta["W"] @ np.tanh(s) + theta["b"] - s


def jacobian(s: Any, theta: Any) -> Any:
    return theta["W"] / np.cosh(s) ** 2 - np.eye(3)


def pullback(s: Any, theta: Any, v: Any) -> Any:
    return {"W": np.outer(v, np.tanh(s)), "b": v}


@pytest.mark.parametrize("given", [{}, {"jacobian": jacobian}, {"jacobian": jacobian, "pullback": pullback}])
def test_functions_are_the_network(given: Any) -> None:
    own = reference()
    field = eqprop.Field(mu, dimension=3, parameters={"W": W, "b": B}, **given)
    g = eqprop.Problem(field, outputs=[0, 2], target=TARGET).gradient()
    assert np.abs(g.fixed_point - own.fixed_point).max() < 1e-12
    for found, truth in ((g.negative_gradient, own.negative_gradient), (g.ep_update, own.ep_update)):
        assert np.abs(found["W"] - truth["weights"]).max() < 1e-9 and np.abs(found["b"] - truth["bias"]).max() < 1e-9
    if given:
        assert abs(g.error_bound - own.error_bound) < 1e-9
    assert (g.difference_error == 0) == (len(given) == 2) and g.difference_error < 1e-8


def test_everything_takes_a_function() -> None:
    field = eqprop.Field(lambda s: W[:2, :2] @ np.tanh(s) + 0.1 - s, dimension=2, names=["u", "v"])
    problem = eqprop.Problem(field, outputs=["v"], target=[0.4], initial_state={"u": 0.5})
    g = problem.gradient("centred", beta=0.01)
    assert set(g.ep_update) == {"bias"} and g.ep_update["bias"].shape == (2,)
    t = problem.simulate(t_free=5, t_nudged=2, times=[1, 6])
    assert t.names == ["u", "v"] and t.state[0].tolist() == [0.5, 0.0]
    assert problem.portrait(without=["basins", "streamlines", "manifolds"], cells=8)._repr_svg_().startswith("<svg")
    with pytest.warns(eqprop.CautionWarning, match="not proven"):
        assert len(problem.fixed_points(patience=2)) == 1
    assert problem.continuation("beta", (-0.1, 0.1)).branches[0].state.shape[1] == 2
    assert problem.spectrum().spectra[0]["jacobian"].dtype == np.complex128
    assert problem.compare(g.negative_gradient).closer_to == "gradient"
    with pytest.raises(eqprop.InvalidInput, match="beta"):
        problem.continuation("gain", (0, 2))


class Planted(Exception):
    pass


def test_exceptions_reach_the_user_as_themselves() -> None:
    calls = []

    def raises(s: Any) -> Any:
        calls.append(s)
        if len(calls) > 20:
            raise Planted("here")
        return -s + 1.0

    problem = eqprop.Problem(eqprop.Field(raises, dimension=2), outputs=[0], target=[0.5])
    for call in (problem.gradient, problem.simulate, problem.fixed_points, problem.portrait):
        del calls[:]
        with pytest.raises(Planted, match="here"):
            call()
        assert len(calls) == 21
    with pytest.raises(KeyboardInterrupt):
        eqprop.Problem(eqprop.Field(interrupts, dimension=1), outputs=[0], target=[0.5]).gradient()


def interrupts(s: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "wrong", [lambda s: s[:1], lambda s: None, lambda s: "a", lambda s: [s, s], lambda s: s * 1j, lambda s: 3.0, lambda s, t: s, lambda: 1]
)
def test_wrong_results_are_refused(wrong: Any) -> None:
    with pytest.raises((eqprop.InvalidInput, TypeError)):
        eqprop.Problem(eqprop.Field(wrong, dimension=2), outputs=[0], target=[0.5]).gradient()


def test_functions_may_change_their_argument() -> None:
    def changes(s: Any) -> Any:
        s *= -1
        s += 1
        return s

    g = eqprop.Problem(eqprop.Field(changes, dimension=2), outputs=[0], target=[0.5]).gradient()
    assert np.abs(g.fixed_point - 1).max() < 1e-9


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none(bad: float) -> None:
    with pytest.raises(eqprop.Error):
        eqprop.Problem(eqprop.Field(lambda s: s * bad, dimension=1), outputs=[0], target=[0.5], initial_state=[1.0]).gradient()


def test_parameters_have_their_shapes() -> None:
    field = eqprop.Field(
        lambda s, p: p["gain"] * np.tanh(p["W"][0] @ s) + 0.2 - s, dimension=2, parameters={"gain": 0.5, "W": W[None, :2, :2]}
    )
    g = eqprop.Problem(field, outputs=[1], target=[0.1]).gradient()
    assert g.ep_update["gain"].shape == () and g.ep_update["W"].shape == (1, 2, 2)


FITZHUGH = {"v": "v - v^3/3 - w + I", "w": "v + a - b*w"}


def fitzhugh() -> eqprop.Problem:
    field = eqprop.Field(FITZHUGH, parameters={"I": 0.2, "a": 0.7, "b": np.float64(0.8)}, time_constants={"w": 12.5})
    return eqprop.Problem(field, outputs=["v"], target=[0.3], initial_state={"v": -1.0, "w": 0.4})


def test_text() -> None:
    problem = fitzhugh()
    g = problem.gradient()
    assert set(g.ep_update["parameters"]) == {"I", "a", "b"} and problem.names == ["v", "w"]
    v, w = g.fixed_point
    assert abs(v - v**3 / 3 - w + 0.2) < 1e-12 and abs(v + 0.7 - 0.8 * w) < 1e-12
    assert problem.network is None and problem.simulate(t_free=1, t_nudged=1).names == ["v", "w"]
    assert problem.fixed_points()[0].names == ["v", "w"]
    assert problem.continuation("I", (0.0, 0.4)).parameter == "I"
    assert pickle.loads(pickle.dumps(problem)).gradient().record == g.record


def test_text_as_the_command_line_has_it(command_line: Any, tmp_path: Path) -> None:
    document = {
        "field": {"equations": FITZHUGH, "parameters": {"I": 0.2, "a": 0.7, "b": 0.8}, "time_constants": {"w": 12.5}},
        "outputs": ["v"], "target": [0.3], "initial_state": {"v": -1.0, "w": 0.4},
    }
    path = tmp_path / "fitzhugh.json"
    path.write_text(json.dumps(document))
    for command, found in (("gradient", fitzhugh().gradient()), ("fixed-points", fitzhugh().fixed_points())):
        printed = command_line(command, path, "--json")
        own = found.record
        assert printed.pop("provenance") and own.pop("provenance") and printed == own
    assert eqprop.Problem.read(path).gradient().record["ep_update"] == fitzhugh().gradient().record["ep_update"]


@pytest.mark.parametrize(
    "bad",
    [
        {"v": "v +"}, {"v": "x"}, {}, {"v": 3.5j}, {"v": "1/0"}, "v", 3, None,
    ],
)
def test_bad_text(bad: Any) -> None:
    with pytest.raises((eqprop.InvalidInput, TypeError)):
        eqprop.Field(bad)


@pytest.mark.parametrize(
    "arguments",
    [
        {}, {"dimension": 0}, {"dimension": 2.0}, {"dimension": "2"}, {"dimension": 10**9}, {"dimension": 2, "names": ["a"]},
        {"names": ["a", "a"]}, {"dimension": 2, "constants": {"k": 1}}, {"dimension": 2, "parameters": {}},
        {"dimension": 2, "parameters": {"W": "x"}}, {"dimension": 2, "jacobian": 3}, {"dimension": 2, "pullback": mu},
        {"dimension": 2, "parameters": {"W": np.nan}}, {"dimension": 2, "parameters": [1]},
    ],
)
def test_bad_functions(arguments: Any) -> None:
    with pytest.raises(eqprop.InvalidInput):
        eqprop.Field(lambda s: -s, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"outputs": ["x"], "target": [0.0]}, {"outputs": [5], "target": [0.0]}, {"outputs": [0]}, {"target": [0.0]}, {"outputs": [0], "target": [0, 1]},
        {"cost": "v"}, {"input": [1.0]}, {"initial_state": {"x": 1.0}}, {"time_constants": [0.0, 1.0]},
    ],
)
def test_bad_problems(arguments: Any) -> None:
    with pytest.raises(eqprop.InvalidInput):
        eqprop.Problem(eqprop.Field(lambda s: -s, dimension=2), **arguments)


def test_jax_functions_are_fields() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def own(s: Any, theta: Any) -> Any:
        return theta["W"] @ jnp.tanh(s) + theta["b"] - s

    field = eqprop.Field(
        jax.jit(own),
        dimension=3,
        parameters={"W": W, "b": B},
        jacobian=jax.jit(jax.jacobian(own)),
        pullback=jax.jit(lambda s, theta, v: jax.vjp(lambda theta: own(s, theta), theta)[1](v)[0]),
    )
    g = eqprop.Problem(field, outputs=[0, 2], target=TARGET).gradient()
    truth = reference()
    assert g.difference_error == 0
    assert np.abs(g.negative_gradient["W"] - truth.negative_gradient["weights"]).max() < 1e-12
    assert np.abs(g.ep_update["b"] - truth.ep_update["bias"]).max() < 1e-12
