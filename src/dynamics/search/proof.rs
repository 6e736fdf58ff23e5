//! Proof that a list of fixed points is complete: interval subdivision with Krawczyk's operator.

use nalgebra::DMatrix;

use crate::numeric::Interval;
use crate::numeric::linear_algebra::Factorisation;

type Region = Vec<Interval>;

/// A map whose roots are the fixed points, as far as intervals know it.
pub(super) trait Enclosed {
    /// Intervals that hold every value of the map in a box.
    fn map(&self, region: &[Interval]) -> Vec<Interval>;

    /// Matrices, row by row, that hold every slope of the map between two points of a box, or
    /// `None` where it may jump.
    fn derivative(&self, region: &[Interval]) -> Option<Vec<Vec<Interval>>>;
}

/// What a proof attempt says.
pub(super) struct Proof {
    /// Boxes looked at.
    pub boxes: usize,
    /// Whether every part of the box was decided.
    pub decided: bool,
    /// For every known root, a box that holds it and no other root.
    pub isolated: Vec<Region>,
    /// A point near each root that a box proves and the list lacks.
    pub missing: Vec<Vec<f64>>,
}

/// What Krawczyk's operator `$K(X) = m - Y f(m) + (I - Y f'(X))(X - m)$`, Y ≈ f′(m)⁻¹, proves
/// about a box X: every root in X is in K(X), and K(X) inside X holds exactly one.
enum Decision {
    Empty,
    One,
    Within(Region),
    Open,
}

fn krawczyk(enclosure: &dyn Enclosed, region: &[Interval]) -> Decision {
    if enclosure
        .map(region)
        .iter()
        .any(|value| !value.contains(0.0))
    {
        return Decision::Empty;
    }
    let Some(derivative) = enclosure.derivative(region) else {
        return Decision::Open;
    };
    let n = region.len();
    let middle: Region = region
        .iter()
        .map(|interval| Interval::point(interval.middle()))
        .collect();
    let midpoint = DMatrix::from_fn(n, n, |i, j| derivative[i][j].middle());
    let factorisation = Factorisation::new(&midpoint);
    if factorisation.reciprocal_condition() < 1e-13 {
        return Decision::Open;
    }
    let inverse = factorisation.inverse();
    let value = enclosure.map(&middle);
    let image: Region = (0..n)
        .map(|i| {
            let mut sum = middle[i];
            for k in 0..n {
                let weight = Interval::point(inverse[(i, k)]);
                sum = sum - weight * value[k];
            }
            for j in 0..n {
                let identity = Interval::point(f64::from(u8::from(i == j)));
                let product = (0..n).fold(Interval::ZERO, |sum, k| {
                    sum + Interval::point(inverse[(i, k)]) * derivative[k][j]
                });
                sum = sum + (identity - product) * (region[j] - middle[j]);
            }
            sum
        })
        .collect();
    if image.iter().zip(region).all(|(k, x)| k.is_inside(*x)) {
        return Decision::One;
    }
    image
        .iter()
        .zip(region)
        .map(|(k, x)| k.intersect(*x))
        .collect::<Option<Region>>()
        .map_or(Decision::Empty, Decision::Within)
}

/// The largest of a series of boxes around a root that provably holds no other.
fn isolate(enclosure: &dyn Enclosed, root: &[f64], reach: f64) -> Option<Region> {
    (2..40).find_map(|halvings| {
        let radius = reach * (0.5f64).powi(halvings);
        let region: Region = root
            .iter()
            .map(|&s| Interval::new(s - radius, s + radius))
            .collect();
        matches!(krawczyk(enclosure, &region), Decision::One).then_some(region)
    })
}

/// Tries to prove that `roots` are all roots of the map in `region`, looking at no more than
/// `budget` boxes. A box without a root, a box within one that isolates a known root, and a box
/// that Krawczyk's operator maps into itself are decided. Others are cut in two.
pub(super) fn prove(
    enclosure: &dyn Enclosed,
    region: &[Interval],
    roots: &[Vec<f64>],
    budget: usize,
) -> Proof {
    let reach = region.iter().map(|x| x.width()).fold(0.0, f64::max);
    let found: Vec<Option<Region>> = roots
        .iter()
        .map(|root| isolate(enclosure, root, reach))
        .collect();
    let mut proof = Proof {
        boxes: 0,
        decided: found.iter().all(Option::is_some),
        isolated: found.into_iter().flatten().collect(),
        missing: Vec::new(),
    };
    let within = |x: &[Interval], y: &[Interval]| x.iter().zip(y).all(|(x, y)| x.is_within(*y));
    let mut open: Vec<Region> = vec![region.to_vec()];
    while let Some(region) = open.pop() {
        if proof.isolated.iter().any(|known| within(&region, known)) {
            continue;
        }
        proof.boxes += 1;
        if proof.boxes > budget {
            proof.decided = false;
            break;
        }
        let rest = match krawczyk(enclosure, &region) {
            Decision::Empty => continue,
            Decision::One => {
                // a root of the list, or one that it lacks
                let holds = |root: &Vec<f64>| region.iter().zip(root).all(|(x, s)| x.contains(*s));
                if !roots.iter().any(holds) {
                    proof
                        .missing
                        .push(region.iter().map(|x| x.middle()).collect());
                    proof.isolated.push(region);
                }
                continue;
            }
            Decision::Within(rest) => rest,
            Decision::Open => region.clone(),
        };
        let widest = |region: &[Interval]| {
            let width = |i: &usize| region[*i].width();
            (0..region.len()).max_by(|i, j| width(i).total_cmp(&width(j)).then(j.cmp(i)))
        };
        let (Some(axis), Some(before)) = (widest(&rest), widest(&region)) else {
            break;
        };
        if rest[axis].width() < 0.7 * region[before].width() {
            open.push(rest);
            continue;
        }
        if rest[axis].width() <= 1e-10 * (1.0 + rest[axis].magnitude()) {
            proof.decided = false;
            continue;
        }
        // not in the middle, where symmetric systems have their roots
        let cut = rest[axis].low + 0.507_812_5 * rest[axis].width();
        let (mut below, mut above) = (rest.clone(), rest);
        below[axis].high = cut;
        above[axis].low = cut;
        open.extend([below, above]);
    }
    proof
}
