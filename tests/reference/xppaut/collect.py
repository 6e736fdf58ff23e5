#!/usr/bin/env python3
"""auto.json (AUTO-07p) and xpp/*.dat (XPPAUT) with the mpmath values beside them -> reference.json (called by run.sh)."""
import json, sys
from pathlib import Path
from mpmath import mp, mpf, matrix, tanh, findroot, sqrt
here = Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent))
from trajectories import gbs_step
mp.dps = 40
W1, W2, W3 = ([[mpf(v) for v in row] for row in W] for W in ([[1.5, 0.3], [0.2, 1.4]], [[1.8, -2.0], [2.0, 1.6]], [[2.0, -0.5], [1.0, 0.3]]))
worst = {}

def mu(W, b, s): return [sum(W[i][j] * tanh(s[j]) for j in (0, 1)) + b[i] - s[i] for i in (0, 1)]
def jac(W, s): return [[W[i][j] * (1 - tanh(s[j])**2) - (i == j) for j in (0, 1)] for i in (0, 1)]
def det(J): return J[0][0] * J[1][1] - J[0][1] * J[1][0]
def eigenvalues(J):
    tr, d = J[0][0] + J[1][1], det(J)
    r = mp.sqrt(mp.mpc(tr * tr - 4 * d))
    return sorted([(tr + r) / 2, (tr - r) / 2], key=lambda z: (-mp.re(z), -mp.im(z)))
def kind(e):
    if max(abs(mp.re(z)) for z in e) < 1e-20: return "center"
    if min(abs(mp.re(z)) for z in e) < 1e-20: return "degenerate"
    if mp.re(e[0]) * mp.re(e[1]) < 0: return "saddle"
    return ("stable_" if mp.re(e[0]) < 0 else "unstable_") + ("focus" if abs(mp.im(e[0])) > 1e-20 else "node")
def pairs(e): return [[float(mp.chop(mp.re(z), 1e-30)), float(mp.chop(mp.im(z), 1e-30))] for z in e]
def note(key, a, b): worst[key] = max(worst.get(key, 0), abs(float(a) - float(b)))
def auto_eig(p): return [[v[0], v[1]] for v in sorted(([p["re1"], p["im1"]], [p["re2"], p["im2"]]), key=lambda v: (-v[0], -v[1]))]

def equilibrium(W, b, p):
    """One AUTO point (UZ or LP) solved again with mpmath from AUTO's numbers."""
    start = (p["x"], p["y"])
    if p["type"] == "LP":
        r = findroot(lambda x, y, b1: mu(W, [b1, b[1]], (x, y)) + [det(jac(W, (x, y)))], start + (p["b1"],), tol=mpf("1e-60"))
        b1 = r[2]
    else:
        b1 = mpf(round(p["b1"], 6))
        r = findroot(lambda x, y: mu(W, [b1, b[1]], (x, y)), start, tol=mpf("1e-60"))
    e = eigenvalues(jac(W, (r[0], r[1])))
    for key, got in (("x", r[0]), ("y", r[1]), ("b1", b1)): note("auto " + p["type"] + " " + key, got, p[key])
    for z, q in zip(pairs(e), auto_eig(p)):
        for u, v in zip(z, q): note("auto " + p["type"] + " eigenvalue", u, v)
    return {"type": "fold" if p["type"] == "LP" else "fixed_point", "kind": kind(e), 
            "mpmath": {"b1": float(b1), "state": [float(r[0]), float(r[1])], "eigenvalues": pairs(e)},
            "auto": {"b1": p["b1"], "state": [p["x"], p["y"]], "eigenvalues": auto_eig(p)}}

def last_line(name): return [float(v) for v in (here / "xpp" / (name + ".dat")).read_text().split("\n")[-2].split()]

def newton_points(rows):
    """XPPAUT's Newton flow, hi + lo digits joined."""
    for k in range(5):
        v = last_line("newton_%d" % k)
        state, eig = [(v[3] + v[4]) / 1e6, (v[5] + v[6]) / 1e6], [(v[7] + v[8]) / 1e6, (v[9] + v[10]) / 1e6]
        row = min((r for r in rows if r["mpmath"]["b1"] == 0.1), key=lambda r: sum(abs(p - q) for p, q in zip(r["mpmath"]["state"], state)))
        row["xppaut"] = {"state": state, "eigenvalues": [[e, v[11]] for e in eig]}
        for p, q in zip(state, row["mpmath"]["state"]): note("xppaut state", p, q)
        for p, q in zip(eig, row["mpmath"]["eigenvalues"]): note("xppaut eigenvalue", p, q[0])

def basins():
    out = []
    for k, start in enumerate(([0, 0], [-1, -1], [1, -1], [0.1531, -0.4], [0.1532, -0.4])):
        v = last_line("basin_%d" % k)
        out.append({"initial_state": start, "end_state_xppaut": [(v[3] + v[4]) / 1e6, (v[5] + v[6]) / 1e6], "t": v[0]})
    return out

def cycle(H):
    """Period, the point on x = 0 (upwards), the extrema, and the Floquet multiplier exp of the integral of tr Jac."""
    zero = [mpf(0), mpf(0)]
    f = lambda s: mu(W2, zero, s[:2]) + [sum(jac(W2, s[:2])[i][i] for i in (0, 1))]
    y, previous = mpf("-1.9594016"), None
    for _ in range(40):
        s, t, extrema = [mpf(0), y, mpf(0)], mpf(0), [mpf(0), mpf(0)]
        while True:
            n = gbs_step(f, s, H)
            v, w = f(s), f(n)
            for i in (0, 1):
                if v[i] > 0 > w[i]:
                    h = H / 2
                    for _ in range(8):                                # x_i'' from the Jacobian
                        m = gbs_step(f, s, h)
                        d, J = f(m), jac(W2, m[:2])
                        h -= d[i] / (J[i][0] * d[0] + J[i][1] * d[1])
                    extrema[i] = m[i]
            if s[0] < 0 < n[0] or (s[0] < 0 and n[0] == 0): break
            s, t = n, t + H
        h = H / 2
        for _ in range(8):
            m = gbs_step(f, s, h)
            h -= m[0] / f(m)[0]
        y, previous = m[1], y
        if abs(y - previous) < mpf("1e-25"): break
    return {"period": t + h, "y_at_x_0": y, "max_x": extrema[0], "max_y": extrema[1], "multiplier": mp.exp(m[2])}

def main():
    a, out = json.loads((here / "auto.json").read_text()), {}
    # (i)
    rows = [equilibrium(W1, [None, mpf(-0.05)], p) for p in a["bistable"]]
    newton_points(rows)
    lines = {}
    for name, w, bias in (("dx/dt=0", W1[0], mpf(0.1)), ("dy/dt=0", W1[1], mpf(-0.05))):
        k, lines[name] = (0 if name == "dx/dt=0" else 1), []
        for p in a["nullclines"][name]:
            own, other = w[k], w[1 - k]
            if p["type"] == "LP":
                u = mp.sign(p["u"]) * mp.atanh(sqrt(1 - 1 / own))
                o = mp.atanh((u - bias - own * tanh(u)) / other)
            else:
                o = mpf(round(p["other"], 6))
                u = findroot(lambda u: own * tanh(u) + other * tanh(o) + bias - u, p["u"], tol=mpf("1e-60"))
            note("auto nullcline", u, p["u"]); note("auto nullcline", o, p["other"])
            lines[name].append({"turning_point": p["type"] == "LP", "mpmath": {"other": float(o), "u": float(u)}, "auto": {"other": p["other"], "u": p["u"]}})
    out["bistable"] = {"weights": [[1.5, 0.3], [0.2, 1.4]], "bias": [0.1, -0.05], "activation": "tanh",
                       "fixed_points": [r for r in rows if r["mpmath"]["b1"] == 0.1], "other_points_along_b1": [r for r in rows if r["mpmath"]["b1"] != 0.1],
                       "basins": basins(), "nullclines": lines,
                       "nullclines_note": "dx/dt=0: u is x, other is y; dy/dt=0: u is y, other is x"}
    # (ii)
    c, d = cycle(mpf("0.125")), cycle(mpf("0.0625"))
    g = 2 / (W2[0][0] + W2[1][1])
    origin = lambda g: eigenvalues([[g * W2[i][j] - (i == j) for j in (0, 1)] for i in (0, 1)])
    rows2 = [[float(v) for v in l.split()] for l in (here / "xpp" / "cycle.dat").read_text().splitlines()]
    first, second = min(rows2, key=lambda v: abs(v[3])), min(rows2, key=lambda v: abs(v[4]))
    xpp = {"period": 97.6434 - 92.0626 + second[4] - first[3], "y_at_x_0": second[5] - 1.9594}
    hopf, focus = a["focus"][0], a["focus"][1]
    k = a["cycle"][0]
    out["limit_cycle"] = {
        "weights": [[1.8, -2], [2, 1.6]], "bias": [0, 0], "activation": "tanh",
        "origin": {"kind": kind(origin(mpf(1))), "mpmath": {"eigenvalues": pairs(origin(mpf(1)))}, "auto": {"eigenvalues": auto_eig(focus)}},
        "hopf_in_gain": {"mpmath": {"g": float(g), "eigenvalues": pairs(origin(g))}, "auto": {"g": hopf["g"], "eigenvalues": auto_eig(hopf)}},
        "cycle": {"mpmath": {k: float(v) for k, v in d.items()}, "auto": {"period": k["period"], "multiplier": k["re2"], "max_x_over_mesh": k["MAX x"]}, "xppaut": xpp}}
    worst["mpmath cycle, step halved"] = max(float(abs(c[q] - d[q])) for q in c)
    for who, v in (("auto", k["period"]), ("xppaut", xpp["period"])): note(who + " period", v, d["period"])
    note("auto multiplier", k["re2"], d["multiplier"]); note("auto hopf", hopf["g"], g); note("xppaut y_at_x_0", xpp["y_at_x_0"], d["y_at_x_0"])
    # (iii)
    out["fold"] = {"weights": [[2, -0.5], [1, 0.3]], "bias": ["b1", 0], "activation": "tanh", "points": [equilibrium(W3, [None, mpf(0)], p) for p in a["fold"]]}
    out["largest_deviations_from_mpmath"] = worst
    (here / "reference.json").write_text(json.dumps(out, indent=1) + "\n")
    for key, v in worst.items(): print("%-32s %.1e" % (key, v))

if __name__ == "__main__":
    main()
