"""The problems. Every number comes from a seeded generator (Python's `random`) rounded to few decimals, or is written out."""
import gzip, random

def uniform(rng, rows, cols, gain, digits=6):
    return [[round(rng.uniform(-gain, gain), digits) for _ in range(cols)] for _ in range(rows)]

def vector(rng, n, lo, hi, digits=4): return [round(rng.uniform(lo, hi), digits) for _ in range(n)]

def dense(seed, n, act, dynamics="leaky", gain=1.5, d=2, outs=1, asym=1.0, b=(-0.5, 0.5), t=(-1, 1), x=(-1, 1), start=None, diag=None, skew=0):
    """Entries of W uniform in +-gain/sqrt(n); asym mixes the symmetric (0) and the free (1) matrix."""
    rng = random.Random(seed)
    A = uniform(rng, n, n, gain / n**0.5)
    W = [[round((1 - asym) * (A[min(i, j)][max(i, j)]) + asym * A[i][j], 6) for j in range(n)] for i in range(n)]
    for i in range(n):                                    # skew: an antisymmetric part on top
        for j in range(i): W[i][j] = round(W[i][j] + skew, 6); W[j][i] = round(W[j][i] - skew, 6)
    if diag is not None:
        for i in range(n): W[i][i] = diag
    net = {"type": "dense", "dynamics": dynamics, "activation": act, "weights": W}
    if d: net["input_weights"] = uniform(rng, n, d, 1.0)
    net["bias"] = vector(rng, n, *b)
    net["outputs"] = list(range(n - outs, n))
    p = {"network": net}
    if d: p["input"] = vector(rng, d, *x)
    p["target"] = vector(rng, outs, *t)
    if start is not None: p["initial_state"] = start if isinstance(start, list) else [start] * n
    return p

def layered(seed, sizes, act, dynamics="leaky", gain=1.0, tied=False, b=(-0.3, 0.3), t=(0, 1), x=(0, 1), start=None, feedback_gain=1.0):
    rng = random.Random(seed)
    fwd = [uniform(rng, q, p, gain * (6 / (p + q))**0.5) for p, q in zip(sizes[:-1], sizes[1:])]
    bwd = [[[m[i][j] for i in range(len(m))] for j in range(len(m[0]))] if tied else
           uniform(rng, len(m[0]), len(m), feedback_gain * gain * (6 / (len(m) + len(m[0])))**0.5) for m in fwd[1:]]
    net = {"type": "layered", "dynamics": dynamics, "activation": act, "sizes": sizes, "forward": fwd, "feedback": bwd,
           "bias": [vector(rng, q, *b) for q in sizes[1:]]}
    p = {"network": net, "input": vector(rng, sizes[0], *x), "target": vector(rng, sizes[-1], *t)}
    if start is not None: p["initial_state"] = [start] * sum(sizes[1:])
    return p

def plain_net(act, W, bias, outputs, target, start=None, dynamics="leaky", **more):
    p = {"network": {"type": "dense", "dynamics": dynamics, "activation": act, "weights": W, "bias": bias, "outputs": outputs},
         "target": target}
    if start is not None: p["initial_state"] = start
    p.update(more)
    return p

def digits_case(path, row=7):
    with gzip.open(path, "rt") as f:
        values = [int(v) for v in f.readlines()[1 + row].split(",")]
    p = layered(4100, [64, 32, 10], "hard_sigmoid", gain=1.0, b=(0.0, 0.3))
    p["input"] = [v / 16 for v in values[:64]]
    p["target"] = [1 if k == values[64] else 0 for k in range(10)]
    return p

def all_cases(digits=None):
    yield "dense_tanh_n2", dense(1, 2, "tanh", gain=1.2)
    yield "dense_identity_n2", dense(2, 2, "identity", gain=0.9, outs=2)
    yield "dense_logistic_n3", dense(3, 3, "logistic", gain=4, outs=2, t=(0, 1))
    yield "dense_relu_n3", dense(4, 3, "relu", gain=1.2, b=(0, 0.8), outs=2)
    yield "dense_softplus_n5", dense(5, 5, "softplus", gain=1.5, outs=2)
    yield "dense_steep_logistic_n5", dense(6, 5, "steep_logistic", gain=2, outs=2, b=(0, 0.6), t=(0, 1), x=(0, 1))
    yield "dense_tanh_n5_no_input", dense(7, 5, "tanh", gain=1.6, d=0, outs=3)
    yield "dense_hard_sigmoid_n8", dense(8, 8, "hard_sigmoid", gain=1.5, outs=3, b=(0.1, 0.6), t=(0, 1), x=(0, 1))
    yield "dense_logistic_n8", dense(9, 8, "logistic", gain=5, outs=3, d=3, t=(0, 1))
    yield "dense_tanh_n8_all_outputs", dense(10, 8, "tanh", gain=1.5, outs=8)
    yield "dense_steep_logistic_n12", dense(11, 12, "steep_logistic", gain=2, outs=4, d=3, b=(0.1, 0.7), t=(0, 1), x=(0, 1))
    yield "dense_softplus_n12", dense(12, 12, "softplus", gain=1.5, outs=3, d=4)
    yield "dense_tanh_n20", dense(13, 20, "tanh", gain=1.5, outs=5, d=5)
    yield "dense_relu_n20", dense(14, 20, "relu", gain=1.5, outs=5, d=3, b=(-0.2, 0.8))
    yield "dense_logistic_n40", dense(15, 40, "logistic", gain=5, outs=10, d=5, t=(0, 1))
    yield "dense_hard_sigmoid_n40", dense(16, 40, "hard_sigmoid", gain=1.5, outs=6, d=4, b=(0, 0.6), t=(0, 1), x=(0, 1))
    yield "dense_identity_n40", dense(17, 40, "identity", gain=1.2, outs=4, d=3)
    yield "dense_tanh_n6_symmetric_weights", dense(18, 6, "tanh", gain=1.5, outs=2, asym=0.0)

    for k, (act, n, gain, kw) in enumerate([("tanh", 4, 1.5, {}), ("logistic", 5, 4.0, dict(t=(0, 1))),
                                           ("steep_logistic", 6, 2.0, dict(b=(0, 0.6), t=(0, 1), x=(0, 1), start=0.5)),
                                           ("softplus", 4, 1.2, {})]):
        for word, asym in (("symmetric", 0.0), ("asymmetric", 0.7)):
            yield "hopfield_%s_n%d_%s" % (act, n, word), dense(30 + k, n, act, "hopfield", gain, outs=2, asym=asym, **kw)

    yield "layered2_leaky_tanh", layered(50, [4, 6, 3], "tanh", t=(-1, 1), x=(-1, 1))
    yield "layered2_hopfield_tanh_tied", layered(51, [4, 6, 3], "tanh", "hopfield", tied=True, t=(-1, 1), x=(-1, 1))
    yield "layered3_leaky_hard_sigmoid", layered(52, [4, 5, 3, 2], "hard_sigmoid", b=(0, 0.4))
    yield "layered3_leaky_steep_logistic", layered(53, [6, 8, 8, 3], "steep_logistic", b=(0, 0.6))
    yield "layered3_hopfield_hard_sigmoid", layered(54, [4, 5, 3, 2], "hard_sigmoid", "hopfield", gain=0.35, b=(0.3, 0.6), start=0.5)
    yield "layered3_hopfield_tanh", layered(55, [6, 8, 8, 3], "tanh", "hopfield", t=(-1, 1), x=(-1, 1))
    yield "layered4_leaky_tanh", layered(56, [5, 7, 6, 5, 2], "tanh", t=(-1, 1), x=(-1, 1))
    yield "layered4_hopfield_steep_logistic", layered(57, [5, 7, 6, 5, 2], "steep_logistic", "hopfield", b=(0.2, 0.6), start=0.5)
    yield "layered4_leaky_hard_sigmoid", layered(58, [5, 7, 6, 5, 2], "hard_sigmoid", b=(0, 0.5))

    for word, start in (("origin", None), ("low", [-1, -1]), ("mixed", [1, -1]), ("near_boundary", [0.1531, -0.4])):
        yield "bistable_" + word, plain_net("tanh", [[1.5, 0.3], [0.2, 1.4]], [0.1, -0.05], [0, 1], [0.5, -0.5], start)
    yield "near_saddle_node", plain_net("tanh", [[2, -0.5], [1, 0.3]], [-0.1771276, 0], [1], [0.2], [2, 1])
    yield "strong_rotation", plain_net("tanh", [[0.2, 3], [-3, 0.1]], [0.4, -0.3], [0], [0.9])
    yield "near_singular", plain_net("tanh", [[0.1, 300, 0], [-0.001, -0.2, 0.001], [0.3, 0.1, 0.5]], [0.02, 0.002, 0.01], [0, 2], [0.1, -0.3])
    yield "beyond_90_linear", plain_net("identity", [[0.5, 0.8], [-0.8, 0.5]], [0.3, -0.2], [0, 1], [0.5, 0.4])
    yield "beyond_90_tanh_n6", dense(63, 6, "tanh", gain=1.0, outs=2, diag=0.3, skew=0.9, b=(-0.2, 0.2))
    if digits: yield "digits_64_32_10", digits_case(digits)

    yield "time_constants_n4", {**dense(71, 4, "tanh", gain=1.6, outs=2), "time_constants": [1, 100, 5, 20]}
    yield "time_constants_layered", {**layered(72, [3, 4, 2], "logistic", gain=2.0), "time_constants": [100, 100, 30, 10, 1, 2.5]}

    clamp = {"state_bounds": [0, 1]}
    yield "bounds_dense_n5", {**dense(83, 5, "hard_sigmoid", gain=1.4, outs=2, b=(-0.3, 0.5), t=(0, 1), x=(0, 1)), **clamp}
    yield "bounds_dense_n12_outputs_pinned", {**dense(85, 12, "hard_sigmoid", gain=1.5, outs=4, d=3, b=(-0.3, 0.6), t=(0, 1), x=(0, 1), start=0.5), **clamp}
    yield "bounds_layered", {**layered(84, [4, 6, 5, 3], "hard_sigmoid", b=(-0.1, 0.4)), **clamp}
    yield "bounds_layered_outputs_pinned", {**layered(82, [5, 7, 6, 3], "hard_sigmoid", b=(-0.1, 0.4)), **clamp}
