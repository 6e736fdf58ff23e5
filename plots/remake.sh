#!/usr/bin/env bash
# Makes every committed picture again, from the repository's root: bash plots/remake.sh
# EQPROP and EXAMPLES name a program and a folder of examples that are built already. The notebooks'
# pictures are made by docs/render_notebooks.py, those of the explorer by tests/browser/explore.py.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
eqprop=${EQPROP:-$root/target/release/eqprop}
examples=${EXAMPLES:-$root/target/release/examples}
dpi=120
[ -n "${EQPROP:-}" ] || cargo build --release --examples --bins

"$eqprop" validate --out plots/validation --force
for figure in asymmetry beta closed_form time_resolved; do
  "$eqprop" plot plots/validation --figure $figure --dpi $dpi --force --out "plots/validation/$figure.png"
done

cd "$root/plots/start"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$eqprop" portrait pair.json --dpi $dpi --force --out plane.png
"$eqprop" simulate pair.json --beta 0.5 --t-free 12 --t-nudged 8 --out "$work/pair.csv"
"$eqprop" plot "$work/pair.json" --dpi $dpi --force --out simulation.png
"$eqprop" continue pair.json --parameter beta --range -0.8,1 --dpi $dpi --force --out nudge.png
"$eqprop" spectrum pair.json --asymmetry 0,0.5,1 --dpi $dpi --force --out spectrum.png

cd "$root/plots/portrait"
portrait() { "$eqprop" portrait "$1.json" "${@:3}" --dpi $dpi --force --out "$2.$extension"; }
for extension in svg png; do
  for name in bistable limit_cycle saddle_node stiff; do portrait "$name" "$name"; done
  portrait nudged nudged --beta 1 --nudged beside
  portrait nudged nudged_overlay --beta 1
  portrait bistable wide --width 178
done

cd "$root/plots/continuation"
follow() { "$eqprop" continue "$1.json" "${@:3}" --dpi $dpi --force --out "$2.$extension"; }
for extension in svg png; do
  follow near_fold nudge --parameter beta --range -0.5,1.5 --all
  follow near_fold asymmetry --parameter asymmetry --range 0,3 --all
  follow bistable bias --parameter bias:0 --range -1,1 --all
  follow hopf gain --parameter gain --range 0,2
done

cd "$root/plots/spectrum"
for extension in svg png; do
  "$eqprop" spectrum dense_tanh_n20.json --asymmetry 0,1,2 --dpi $dpi --force --out "asymmetry.$extension"
done

cd "$root/plots/simulate"
"$examples/error_signal"
"$eqprop" simulate "$root/tests/reference/problems/strong_rotation.json" --t-free 12 --t-nudged 12 \
  --compare-euler 0.05,0.1,0.2 --out "$work/euler.csv"
for extension in svg png; do "$eqprop" plot "$work/euler.json" --dpi $dpi --force --out "euler.$extension"; done

# studies: pictures from the committed records; `eqprop sweep STUDY/config.json --out DIR` makes the records again
cd "$root/plots"
study() { "$eqprop" plot "$1" --figure "$2" --dpi $dpi --force --out "$1/$2.$extension"; }
for extension in svg png; do
  study sweep_symmetry asymmetry
  study sweep_beta beta
  study sweep_cost cost
  study good_parameters good_parameters
  study good_parameters heat_map
  "$eqprop" plot fields_study/*/ sweep_symmetry --dpi $dpi --force --out "fields_study/asymmetry.$extension"
done

# training: pictures from the committed records; `eqprop train RUN/config.json --out DIR` makes the records again
training() { "$eqprop" plot "${@:2}" --dpi $dpi --force --out "$1.$extension"; }
for extension in svg png; do
  training training_digits/course training_digits/seed*
  training training_mnist_512/ep training_mnist_512/ep_seed*
  (cd training_mnist_512 && training estimators ep_seed0 asymmetric homeostasis tied true_gradient)
  (cd training_mnist_512 && training free ep_free asymmetric_free true_gradient_free)
  training training_mnist_3x512/training training_mnist_3x512
  training training_mnist_3x512_last_stage/course training_mnist_3x512_last_stage/seed*
  (cd training_mnist_3x512_estimators && training estimators ep asymmetric homeostasis true_gradient)
done

# the ten fields of examples/fields: phase planes, and time courses with a nudge
cd "$root/plots/fields"
for name in fitzhugh_nagumo wilson_cowan morris_lecar chemical_switch resistive_circuit; do
  "$eqprop" portrait "../../examples/fields/$name.json" --width 86 --dpi 120 --force --out "$name.png"
done
for name in hodgkin_huxley repressilator divisive_normalisation winner_take_all phase_oscillators; do
  "$eqprop" simulate "../../examples/fields/$name.json" --t-free 30 --t-nudged 20 --beta 0.5 \
    --dt-out 0.1 --out course.csv --force > /dev/null
  "$eqprop" plot course.json --width 86 --dpi 120 --force --out "$name.png"
  rm course.csv course.json
done
