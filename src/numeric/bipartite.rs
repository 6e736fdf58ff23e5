//! Matrices whose rows and columns fall into two sets, each of which acts on the other alone but for the
//! diagonal, as the layers of a network do: half of it is eliminated exactly.

use nalgebra::{Complex, DMatrix};

use super::linear_algebra::{self as la, Factorisation};

/// With the two sets sorted apart
///
/// ```math
/// M = \begin{pmatrix} D_k & C \\ B & D_e \end{pmatrix},
/// ```
///
/// D diagonal. The smaller set is kept, the other eliminated: systems with M are systems with
/// `$D_k - C D_e^{-1} B$`.
#[derive(Debug, Clone)]
pub(crate) struct Bipartite {
    /// Places of the smaller set.
    kept: Vec<usize>,
    /// Places of the other.
    eliminated: Vec<usize>,
    diagonal: Vec<f64>,
    /// B, from the kept to the eliminated.
    outward: DMatrix<f64>,
    /// C, from the eliminated to the kept.
    inward: DMatrix<f64>,
}

impl Bipartite {
    /// From the diagonal, whether each place belongs to the first of the two sets, and the entries between
    /// places of different sets.
    pub fn new(
        diagonal: Vec<f64>,
        first: impl Fn(usize) -> bool,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let (mut kept, mut eliminated): (Vec<usize>, Vec<usize>) =
            (0..diagonal.len()).partition(|&i| first(i));
        if kept.len() > eliminated.len() {
            std::mem::swap(&mut kept, &mut eliminated);
        }
        let part = |to: &[usize], from: &[usize]| {
            DMatrix::from_fn(to.len(), from.len(), |i, j| entry(to[i], from[j]))
        };
        Self {
            outward: part(&eliminated, &kept),
            inward: part(&kept, &eliminated),
            kept,
            eliminated,
            diagonal,
        }
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.diagonal.len()
    }

    /// The size of the smaller set.
    pub fn reduced_dimension(&self) -> usize {
        self.kept.len()
    }

    /// `M v`.
    pub fn multiply(&self, vector: &[f64], out: &mut [f64]) {
        let (kept, eliminated) = self.apart(vector);
        let (mut on_kept, mut on_eliminated) = self.apart(&self.scaled(vector));
        la::multiply_vector(&self.inward, &eliminated, &mut on_kept, true);
        la::multiply_vector(&self.outward, &kept, &mut on_eliminated, true);
        self.together(&on_kept, &on_eliminated, out);
    }

    /// `out += |M| |v|`.
    pub fn add_term_sizes(&self, vector: &[f64], out: &mut [f64]) {
        let sizes: Vec<f64> = vector.iter().map(|v| v.abs()).collect();
        let absolute = Self {
            kept: self.kept.clone(),
            eliminated: self.eliminated.clone(),
            diagonal: self.diagonal.iter().map(|d| d.abs()).collect(),
            outward: self.outward.abs(),
            inward: self.inward.abs(),
        };
        let mut terms = vec![0.0; sizes.len()];
        absolute.multiply(&sizes, &mut terms);
        (out.iter_mut().zip(terms)).for_each(|(out, term)| *out += term);
    }

    /// The Frobenius norm.
    pub fn norm(&self) -> f64 {
        let diagonal: f64 = self.diagonal.iter().map(|d| d * d).sum();
        (self.outward.norm_squared() + self.inward.norm_squared() + diagonal).sqrt()
    }

    /// ‖M − Mᵀ‖_F / ‖M + Mᵀ‖_F: 0 of a symmetric matrix.
    pub fn asymmetry(&self) -> f64 {
        let mut minus = 0.0;
        // the diagonal of M + Mᵀ stands once, each pair twice
        let mut plus: f64 = 0.5 * self.diagonal.iter().map(|d| 4.0 * d * d).sum::<f64>();
        for (row, column) in self.inward.row_iter().zip(self.outward.column_iter()) {
            for (one, other) in row.iter().zip(column.iter()) {
                minus += (one - other) * (one - other);
                plus += (one + other) * (one + other);
            }
        }
        if minus == 0.0 {
            0.0
        } else {
            (minus / plus).sqrt()
        }
    }

    /// `Mᵀ − M`.
    #[must_use]
    pub fn skew(&self) -> Self {
        Self {
            kept: self.kept.clone(),
            eliminated: self.eliminated.clone(),
            diagonal: vec![0.0; self.diagonal.len()],
            outward: self.inward.transpose() - &self.outward,
            inward: self.outward.transpose() - &self.inward,
        }
    }

    /// `I − cM`.
    #[must_use]
    pub fn identity_less(&self, c: f64) -> Self {
        Self {
            kept: self.kept.clone(),
            eliminated: self.eliminated.clone(),
            diagonal: self.diagonal.iter().map(|d| 1.0 - c * d).collect(),
            outward: &self.outward * -c,
            inward: &self.inward * -c,
        }
    }

    /// As a full matrix.
    pub fn to_dense(&self) -> DMatrix<f64> {
        let mut out = DMatrix::from_diagonal(&self.diagonal.clone().into());
        for (a, &i) in self.kept.iter().enumerate() {
            for (b, &j) in self.eliminated.iter().enumerate() {
                out[(i, j)] = self.inward[(a, b)];
                out[(j, i)] = self.outward[(b, a)];
            }
        }
        out
    }

    /// All eigenvalues where the diagonal is one number d: `d ± √μ` with μ those of `CB`, and d. They are
    /// exact to rounding but within 1e-8 of d, where a root magnifies it. By decreasing real part, then
    /// decreasing imaginary part, `None` of another diagonal, or if the iteration fails.
    pub fn eigenvalues(&self) -> Option<Vec<Complex<f64>>> {
        let &d = self.diagonal.first()?;
        if self.diagonal.iter().any(|&other| other != d) {
            return None;
        }
        let own = Complex::new(d, 0.0);
        let mut values = vec![own; self.eliminated.len() - self.kept.len()];
        for square in la::eigenvalues(&la::multiply(&self.inward, &self.outward))? {
            let root = square.sqrt();
            values.extend([own + root, own - root]);
        }
        values.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
        Some(values)
    }

    /// What solves systems with it, `None` where an eliminated place has no diagonal entry to speak of.
    pub fn factorise(self) -> Option<BipartiteFactorisation> {
        const LEAST: f64 = 0.1;
        let largest = self
            .diagonal
            .iter()
            .fold(0.0f64, |most, d| most.max(d.abs()));
        let pivots: Vec<f64> = self.eliminated.iter().map(|&i| self.diagonal[i]).collect();
        if !pivots.iter().all(|pivot| pivot.abs() >= LEAST * largest) {
            return None;
        }
        let mut scaled = self.outward.clone();
        for (mut row, pivot) in scaled.row_iter_mut().zip(&pivots) {
            row /= *pivot;
        }
        let mut reduced = -la::multiply(&self.inward, &scaled);
        for (k, &i) in self.kept.iter().enumerate() {
            reduced[(k, k)] += self.diagonal[i];
        }
        Some(BipartiteFactorisation {
            reduced: Factorisation::new(&reduced),
            pivots,
            matrix: self,
        })
    }

    fn scaled(&self, vector: &[f64]) -> Vec<f64> {
        (self.diagonal.iter().zip(vector))
            .map(|(d, v)| d * v)
            .collect()
    }

    fn apart(&self, vector: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let of = |places: &[usize]| places.iter().map(|&i| vector[i]).collect();
        (of(&self.kept), of(&self.eliminated))
    }

    fn together(&self, kept: &[f64], eliminated: &[f64], out: &mut [f64]) {
        for (places, values) in [(&self.kept, kept), (&self.eliminated, eliminated)] {
            for (&i, &value) in places.iter().zip(values) {
                out[i] = value;
            }
        }
    }
}

/// A matrix of two sets, factorised.
#[derive(Debug)]
pub(crate) struct BipartiteFactorisation {
    matrix: Bipartite,
    /// D_e.
    pivots: Vec<f64>,
    /// D_k − C D_e⁻¹ B.
    reduced: Factorisation,
}

impl BipartiteFactorisation {
    /// That of the reduced matrix, estimated.
    pub fn reciprocal_condition(&self) -> f64 {
        self.reduced.reciprocal_condition()
    }

    /// `M⁻¹ v`.
    pub fn solve(&self, vector: &[f64]) -> Vec<f64> {
        self.eliminate(vector, |kept, eliminated, forth| {
            if forth {
                la::multiply_vector(&self.matrix.inward, eliminated, kept, true);
                let solved = self.reduced.solve(kept);
                kept.copy_from_slice(&solved);
            } else {
                la::multiply_vector(&self.matrix.outward, kept, eliminated, true);
            }
        })
    }

    /// `M⁻ᵀ v`.
    pub fn solve_transpose(&self, vector: &[f64]) -> Vec<f64> {
        self.eliminate(vector, |kept, eliminated, forth| {
            if forth {
                la::multiply_transpose_vector(&self.matrix.outward, eliminated, kept, true);
                let solved = self.reduced.solve_transpose(kept);
                kept.copy_from_slice(&solved);
            } else {
                la::multiply_transpose_vector(&self.matrix.inward, kept, eliminated, true);
            }
        })
    }

    /// Elimination forth, from −D_e⁻¹v, and substitution back, from −v: `step(kept, eliminated, forth)` adds
    /// the product with the one coupling and solves, or adds the product with the other.
    fn eliminate(&self, vector: &[f64], step: impl Fn(&mut [f64], &mut [f64], bool)) -> Vec<f64> {
        let (mut kept, mut rest) = self.matrix.apart(vector);
        let mut divided: Vec<f64> = (rest.iter().zip(&self.pivots))
            .map(|(v, pivot)| -v / pivot)
            .collect();
        step(&mut kept, &mut divided, true);
        rest.iter_mut().for_each(|v| *v = -*v);
        step(&mut kept, &mut rest, false);
        (rest.iter_mut().zip(&self.pivots)).for_each(|(v, pivot)| *v /= -pivot);
        let mut out = vec![0.0; vector.len()];
        self.matrix.together(&kept, &rest, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DVector;

    use super::*;
    use crate::model::Random;
    use crate::numeric;

    fn example(constant: bool) -> Bipartite {
        let entries = Random::new(3, 0).matrix(11, 11, 1.0);
        let diagonal = |i: usize| {
            if constant {
                -1.5
            } else {
                -1.0 - i as f64 / 9.0
            }
        };
        Bipartite::new(
            (0..11).map(diagonal).collect(),
            |i| i % 3 == 0,
            |i, j| entries[(i, j)],
        )
    }

    #[test]
    fn everything_agrees_with_the_full_matrix() {
        let matrix = example(false);
        let dense = matrix.to_dense();
        assert_eq!(matrix.reduced_dimension(), 4);
        let vector: Vec<f64> = (0..11).map(|i| (i as f64).cos()).collect();
        let column = DVector::from_column_slice(&vector);
        let close = |found: &[f64], expected: &DVector<f64>| {
            assert!((DVector::from_column_slice(found) - expected).amax() < 1e-13);
        };
        let mut out = vec![0.0; 11];
        matrix.multiply(&vector, &mut out);
        close(&out, &(&dense * &column));
        out.fill(1.0);
        matrix.add_term_sizes(&vector, &mut out);
        close(&out, &(dense.abs() * column.abs()).add_scalar(1.0));
        assert!((matrix.norm() - dense.norm()).abs() < 1e-13);
        assert!((matrix.asymmetry() - numeric::asymmetry(&dense)).abs() < 1e-14);
        assert_eq!(matrix.skew().to_dense(), dense.transpose() - &dense);
        let less = DMatrix::identity(11, 11) - &dense * 0.25;
        assert_eq!(matrix.identity_less(0.25).to_dense(), less);
        assert_eq!(matrix.eigenvalues(), None);
        let factorisation = matrix.factorise().unwrap();
        close(&factorisation.solve((&dense * &column).as_slice()), &column);
        let right = dense.transpose() * &column;
        close(&factorisation.solve_transpose(right.as_slice()), &column);
    }

    #[test]
    fn eigenvalues_are_roots_about_a_constant_diagonal() {
        let matrix = example(true);
        let all = la::eigenvalues(&matrix.to_dense()).unwrap();
        for (found, expected) in matrix.eigenvalues().unwrap().iter().zip(&all) {
            // that of the surplus is of multiplicity three
            assert!((found - expected).norm() < 1e-7, "{found} {expected}");
        }
    }

    #[test]
    fn a_pivot_of_nothing_is_refused() {
        let matrix = Bipartite::new(vec![1.0, 1.0, 0.0], |i| i == 0, |_, _| 1.0);
        assert!(matrix.factorise().is_none());
    }
}
