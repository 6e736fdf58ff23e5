#!/usr/bin/env python3
"""Reference trajectories: free phase 0..10, then nudged phase 10..20 (beta 0.5), written to OUTDIR/trajectories.json.

    python trajectories.py OUTDIR

Method 1 (stored): Gragg-Bulirsch-Stoer extrapolation (modified midpoint, 2, 4, .., 24 substeps) in 40-digit arithmetic with
fixed steps. It is repeated with half the step. Method 2: scipy's DOP853 with rtol 1e-13, atol 1e-15.
The nudged field is (mu - beta dC/ds) / tau. Every number of a problem is the double its decimals denote.
"""
import json, sys
from pathlib import Path
import numpy as np
from mpmath import mp, mpf
from scipy.integrate import solve_ivp
import cases
from generate import Network, dump

mp.dps = 40
BETA, T_FREE, T_NUDGED = 0.5, 10.0, 10.0
SUBSTEPS = list(range(2, 26, 2))
FREE_TIMES = [0, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4.5, 6, 8, 10]
NUDGED_TIMES = [10, 10.1, 10.25, 10.5, 11, 11.5, 12, 13, 14.5, 16, 18, 20]

def problems():
    yield "dense_tanh_n3", cases.dense(201, 3, "tanh", gain=2.0, outs=1, start=[0.4, -0.3, 0.2])
    yield "hopfield_steep_logistic_n4", cases.dense(202, 4, "steep_logistic", "hopfield", gain=2.0, outs=2, asym=0.8, b=(0, 0.6), t=(0, 1), x=(0, 1))
    yield "layered_tanh_2_3_2", cases.layered(203, [2, 3, 2], "tanh", t=(-1, 1), x=(-1, 1))
    p = cases.dense(204, 2, "tanh", gain=1.5, outs=1, start=[0.8, -0.6])
    p["network"]["time_constants"] = [1, 50]
    yield "time_constants_1_50_n2", p

def field(net, beta):
    drive = [mp.fdot(zip(net.mU[i], net.rx)) + net.mb[i] for i in range(net.n)]
    tau = [mpf(float(t)) for t in net.tau]
    def f(s):
        r, out = [net.rho(v, mp) for v in s], []
        for i in range(net.n):
            h = mp.fdot(zip(net.mW[i], r)) + drive[i]
            out.append((net.d1(s[i], mp) if net.hopfield else 1) * h - s[i])
        for o, y in zip(net.out, net.target): out[o] -= mpf(beta) * (s[o] - mpf(y))
        return [v / t for v, t in zip(out, tau)]
    return f

def gbs_step(f, s, H):
    table = []
    f0 = f(s)
    for k, m in enumerate(SUBSTEPS):
        h = H / m
        a, b = s, [u + h * v for u, v in zip(s, f0)]
        for _ in range(m - 1):
            a, b = b, [u + 2 * h * v for u, v in zip(a, f(b))]
        row = [[(u + v + h * w) / 2 for u, v, w in zip(a, b, f(b))]]            # smoothed end value
        for j in range(1, k + 1):
            q = mpf(SUBSTEPS[k]) / SUBSTEPS[k - j]
            row.append([u + (u - v) / (q * q - 1) for u, v in zip(row[j - 1], table[j - 1])])
        table = row
    return table[-1]

def integrate_mp(net, step):
    s, t, out = [mpf(float(v)) for v in net.start], mpf(0), {"free": [], "nudged": []}
    for phase, times, beta in (("free", FREE_TIMES, 0), ("nudged", NUDGED_TIMES, BETA)):
        f = field(net, beta)
        for target in times:
            gap = mpf(target) - t
            n = int(mp.ceil(gap / step - mpf("1e-20")))
            for _ in range(n): s = gbs_step(f, s, gap / n)
            t = mpf(target)
            out[phase].append(s)
    return out

def integrate_scipy(net):
    s, out = net.start, {}
    for phase, times, beta in (("free", FREE_TIMES, 0.0), ("nudged", NUDGED_TIMES, BETA)):
        def rhs(t, s):
            d = net.mu(s)
            d[net.out] -= beta * (s[net.out] - np.array(net.target))
            return d / net.tau
        sol = solve_ivp(rhs, (times[0], times[-1]), s, method="DOP853", rtol=1e-13, atol=1e-15, t_eval=times, max_step=0.05)
        out[phase], s = sol.y.T, sol.y[:, -1]
    return out

def main():
    out_dir, result = Path(sys.argv[1]), {}
    for name, problem in problems():
        net = Network(problem)
        a, b, c = integrate_mp(net, mpf("0.25")), integrate_mp(net, mpf("0.125")), integrate_scipy(net)
        dev = lambda x, y: max(abs(float(u - v)) for ph in x for p, q in zip(x[ph], y[ph]) for u, v in zip(p, q))
        print("%-28s half step: %.1e   DOP853: %.1e" % (name, dev(a, b), dev(a, c)), flush=True)
        assert dev(a, b) < 1e-18 and dev(a, c) < 1e-12
        result[name] = {"problem": problem, "beta": BETA, "t_free": T_FREE, "t_nudged": T_NUDGED,
                        **{ph: {"t": times, "s": [[float(v) for v in row] for row in b[ph]]}
                           for ph, times in (("free", FREE_TIMES), ("nudged", NUDGED_TIMES))},
                        "checks": {"half_step": dev(a, b), "dop853": dev(a, c)}}
    (out_dir / "trajectories.json").write_text(dump(result) + "\n")

if __name__ == "__main__":
    main()
