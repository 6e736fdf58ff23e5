#!/bin/sh
# Makes auto.json (AUTO-07p) and xpp/*.dat (XPPAUT, no display needed), then reference.json (mpmath beside them).
# Needs: xppaut, auto-07p, gfortran, and PYTHON (default python3) with mpmath, numpy and scipy.
set -e
cd "$(dirname "$0")"
mkdir -p xpp
auto-07p batch.auto > auto.log 2>&1
rm -f fort.7 fort.8 fort.9 *.o *.exe auto.log
xpp() { xppaut "$1" -silent -quiet 1 -icfile "$2" -outfile "xpp/$3.dat" > /dev/null 2>&1; }
k=0
for ic in "1.7 1.3" "-1.5 -1.4" "1.0 -0.9" "0.3 -1.1" "1.3 -0.3"; do          # near the five fixed points of (i)
  printf '%s\n' $ic > xpp/ic; xpp newton.ode xpp/ic newton_$k; k=$((k + 1))
done
k=0
for ic in "0 0" "-1 -1" "1 -1" "0.1531 -0.4" "0.1532 -0.4"; do                # basins of (i)
  printf '%s\n' $ic > xpp/ic; xpp bistable.ode xpp/ic basin_$k; k=$((k + 1))
done
printf '0.5\n0\n' > xpp/ic; xpp cycle.ode xpp/ic cycle
rm -f xpp/ic
"${PYTHON:-python3}" collect.py
