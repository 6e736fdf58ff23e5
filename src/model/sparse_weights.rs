//! Recurrent weights of which few are there: the listed ones alone are parameters.

use std::sync::Arc;

use serde::Serialize;

use crate::numeric::SparseMatrix;

/// Where listed weights stand: the k-th acts from neuron `column[k]` on neuron `row[k]`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Places {
    /// Postsynaptic neurons.
    pub row: Vec<u32>,
    /// Presynaptic neurons.
    pub column: Vec<u32>,
}

/// A sparse W, with its weights in the order in which they were listed.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseWeights {
    matrix: SparseMatrix,
    places: Arc<Places>,
    /// Where in the matrix each listed weight stands.
    slots: Arc<Vec<u32>>,
}

impl SparseWeights {
    /// n × n weights, or `None` if the lists differ in length, if a place lies outside, or if one
    /// is listed twice.
    pub fn new(n: usize, places: Places, values: &[f64]) -> Option<Self> {
        let Places { row, column } = &places;
        let inside =
            |list: &[u32]| list.len() == values.len() && list.iter().all(|&i| (i as usize) < n);
        if !inside(row) || !inside(column) {
            return None;
        }
        let (matrix, slots) = SparseMatrix::new(n, row, column, values);
        let distinct = (0..n).all(|i| {
            let mut last = None;
            matrix.row(i).all(|(j, _)| last.replace(j) != Some(j))
        });
        distinct.then(|| Self {
            matrix,
            places: Arc::new(places),
            slots: Arc::new(slots),
        })
    }

    /// W.
    pub fn matrix(&self) -> &SparseMatrix {
        &self.matrix
    }

    /// Where the weights stand.
    pub fn places(&self) -> &Arc<Places> {
        &self.places
    }

    /// The weights as they were listed.
    pub fn listed(&self) -> Vec<f64> {
        let values = self.matrix.values();
        self.slots
            .iter()
            .map(|&slot| values[slot as usize])
            .collect()
    }

    /// The same places with other weights, as they are listed.
    #[must_use]
    pub fn with_listed(&self, listed: &[f64]) -> Self {
        let mut values = vec![0.0; listed.len()];
        for (&slot, value) in self.slots.iter().zip(listed) {
            values[slot as usize] = *value;
        }
        Self {
            matrix: self.matrix.with_values(values),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_keep_the_order_of_their_list() {
        let places = || Places {
            row: vec![1, 0, 1],
            column: vec![2, 1, 0],
        };
        let weights = SparseWeights::new(3, places(), &[1.0, 2.0, 3.0]).unwrap();
        assert_eq!(weights.listed(), [1.0, 2.0, 3.0]);
        let other = weights.with_listed(&[4.0, 5.0, 6.0]);
        assert_eq!(other.listed(), [4.0, 5.0, 6.0]);
        assert_eq!(other.matrix().to_dense()[(1, 2)], 4.0);
        assert!(
            SparseWeights::new(2, places(), &[1.0, 2.0, 3.0]).is_none(),
            "outside"
        );
        let twice = Places {
            row: vec![1, 1],
            column: vec![0, 0],
        };
        assert!(SparseWeights::new(3, twice, &[1.0, 2.0]).is_none(), "twice");
    }
}
