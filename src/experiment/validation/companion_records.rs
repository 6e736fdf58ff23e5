//! The studies beside the ensemble: the closed form, the orders in β, the theorem along time.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ensemble::{Member, rotation_problem};
use super::study::{Fault, StudySettings};
use crate::dynamics::{Control, Phase, SolverSettings, integrate};
use crate::error::Result;
use crate::gradient::{Estimator, FreePhase, compare};
use crate::model::{Adjoint, Parametrised, Problem, Random, VectorField};
use crate::numeric::exponential_action;

/// The two-neuron family at one ratio ω/α.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClosedFormRecord {
    /// ω/α.
    pub ratio: f64,
    /// 2·arctan(ω/α), in degrees.
    pub predicted_degrees: f64,
    /// Angle by the two formulas, for a random target.
    pub formula_degrees: Option<f64>,
    /// Angle between centred EP, from trajectories, and the finite-difference gradient.
    pub measured_degrees: Option<f64>,
    /// ⟨ν, −∂J/∂θ⟩/‖∂J/∂θ‖²: EP descends while it is positive.
    pub descent: Option<f64>,
}

/// Relative error of the estimates of a at one β.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// Number of the network in the study.
    pub network: usize,
    /// Influence parameter, dimensionless.
    pub beta: Vec<f64>,
    /// ‖estimate − a‖/‖a‖ of the one-sided estimate.
    pub one_sided: Vec<f64>,
    /// The same of the centred estimate.
    pub centred: Vec<f64>,
}

/// The nudged phase along time, for one network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeRecord {
    /// λ of the network's weights W = S + λA, dimensionless.
    pub asymmetry: f64,
    /// ‖Jac − Jacᵀ‖/‖Jac + Jacᵀ‖.
    pub jacobian_asymmetry: f64,
    /// Time since the nudge began, in units of the time constant.
    pub time: Vec<f64>,
    /// ∂ṡ^β/∂β as measured on nudged trajectories, one row per time.
    pub nudged_velocity: Vec<Vec<f64>>,
    /// −e^{Jac t} c.
    pub nudged_predicted: Vec<Vec<f64>>,
    /// ż of recurrent backpropagation, integrated.
    pub backpropagation_velocity: Vec<Vec<f64>>,
    /// −e^{Jacᵀ t} c.
    pub backpropagation_predicted: Vec<Vec<f64>>,
}

/// The closed form from ω = α/10 to 2α.
pub(super) fn closed_form(settings: &StudySettings) -> Result<Vec<ClosedFormRecord>> {
    let alpha = 0.7;
    let mut random = Random::new(settings.seed, 4_000_000);
    let targets: Vec<[f64; 2]> = (0..20)
        .map(|_| [random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0)])
        .collect();
    (targets.par_iter().enumerate())
        .map(|(k, target)| {
            let ratio = (k + 1) as f64 / 10.0;
            let problem = rotation_problem(alpha, ratio * alpha, target)?;
            closed_form_at(settings, ratio, &problem)
        })
        .collect()
}

fn closed_form_at(
    settings: &StudySettings,
    ratio: f64,
    problem: &Problem,
) -> Result<ClosedFormRecord> {
    let field = problem.field();
    let free = FreePhase::of_problem(problem, &field, &settings.solver)?;
    let linearisation = &free.linearisation;
    let c = free.cost_gradient();
    let pull = |vector: &[f64]| -> Vec<f64> {
        field
            .parameter_pullback(free.fixed_point.state(), vector)
            .iter()
            .collect()
    };
    let subtract =
        |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
    let truth = pull(&settings.true_error_vector(linearisation, &c));
    let update = pull(&settings.ep_error_vector(linearisation, &c));
    let by_formula = compare(&update, &truth, &subtract(&update, &truth));
    // from nudged trajectories, to fourth order in β
    let nudged = pull(
        &free
            .estimate(Estimator::Richardson, Some(1e-3))?
            .error_vector,
    );
    // recurrent backpropagation as a trajectory
    let backward = pull(&free.estimate(Estimator::Dyadic, None)?.error_vector);
    let factor = match settings.fault {
        Some(Fault::HalfTheClosedForm) => 1.0,
        _ => 2.0,
    };
    Ok(ClosedFormRecord {
        ratio,
        predicted_degrees: factor * ratio.atan().to_degrees(),
        formula_degrees: by_formula.angle_degrees,
        measured_degrees: compare(&nudged, &backward, &[]).angle_degrees,
        descent: by_formula.descent,
    })
}

/// Errors of the estimates of a at β = 0.2, 0.1, … (eight halvings).
pub(super) fn order(
    settings: &StudySettings,
    network: usize,
    member: &Member,
) -> Result<OrderRecord> {
    let problem = &member.problem;
    let field = problem.field();
    let free = FreePhase::of_problem(problem, &field, &settings.solver)?;
    let linearisation = &free.linearisation;
    let exact = linearisation.ep_error_vector(&free.cost_gradient());
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
    let size = norm(&mut exact.iter().copied());
    let error = |estimator, beta| -> Result<f64> {
        let estimate = free.estimate(estimator, Some(beta))?.error_vector;
        Ok(norm(&mut estimate.iter().zip(&exact).map(|(a, b)| a - b)) / size)
    };
    let (mut one_sided, mut centred) = (Estimator::OneSided, Estimator::Centred);
    if settings.fault == Some(Fault::EstimatesSwapped) {
        std::mem::swap(&mut one_sided, &mut centred);
    }
    let beta: Vec<f64> = (0..9).map(|k| 0.2 * 0.5f64.powi(k)).collect();
    Ok(OrderRecord {
        network,
        one_sided: beta
            .iter()
            .map(|&b| error(one_sided, b))
            .collect::<Result<_>>()?,
        centred: beta
            .iter()
            .map(|&b| error(centred, b))
            .collect::<Result<_>>()?,
        beta,
    })
}

/// The nudged and the backpropagated velocity along time, measured and predicted.
pub(super) fn time_resolved(settings: &StudySettings, member: &Member) -> Result<TimeRecord> {
    let field = member.problem.field();
    let free = FreePhase::of_problem(&member.problem, &field, &settings.solver)?;
    Ok(TimeRecord {
        asymmetry: member.asymmetry.unwrap_or(1.0),
        ..velocities(settings, &free, 8.0, 0.02)
    })
}

/// The same from one free phase up to the time `end`, nudged by `beta` and half of it.
pub(super) fn velocities(
    settings: &StudySettings,
    free: &FreePhase<'_>,
    end: f64,
    beta: f64,
) -> TimeRecord {
    let linearisation = &free.linearisation;
    let start = free.fixed_point.state();
    let n = start.len();
    let c = free.cost_gradient();
    let time: Vec<f64> = (0..=80).map(|k| f64::from(k) * end / 80.0).collect();
    let tight = SolverSettings {
        rtol: 1e-12,
        atol: 1e-14,
        ..settings.solver
    };
    // ∂ṡ/∂β to fourth order: centred at β and β/2, extrapolated
    let velocities = |beta: f64| {
        let nudged = free.phase.nudged(free.cost, beta);
        velocities_at(&nudged, start, &time, &tight)
    };
    let [far_plus, far_minus, plus, minus] = [beta, -beta, 0.5 * beta, -0.5 * beta].map(velocities);
    let reached = [&far_plus, &far_minus, &plus, &minus].map(Vec::len);
    let nudged_velocity = (0..reached.into_iter().min().unwrap_or(0))
        .map(|k| {
            (0..n)
                .map(|i| {
                    let far = (far_plus[k][i] - far_minus[k][i]) / (2.0 * beta);
                    let near = (plus[k][i] - minus[k][i]) / beta;
                    (4.0 * near - far) / 3.0
                })
                .collect()
        })
        .collect();
    // ż = Jacᵀ z − c, with products of the field itself
    let active = linearisation.active();
    let backward = Backpropagation {
        field: free.field,
        state: start,
        offset: &c,
        held: (0..n)
            .filter(|i| active.binary_search(i).is_err())
            .collect(),
        transposed: settings.fault != Some(Fault::BackpropagationByJac),
    };
    let backpropagation_velocity =
        velocities_at(&Phase::free(&backward), &vec![0.0; n], &time, &tight);
    let jacobian = linearisation.jacobian();
    let claimed = match settings.fault {
        Some(Fault::TrueGradientByJac) => jacobian.clone(),
        _ => jacobian.transpose(),
    };
    let mut nudged_claimed = match settings.fault {
        Some(Fault::UpdateByJacTransposed) => jacobian.transpose(),
        _ => jacobian.clone(),
    };
    let pull: Vec<f64> = linearisation.gather(&c).iter().map(|c| -c).collect();
    let mut nudged_pull = pull.clone();
    for (k, &i) in active.iter().enumerate() {
        let rate = 1.0 / free.phase.time_constant(i);
        nudged_claimed.row_mut(k).scale_mut(rate);
        nudged_pull[k] *= rate;
    }
    let predicted = |matrix: &nalgebra::DMatrix<f64>, pull: &[f64]| {
        let rows = exponential_action(matrix, pull, &time);
        let whole = rows.iter().map(|row| linearisation.scatter(row));
        whole.collect()
    };
    TimeRecord {
        asymmetry: 1.0,
        jacobian_asymmetry: crate::gradient::asymmetry(jacobian),
        nudged_velocity,
        nudged_predicted: predicted(&nudged_claimed, &nudged_pull),
        backpropagation_velocity,
        backpropagation_predicted: predicted(&claimed, &pull),
        time,
    }
}

/// ds/dt at the given times (the first is 0) along the trajectory from `start`.
fn velocities_at(
    phase: &Phase<'_>,
    start: &[f64],
    times: &[f64],
    settings: &SolverSettings,
) -> Vec<Vec<f64>> {
    let mut out = Vec::new();
    let mut state = vec![0.0; start.len()];
    let end = times.last().copied().unwrap_or(0.0);
    let mut next = 0;
    integrate(phase, start, (0.0, end), settings, &mut |moment| {
        while next < times.len() && times[next] <= moment.time {
            moment.interpolate(times[next], &mut state);
            let mut velocity = vec![0.0; state.len()];
            phase.projected_velocity(&state, &mut velocity);
            out.push(velocity);
            next += 1;
        }
        Control::Continue
    });
    out
}

/// `ż = Jac(s)ᵀ z − c` at a fixed state s, by vector–Jacobian products (or, as a fault, by
/// Jacobian–vector products).
struct Backpropagation<'a> {
    field: &'a dyn Adjoint,
    state: &'a [f64],
    offset: &'a [f64],
    /// Neurons that the bounds hold, on which nothing propagates.
    held: Vec<usize>,
    transposed: bool,
}

impl VectorField for Backpropagation<'_> {
    fn dimension(&self) -> usize {
        self.offset.len()
    }

    fn velocity(&self, z: &[f64], out: &mut [f64]) {
        self.jacobian_vector(z, z, out);
        for (out, offset) in out.iter_mut().zip(self.offset) {
            *out -= offset;
        }
        self.held.iter().for_each(|&i| out[i] = 0.0);
    }

    fn jacobian_vector(&self, _z: &[f64], vector: &[f64], out: &mut [f64]) {
        if self.transposed {
            self.field.vector_jacobian(self.state, vector, out);
        } else {
            self.field.jacobian_vector(self.state, vector, out);
        }
        self.held.iter().for_each(|&i| out[i] = 0.0);
    }
}
