#!/usr/bin/env python3
"""Runs XPPAUT and eqprop on the same .ode files and compares their last rows.

    tests/outside/xppaut.py [EQPROP]

Needs xppaut (Debian: apt-get install xppaut); without it nothing is compared and the exit code is 0.
XPPAUT runs its Runge-Kutta method at steps that are small against the dynamics; rows agree to 1e-5 of
the range of each variable (XPPAUT stores single precision).
"""

import csv
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 1e-5

# what the files say -> (text, length of the run, step of XPPAUT)
FILES = {
    "decay": ("x'=-x\ninit x=1", 5, 0.01),
    "oscillator": ("x'=y\ny'=-x\ninit x=1,y=0", 10, 0.005),
    "capitals": ("PAR A=2\nX'=a-X\nInit x=1", 3, 0.01),
    "fitzhugh_nagumo": ("par i=.5 a=.7 b=.8 eps=.08\nv'=v-v^3/3-w+i\nw'=eps*(v+a-b*w)\ninit v=-1 w=.4\naux e=v^2+w^2", 100, 0.01),
    "leibniz": ("par k=1.5\ndx/dt=-k*x+1\ninit x=0", 4, 0.01),
    "van_der_pol": ("par mu=1\nx'=y\ny'=mu*(1-x^2)*y-x\nx(0)=.5", 15, 0.005),
    "lorenz_short": ("par s=10,r=28,b=2.6666667\nx'=s*(y-x)\ny'=r*x-y-x*z\nz'=x*y-b*z\ninit x=1 y=1 z=1", 2, 0.001),
    "lotka_volterra": ("p a=1,b=.5,c=.7,d=.3\nx'=x*(a-b*y)\ny'=y*(d*x-c)\ni x=2,y=1", 12, 0.005),
    "wilson_cowan": ("par wee=12 wei=4 wie=13 wii=11 p=1.5\nf(x)=1/(1+exp(-x))\nu'=-u+f(wee*u-wei*v+p-4)\nv'=(-v+f(wie*u-wii*v-3.7))/2\ninit u=.1 v=.05", 20, 0.01),
    "quantities": ("par g=2\nq=g*x\nr=q+y\nx'=-r\ny'=x-y\ninit x=1", 6, 0.01),
    "derived": ("par a=2\n!b=3*a\nx'=b-x", 3, 0.01),
    "derived_before": ("!b=3*a\npar a=2\nx'=b-x", 3, 0.01),
    "numbers": ("number k=3\nx'=-k*x\ninit x=2", 2, 0.005),
    "powers": ("x'=2^3^2/64-x", 3, 0.01),
    "negative_power": ("x'=-2^2-x", 3, 0.01),
    "stars": ("x'=-x**2\ninit x=1", 3, 0.01),
    "heaviside": ("x'=heav(t-1)-x", 3, 0.0001),
    "forced": ("par w=3\nx'=cos(w*t)-x", 5, 0.005),
    "time_in_aux": ("x'=-x\naux y=t*x\ninit x=1", 3, 0.01),
    "condition": ("x'=if(x<2)then(1)else(-x)\ninit x=0", 1.5, 0.01),
    "logic": ("par p=1\nx'=if(p>0&p<2)then(1-x)else(-x)", 3, 0.01),
    "or": ("par p=3\nx'=if(p<1|p>2)then(1-x)else(-x)", 3, 0.01),
    "not": ("x'=not(0)-x", 3, 0.01),
    "unequal": ("par p=1,q=2\nx'=(p!=q)-x", 3, 0.01),
    "max_min": ("x'=max(1,min(3,2))-x", 3, 0.01),
    "abs_sign": ("x'=abs(-2)+sign(-3)-x", 3, 0.01),
    "floor_mod": ("x'=flr(-.5)+mod(-1,3)-x", 3, 0.01),
    "logarithms": ("x'=log(2)+ln(3)+log10(5)-x", 3, 0.01),
    "hyperbolic": ("x'=sinh(.5)+cosh(.3)+tanh(.7)-x", 3, 0.01),
    "inverse": ("x'=asin(.5)+acos(.2)+atan(2)+atan2(1,-2)-x", 3, 0.01),
    "error_function": ("x'=erf(.5)+erfc(.7)-x", 3, 0.01),
    "pi": ("x'=sin(pi*x)-x/2\ninit x=.2", 5, 0.01),
    "ring": ("x0=x3\nx[1..3]'=-x[j]+tanh(1.5*x[j-1])\ninit x1=.1,x2=.2,x3=-.3", 8, 0.01),
    "indices": ("x[1..4]'=[j]-x[j]", 3, 0.01),
    "blocks": ("%[1..2]\nx[j]'=y[j]\ny[j]'=-[j]*x[j]\ninit x[j]=[j]\n%", 4, 0.005),
    "sum": ("x[0..4]'=-x[j]+.1*sum(0,4)of(shift(x0,i'))\ninit x0=1,x1=2,x2=3,x3=4,x4=5", 3, 0.01),
    "two_arguments": ("hill(x,n)=x^n/(1+x^n)\nx'=hill(y,4)-x\ny'=hill(x+.3,2)-y\ninit x=.2,y=.7", 8, 0.01),
    "continued": ("par a=1,\\\nb=2\nx'=a+ \\\n b-x", 3, 0.01),
    "comments": ("# a comment\nx'=1-x\n# another\n\"a button\ndone\nx'=5", 3, 0.01),
    "guarded_quotient": ("y'=0\nx'=0/y+1-x", 3, 0.01),
    "morris_lecar": ("par i=90,phi=.04\nminf(v)=.5*(1+tanh((v+1.2)/18))\nninf(v)=.5*(1+tanh((v-2)/30))\nlamn(v)=phi*cosh((v-2)/60)\nv'=(i-4.4*minf(v)*(v-120)-8*w*(v+84)-2*(v+60))/20\nw'=lamn(v)*(ninf(v)-w)\ninit v=-20,w=.1", 60, 0.01),
    "repressilator": ("par al=10,n=3\nf(x)=al/(1+x^n)\np1'=f(p3)-p1\np2'=f(p1)-p2\np3'=f(p2)-p3\ninit p1=1,p2=1.2,p3=.8", 15, 0.01),
    "blanks": ("x'=1 2-x", 3, 0.01),
    "shift_beyond": ("x'=1+shift(x,5)-x", 3, 0.01),
    "last_option_wins": ("x'=1-x\n@ xlo=1\n@ xlo=2", 3, 0.01),
    "later_start_wins": ("x'=-x\ninit x=1\nx(0)=3", 2, 0.01),
    "exponent_numbers": ("par a=1e-1,b=.5e1\nx'=a*b-x", 3, 0.01),
    "i_is_a_name": ("par i=3\nx'=i-x", 3, 0.01),
}


def of_xppaut(directory, text, total, step):
    body = text.split("\ndone")[0]
    options = f"\n@ total={total},dt={step},meth=rk4,bounds=1000000,maxstor=2000000\ndone\n"
    (directory / "x.ode").write_text(body + options)
    subprocess.run(["xppaut", "x.ode", "-silent"], cwd=directory, capture_output=True, timeout=120)
    rows = (directory / "output.dat").read_text().split("\n")
    return [[float(word) for word in row.split()] for row in rows if row.strip()]


def of_eqprop(eqprop, directory, text, times):
    (directory / "e.ode").write_text(text)
    out = directory / "e.csv"
    command = [eqprop, "simulate", "e.ode", "--beta", "0", "--t-nudged", "0", "--t-free", repr(times[-1])]
    command += ["--rtol", "1e-10", "--atol", "1e-12", "--out", str(out), "--force"]
    run = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        return None, run.stderr.strip()
    with open(out, newline="") as file:
        rows = list(csv.reader(file))
    last = [row for row in rows[1:] if row[1] == "free"][-1]
    return [float(last[0])] + [float(value) for value in last[3:]], ""


def main():
    if shutil.which("xppaut") is None:
        print("xppaut is not installed; nothing is compared")
        return 0
    eqprop = shutil.which(sys.argv[1]) if len(sys.argv) > 1 else "target/release/eqprop"
    eqprop = str(pathlib.Path(eqprop).resolve())
    wrong = 0
    for name, (text, total, step) in FILES.items():
        with tempfile.TemporaryDirectory() as directory:
            directory = pathlib.Path(directory)
            theirs = of_xppaut(directory, text, total, step)
            ours, error = of_eqprop(eqprop, directory, text, [row[0] for row in theirs])
        if ours is None:
            print(f"{name:<22} refused: {error}")
            wrong += 1
            continue
        columns = list(zip(*theirs))
        spans = [max(max(column) - min(column), 1e-3 * max(map(abs, column)), 1e-12) for column in columns]
        gaps = [abs(a - b) / span for a, b, span in zip(ours, theirs[-1], spans)]
        fine = len(ours) == len(theirs[-1]) and max(gaps[1:]) <= TOLERANCE
        print(f"{name:<22} {max(gaps[1:]):.1e}{'' if fine else '  WRONG ' + str(ours) + ' ' + str(theirs[-1])}")
        wrong += not fine
    print(f"{len(FILES) - wrong} of {len(FILES)} files agree to {TOLERANCE:g} of each range")
    return 1 if wrong else 0


sys.exit(main())
