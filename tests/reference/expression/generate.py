#!/usr/bin/env python3
"""Writes derivatives.json: values and slopes of expressions, by mpmath to 30 digits.

    python3 tests/reference/expression/generate.py > tests/reference/expression/derivatives.json

An entry holds the text, x and y, the value, and its slopes by x and by y.
"""

import json

import mpmath as mp

mp.mp.dps = 50

logistic = lambda z: 1 / (1 + mp.exp(-z))
# text -> (function, points)
one = {
    "sin(x)": (mp.sin, [0.1, 1.5, 3.0, -40.0]),
    "cos(x)": (mp.cos, [0.1, 1.5, 3.0, -40.0]),
    "tan(x)": (mp.tan, [0.1, 1.5, -2.0]),
    "asin(x)": (mp.asin, [0.1, -0.99, 0.5]),
    "acos(x)": (mp.acos, [0.1, -0.99, 0.5]),
    "atan(x)": (mp.atan, [0.1, -30.0, 1e6]),
    "sinh(x)": (mp.sinh, [0.1, -3.0, 30.0]),
    "cosh(x)": (mp.cosh, [0.1, -3.0, 30.0]),
    "tanh(x)": (mp.tanh, [1e-8, 0.7, -3.0, 8.0, 20.0]),
    "asinh(x)": (mp.asinh, [0.1, -3.0, 1e5]),
    "acosh(x)": (mp.acosh, [1.01, 3.0, 1e5]),
    "atanh(x)": (mp.atanh, [0.1, -0.99]),
    "exp(x)": (mp.exp, [0.1, -30.0, 50.0]),
    "ln(x)": (mp.log, [0.1, 1.0001, 1e9]),
    "log(x)": (mp.log, [0.3, 7.0]),
    "log10(x)": (mp.log10, [0.1, 1.5, 1e9]),
    "log2(x)": (lambda x: mp.log(x, 2), [0.1, 1.5, 1e9]),
    "sqrt(x)": (mp.sqrt, [1e-6, 2.0, 1e9]),
    "logistic(x)": (logistic, [0.0, 3.0, -3.0, 20.0, -40.0]),
    "sigmoid(x)": (logistic, [0.3, -7.0]),
    "steep_logistic(x)": (lambda x: logistic(4 * x - 2), [0.0, 0.5, 3.0, -3.0]),
    "softplus(x)": (lambda x: mp.log(1 + mp.exp(x)), [0.0, 3.0, -30.0, 40.0]),
    "hard_sigmoid(x)": (lambda x: min(max(x, 0), 1), [-0.5, 0.25, 1.5]),
    "relu(x)": (lambda x: max(x, 0), [-0.5, 0.25]),
    "identity(x)": (lambda x: x, [0.3]),
    "erf(x)": (mp.erf, [1e-5, 0.3, 2.0, -4.0]),
    "erfc(x)": (mp.erfc, [0.3, 2.0, -4.0]),
    "abs(x)": (abs, [-0.3, 2.0]),
    "sign(x)": (mp.sign, [-0.3, 2.0]),
    "heav(x)": (lambda x: mp.mpf(x >= 0), [-0.3, 2.0]),
    "floor(x)": (mp.floor, [-0.3, 2.5]),
    "ceil(x)": (mp.ceil, [-0.3, 2.5]),
    "1/(1 + x^2)": (lambda x: 1 / (1 + x**2), [0.3, -20.0]),
    "x^3": (lambda x: x**3, [0.3, -20.0]),
    "x^(-2)": (lambda x: x ** (-2), [0.3, -20.0]),
    "x^0.5": (lambda x: mp.sqrt(x), [0.3, 20.0]),
    "-x^2": (lambda x: -(x**2), [0.3, -20.0]),
    "if(x > 0, x^2, -x)": (lambda x: x**2 if x > 0 else -x, [0.3, -20.0]),
}
two = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x*y": lambda x, y: x * y,
    "x/y": lambda x, y: x / y,
    "x^y": lambda x, y: x**y,
    "pow(x, y)": lambda x, y: x**y,
    "atan2(x, y)": lambda x, y: mp.atan2(x, y),
    "min(x, y)": lambda x, y: min(x, y),
    "max(x, y)": lambda x, y: max(x, y),
    "mod(x, y)": lambda x, y: x - y * mp.floor(x / y),
    "x^3*exp(-x)/(1 + y^2)": lambda x, y: x**3 * mp.exp(-x) / (1 + y**2),
    "tanh(x*y + sin(x))": lambda x, y: mp.tanh(x * y + mp.sin(x)),
    "sqrt(x^2 + y^2)": lambda x, y: mp.sqrt(x**2 + y**2),
    "sum(k, 1, 4, x^k*y/k)": lambda x, y: sum(x**k * y / k for k in range(1, 5)),
    "0.1*(x + 40)/(1 - exp(-(x + 40)/10))*y": lambda x, y: mp.mpf("0.1") * (x + 40) / (1 - mp.exp(-(x + 40) / 10)) * y,
}


def slope(function, at):
    # the mean of an even and a fine central difference, in 50 digits
    step = mp.mpf(10) ** -15 * max(1, abs(at)) if at else mp.mpf(10) ** -15
    plus = lambda h: (function(at + h) - function(at - h)) / (2 * h)
    return (4 * plus(step / 2) - plus(step)) / 3


entries = []


def add(text, function, x, y):
    x, y = mp.mpf(x), mp.mpf(y)
    by_x, by_y = slope(lambda z: function(z, y), x), slope(lambda z: function(x, z), y)
    value = function(x, y)
    clean = lambda z: mp.mpf(0) if abs(z) < mp.mpf(10) ** -30 else z
    entries.append({"text": text, "x": float(x), "y": float(y), "value": float(clean(mp.mpf(value))),
                    "by_x": float(clean(by_x)), "by_y": float(clean(by_y))})


for text, (function, points) in one.items():
    for x in points:
        add(text, lambda z, _, f=function: mp.mpf(f(z)), x, 0.5)
for text, function in two.items():
    for x, y in [(0.7, 1.3), (2.5, 0.75), (1.0 / 3, 5.5)]:
        add(text, lambda a, b, f=function: mp.mpf(f(a, b)), x, y)
print("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]")
