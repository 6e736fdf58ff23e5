#!/usr/bin/env python3
"""Reference problems and answers for `eqprop gradient`, computed with mpmath to 50 digits.

    python generate.py OUTDIR [--digits digits.csv.gz] [--only NAME ...] [--check [N]] [--place network|problem]

writes OUTDIR/problems/NAME.json and OUTDIR/expected/NAME.json. The numbers of a problem file are the doubles its
decimals denote; everything after that is done with 60 digits (eigenvalues with 100), and the answers are rounded to
the nearest double. `--check` compares, for every network of at most N (8) neurons, the gradient with centred finite
differences of J and the EP vector with centred nudged fixed points (step 1e-15, fixed points solved anew).

The fixed point: the ODE (with state bounds: the projected ODE, event by event) is integrated from the initial state
by two different integrators until mu is small; Newton's method at 60 digits then polishes the end point, on the
linear piece and the set of free neurons found by the trajectory, both of which must not change.

Notation: J = dmu/ds, c = dC/ds, a = J^-1 c (EP), g = J^-T c (true), P = (dmu/dtheta)^T, G = P^T P (diagonal).
"""
import argparse, json
from pathlib import Path
import numpy as np
from mpmath import mp, mpf, matrix
from scipy.integrate import solve_ivp
import cases

DIGITS, EIG_DIGITS, FULL_LIMIT = 60, 100, 160     # FULL_LIMIT: parameter blocks are stored whole up to this many
mp.dps = DIGITS

# ---- activations: (rho, rho', rho'', kinks); M is mpmath's mp or, for the integration, numpy -------------------------
def logistic_family(scale, shift):
    def r(s, M): return 1 / (1 + M.exp(shift - scale * s))
    return (r, lambda s, M: scale * r(s, M) * (1 - r(s, M)),
            lambda s, M: scale**2 * r(s, M) * (1 - r(s, M)) * (1 - 2 * r(s, M)), ())

ACTIVATIONS = {
    "identity": (lambda s, M: s, lambda s, M: 0 * s + 1, lambda s, M: 0 * s, ()),
    "tanh": (lambda s, M: M.tanh(s), lambda s, M: 1 - M.tanh(s)**2,
             lambda s, M: -2 * M.tanh(s) * (1 - M.tanh(s)**2), ()),
    "logistic": logistic_family(1, 0),
    "steep_logistic": logistic_family(4, 2),
    "softplus": (lambda s, M: M.log(1 + M.exp(s)), lambda s, M: 1 / (1 + M.exp(-s)),
                 lambda s, M: 1 / (1 + M.exp(-s)) / (1 + M.exp(s)), ()),
    "hard_sigmoid": (lambda s, M: s * (s > 0) * (s < 1) + 1 * (s >= 1), lambda s, M: 1 * ((s > 0) & (s < 1)) + 0 * s,
                     lambda s, M: 0 * s, (0, 1)),
    "relu": (lambda s, M: s * (s > 0), lambda s, M: 1 * (s > 0) + 0 * s, lambda s, M: 0 * s, (0,)),
}

class Network:
    """Any problem as one flat n-neuron network: W and U with masks that say which entries are parameters."""
    def __init__(self, problem):
        net = problem["network"]
        self.kind, self.hopfield, self.act = net["type"], net["dynamics"] == "hopfield", net["activation"]
        self.rho, self.d1, self.d2, self.kinks = ACTIVATIONS[self.act]
        self.x = [float(v) for v in problem.get("input", [])]
        d = len(self.x)
        if self.kind == "dense":
            self.n = n = len(net["weights"])
            self.W, self.U = np.array(net["weights"], float), np.array(net.get("input_weights", []), float).reshape(n, d)
            self.b, self.out = np.array(net.get("bias", [0] * n), float), list(net["outputs"])
            self.mask_w, self.mask_u = np.ones((n, n), bool), np.ones((n, d), bool)
            # block name -> list of (row slice, column slice, matrix 'W' or 'U' or 'b')
            self.blocks = {"weights": [("W", slice(0, n), slice(0, n))], "input_weights": [("U", slice(0, n), slice(0, d))],
                           "bias": [("b", slice(0, n), None)]}
        else:
            sizes = net["sizes"]
            ends = np.cumsum([0] + sizes[1:])
            layer = [slice(int(p), int(q)) for p, q in zip(ends[:-1], ends[1:])]   # layer[k]: hidden layer k+1 .. output
            self.n = n = int(ends[-1])
            self.W, self.U, self.b = np.zeros((n, n)), np.zeros((n, d)), np.concatenate([np.array(v, float) for v in net["bias"]])
            self.mask_w, self.mask_u = np.zeros((n, n), bool), np.zeros((n, d), bool)
            self.out = list(range(n))[layer[-1]]
            self.blocks = {"forward": [("U", layer[0], slice(0, d))] + [("W", layer[k + 1], layer[k]) for k in range(len(layer) - 1)],
                           "feedback": [("W", layer[k], layer[k + 1]) for k in range(len(layer) - 1)],
                           "bias": [("b", l, None) for l in layer]}
            for name in ("forward", "feedback"):
                for (which, r, c), m in zip(self.blocks[name], net[name]):
                    {"W": self.W, "U": self.U}[which][r, c] = np.array(m, float)
                    {"W": self.mask_w, "U": self.mask_u}[which][r, c] = True
        extra = {**net, **problem}
        self.tau = np.array(extra.get("time_constants", [1.0] * self.n), float)
        self.bounds = extra.get("state_bounds")
        self.target = [float(v) for v in problem["target"]]
        self.start = np.array(problem.get("initial_state", [0.0] * self.n), float)
        self.drive = self.U @ np.array([float(self.rho(np.float64(v), np)) for v in self.x]) + self.b   # doubles, for the ODE only
        m = lambda a: [[mpf(float(v)) for v in row] for row in a]
        self.mW, self.mU, self.mb = m(self.W), m(self.U), [mpf(float(v)) for v in self.b]
        self.rx = [self.rho(mpf(v), mp) for v in self.x]

    # -- double precision: the trajectory ------------------------------------------------------------------------------
    def mu(self, s):
        h = self.W @ self.rho(s, np) + self.drive
        return (self.d1(s, np) * h if self.hopfield else h) - s

    def trajectory_end(self, method, rtol, atol, want, t_max=1e6):
        """The projected (or plain) ODE until |mu| of the moving neurons is below `want`; (state, free neurons, time)."""
        s, t, chunk, pinned = self.start.copy(), 0.0, 50.0, {}
        lo, hi = self.bounds or (-np.inf, np.inf)
        m = self.mu(s)
        for i in range(self.n):
            if s[i] <= lo and m[i] < 0: pinned[i] = lo
            if s[i] >= hi and m[i] > 0: pinned[i] = hi
        while t < t_max:
            free = np.array([i not in pinned for i in range(self.n)])
            rhs = lambda t, s: np.where(free, self.mu(s), 0.0) / self.tau
            events, what = [], []
            if self.bounds:
                for i in range(self.n):                                # leave or reach a bound
                    for bound, direction in ((lo, -1), (hi, 1)):
                        if i in pinned and pinned[i] != bound: continue
                        e = (lambda t, s, i=i: self.mu(s)[i]) if i in pinned else (lambda t, s, i=i, b=bound: s[i] - b)
                        e.terminal, e.direction = True, -direction if i in pinned else direction
                        events.append(e); what.append((i, bound))
            sol = solve_ivp(rhs, (t, t + chunk), s, method=method, rtol=rtol, atol=atol, events=events or None)
            assert sol.success, sol.message
            s, t = sol.y[:, -1].copy(), sol.t[-1]
            if sol.status == 1:
                i, bound = what[[len(e) > 0 for e in sol.t_events].index(True)]
                if i in pinned: del pinned[i]
                else: pinned[i] = s[i] = bound
                continue
            chunk *= 2
            if np.max(np.abs(self.mu(s)[free]), initial=0) < want:
                return s, [i for i in range(self.n) if free[i]], t
        raise RuntimeError("the trajectory did not settle")

    # -- 60 digits ---------------------------------------------------------------------------------------------------
    def field(self, s, active):
        """mu and J on the active neurons."""
        r = [self.rho(v, mp) for v in s]
        m, J = [], matrix(len(active), len(active))
        d = {j: self.d1(s[j], mp) for j in active}
        for p, i in enumerate(active):
            h = mp.fdot(zip(self.mW[i], r)) + mp.fdot(zip(self.mU[i], self.rx)) + self.mb[i]
            out = d[i] if self.hopfield else mpf(1)
            m.append(out * h - s[i])
            for q, j in enumerate(active):
                J[p, q] = out * self.mW[i][j] * d[j]
            J[p, p] += (self.d2(s[i], mp) * h if self.hopfield else 0) - 1
        return m, J

    def newton(self, s, active, beta=mpf(0), tol=mpf("1e-54")):
        """Solve mu - beta dC/ds = 0 for the active neurons; returns (state, length of the total step, residual)."""
        s, s0 = list(s), list(s)
        for _ in range(60):
            m, J = self.field(s, active)
            c = self.cost_gradient(s)
            f = matrix([mi - beta * c[i] for mi, i in zip(m, active)])
            for p, i in enumerate(active):
                if i in self.out: J[p, p] -= beta
            residual = mp.norm(f, mp.inf)
            if residual < tol: return s, mp.norm(matrix(s) - matrix(s0), mp.inf), residual
            step = mp.lu_solve(J, -f)
            for p, i in enumerate(active): s[i] += step[p]
        raise RuntimeError("Newton did not converge: residual %s" % mp.nstr(residual, 5))

    def cost(self, s): return sum((s[o] - mpf(y))**2 for o, y in zip(self.out, self.target)) / 2

    def cost_gradient(self, s):
        c = [mpf(0)] * self.n
        for o, y in zip(self.out, self.target): c[o] = s[o] - mpf(y)
        return c

    def gains(self, s): return [self.d1(v, mp) if self.hopfield else mpf(1) for v in s]

    def parameter_blocks(self, s, v):
        """(dmu/dtheta)^T v as {block: list of matrices or vectors}."""
        r, k = [self.rho(u, mp) for u in s], self.gains(s)
        pick = {"W": lambda i, j: k[i] * v[i] * r[j], "U": lambda i, j: k[i] * v[i] * self.rx[j]}
        return {name: [[k[i] * v[i] for i in range(rs.start, rs.stop)] if which == "b" else
                       [[pick[which](i, j) for j in range(cs.start, cs.stop)] for i in range(rs.start, rs.stop)]
                       for which, rs, cs in parts] for name, parts in self.blocks.items()}

    def metric(self, s, i):
        r = [self.rho(u, mp) for u in s]
        total = 1 + sum((r[j]**2 for j in range(self.n) if self.mask_w[i, j]), mpf(0))
        total += sum((self.rx[j]**2 for j in range(len(self.rx)) if self.mask_u[i, j]), mpf(0))
        return total * self.gains(s)[i]**2

flat = lambda x: [v for item in x for v in flat(item)] if isinstance(x, list) else [x]
norm = lambda v: mp.sqrt(mp.fsum(x * x for x in v))

def asymmetry(A):
    bottom = mp.mnorm(A + A.T, "f")
    return mp.mnorm(A - A.T, "f") / bottom if bottom != 0 else None

def angle_degrees(u, v):
    nu, nv = norm(u), norm(v)
    if nu == 0 or nv == 0: return None
    return mp.degrees(2 * mp.atan2(norm([a / nu - b / nv for a, b in zip(u, v)]), norm([a / nu + b / nv for a, b in zip(u, v)])))

def solve(problem):
    """All reference quantities (mpf) and the figures of the checks."""
    net = Network(problem)
    end, active, time = net.trajectory_end("DOP853", 1e-10, 1e-12, want=1e-9)
    other, active2, _ = net.trajectory_end("LSODA", 1e-9, 1e-11, want=1e-8)
    s, step, residual = net.newton([mpf(float(v)) for v in end], active)
    assert active == active2 and max(abs(float(v) - o) for v, o in zip(s, other)) < 1e-4, "integrators disagree"
    assert residual < mpf("1e-45") and step < 1e-6, (residual, step)
    assert all(net.d1(mpf(float(end[i])), mp) == net.d1(s[i], mp) for i in active) or not net.kinks, "linear piece changed"
    margins = [abs(v - k) for i, v in enumerate(s) for k in net.kinks if i in active]
    if net.bounds:
        margins += [abs(s[i] - mpf(b)) for i in active for b in net.bounds]
        for i in set(range(net.n)) - set(active):                     # pinned: mu must point outward by a margin
            m = net.field(s, [i])[0][0]
            assert s[i] in net.bounds and (m < 0) == (s[i] == net.bounds[0])
            margins.append(abs(m))
        assert all(net.bounds[0] < s[i] < net.bounds[1] for i in active)
    assert not margins or min(margins) > 1e-4, "a neuron sits on a kink or a bound: %s" % mp.nstr(min(margins), 3)
    _, J = net.field(s, active)
    c = matrix([net.cost_gradient(s)[i] for i in active])
    full = lambda v: [v[active.index(i)] if i in active else mpf(0) for i in range(net.n)]
    a, g = full(mp.lu_solve(J, c)), full(mp.lu_solve(J.T, c))
    nu, ng = net.parameter_blocks(s, a), net.parameter_blocks(s, g)
    vu, vg = flat(list(nu.values())), flat(list(ng.values()))
    # error bound and descent certificate over the targets of the free outputs
    outs = [active.index(o) for o in net.out if o in active]
    E_T = matrix(len(active), len(outs))
    for q, p in enumerate(outs): E_T[p, q] = 1
    inv = mp.inverse(J)
    G = mp.diag([net.metric(s, i) for i in active])
    bound = certificate = None
    if outs:
        M1, M2 = (inv - inv.T) * E_T, inv.T * E_T
        L = mp.inverse(mp.cholesky(M2.T * G * M2))
        top = max(mp.eigsy(L * (M1.T * G * M1) * L.T, eigvals_only=True))
        bound = mp.sqrt(max(top, mpf(0)))
        D = E_T.T * inv.T * G * inv.T * E_T
        certificate = min(mp.eigsy((D + D.T) / 2, eigvals_only=True))
    with mp.workdps(EIG_DIGITS):
        T = mp.diag([1 / mpf(float(net.tau[i])) for i in active])
        eig = [mp.mpc(v) for v in mp.eig(T * J, left=False, right=False)]
    eig = sorted(((mp.nint(mp.re(v) * mpf(10)**30) / mpf(10)**30, mp.im(v), mp.re(v)) for v in eig), key=lambda v: (-v[0], -v[1]))
    eig = [[re, im if abs(im) > 1e-25 else mpf(0)] for _, im, re in eig]
    Jd = np.array([[float(v) for v in row] for row in (T * J).tolist()])
    near = [min(abs(complex(*map(float, e)) - z) for z in np.linalg.eigvals(Jd)) for e in eig]
    err = norm([p - q for p, q in zip(vu, vg)]) / norm(vg) if norm(vg) != 0 else None
    answer = dict(fixed_point=s, cost=net.cost(s), stable=all(e[0] < 0 for e in eig), eigenvalues=eig,
                  error_vector=dict(ep=a, true=g), ep_update=nu, negative_gradient=ng, angle_degrees=angle_degrees(vu, vg),
                  relative_error=err, jacobian_asymmetry=asymmetry(J), weight_asymmetry=asymmetry(matrix(net.mW)),
                  error_bound=bound, descent_certificate=certificate)
    checks = dict(active_neurons=active, parameters=len(vu), settling_time=time, newton_step=step, residual=residual,
                  kink_margin=min(margins) if margins else None, jacobian_condition=mp.cond(J, lambda A: mp.mnorm(A, "f")),
                  smallest_abs_eigenvalue=min(mp.hypot(*e) for e in eig), double_eigenvalue_error=max(near))
    return net, answer, checks

def finite_differences(net, answer, active):
    """Largest deviations of -dJ/dtheta and of a from centred differences with fixed points solved anew, relative to the largest entry."""
    h, s = mpf("1e-15"), answer["fixed_point"]
    blocks = [(which, i, j) for parts in net.blocks.values() for which, r, c in parts
              for i in range(r.start, r.stop) for j in ([None] if c is None else range(c.start, c.stop))]
    worst, ng = mpf(0), flat(list(answer["negative_gradient"].values()))
    for (which, i, j), want in zip(blocks, ng):
        row, col = (net.mb, i) if which == "b" else ({"W": net.mW, "U": net.mU}[which][i], j)
        old, J = row[col], []
        for sign in (1, -1):
            row[col] = old + sign * h
            J.append(net.cost(net.newton(s, active)[0]))
        row[col] = old
        worst = max(worst, abs(-(J[0] - J[1]) / (2 * h) - want))
    plus, minus = (net.newton(s, active, b)[0] for b in (h, -h))
    ep = max(abs((p - q) / (2 * h) - v) for p, q, v in zip(plus, minus, answer["error_vector"]["ep"]))
    return worst / max(map(abs, ng)), ep / max(map(abs, answer["error_vector"]["ep"]))

def bound_and_certificate(net, answer, active):
    """Attain error_bound and descent_certificate with the worst errors e, through the parameter blocks (not through G); the deviations."""
    s, k = answer["fixed_point"], [o for o in net.out if o in active]
    _, J = net.field(s, active)
    columns = []                                                      # nu and -dJ/dtheta for e = unit vectors
    for o in k:
        c = matrix([mpf(int(i == o)) for i in active])
        pair = []
        for A in (J, J.T):
            v = mp.lu_solve(A, c)
            pair.append(matrix(flat(list(net.parameter_blocks(s, [v[active.index(i)] if i in active else mpf(0) for i in range(net.n)]).values()))))
        columns.append(pair)
    N, M = ([p[q] for p in columns] for q in (0, 1))
    gram = lambda X, Y: matrix([[mp.fdot(x, y) for y in Y] for x in X])
    D = [x - y for x, y in zip(N, M)]
    pencil, _ = mp.eig(mp.inverse(gram(M, M)) * gram(D, D))
    lowest = min(mp.eigsy((gram(N, M) + gram(M, N)) / 2, eigvals_only=True))
    return (abs(mp.sqrt(max(mp.re(v) for v in pencil)) - answer["error_bound"]), abs(lowest - answer["descent_certificate"]) / max(1, abs(lowest)))

def plain(x):
    """mpf -> nearest double; what is 0 to 40 digits becomes 0."""
    if isinstance(x, dict): return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)): return [plain(v) for v in x]
    if isinstance(x, mpf): return 0.0 if abs(x) < mpf("1e-40") else float(x)
    return x

def stored_blocks(blocks, kind, size):
    single = kind == "dense"                                          # dense blocks are not lists of blocks
    if size <= FULL_LIMIT: return {k: v[0] if single else v for k, v in blocks.items()}
    out = {}
    for k, v in blocks.items():
        norms, heads = [norm(flat(m)) for m in v], [flat(m)[:5] for m in v]
        out[k + "_norm"], out[k + "_head"] = (norms[0], heads[0]) if single else (norms, heads)
    return out

def dump(obj, indent=0):
    """JSON with lists of numbers on one line each."""
    if isinstance(obj, dict):
        return "{\n" + ",\n".join(" " * (indent + 1) + json.dumps(k) + ": " + dump(v, indent + 1) for k, v in obj.items()) + "\n" + " " * indent + "}"
    if isinstance(obj, list) and obj and any(isinstance(v, list) for v in obj):
        return "[" + (",\n" + " " * (indent + 1)).join(dump(v, indent + 1) for v in obj) + "]"
    return json.dumps(obj, allow_nan=False)

def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("out", type=Path)
    ap.add_argument("--digits", type=Path, help="digits.csv.gz; without it the digits case is left out")
    ap.add_argument("--only", nargs="*")
    ap.add_argument("--check", type=int, nargs="?", const=8, default=0, metavar="N", help="finite differences for networks up to N neurons (8)")
    ap.add_argument("--place", choices=("network", "problem"), default="network",
                    help="where time_constants and state_bounds stand in a problem file")
    args = ap.parse_args()
    for sub in ("problems", "expected"): (args.out / sub).mkdir(parents=True, exist_ok=True)
    worst = [mpf(0)] * 4
    for name, problem in cases.all_cases(args.digits):
        if args.only and name not in args.only: continue
        written = json.loads(json.dumps(problem))                     # a copy
        if args.place == "network":
            for key in ("time_constants", "state_bounds"):
                if key in written: written["network"][key] = written.pop(key)
        text = dump(written) + "\n"
        net, answer, checks = solve(json.loads(text))
        line = "%-34s n=%2d active=%2d angle=%9.4f rel=%.3g bound=%.3g cert=%9.3g asym=%.3f min|l|=%.2g cond=%.2g t=%.3g step=%.1g" % (
            name, net.n, len(checks["active_neurons"]), answer["angle_degrees"], answer["relative_error"], answer["error_bound"],
            answer["descent_certificate"], answer["jacobian_asymmetry"], checks["smallest_abs_eigenvalue"],
            checks["jacobian_condition"], checks["settling_time"], checks["newton_step"])
        if net.n <= args.check:
            fd = finite_differences(net, answer, checks["active_neurons"]) + bound_and_certificate(net, answer, checks["active_neurons"])
            worst = [max(p, q) for p, q in zip(worst, fd)]
            line += "  fd: gradient %s, ep %s, bound %s, certificate %s" % tuple(mp.nstr(v, 2) for v in fd)
        print(line, flush=True)
        for key in ("ep_update", "negative_gradient"): answer[key] = stored_blocks(answer[key], net.kind, checks["parameters"])
        checks["residual"] = float(checks["residual"])
        (args.out / "problems" / (name + ".json")).write_text(text)
        (args.out / "expected" / (name + ".json")).write_text(dump({**plain(answer), "checks": plain(checks)}) + "\n")
    if args.check: print("largest deviations: gradient %s, ep %s, bound %s, certificate %s" % tuple(mp.nstr(v, 3) for v in worst))

if __name__ == "__main__":
    main()
