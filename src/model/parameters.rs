//! Named parameter blocks: θ, and everything that has θ's shape (gradients, updates).

use std::sync::Arc;

use nalgebra::DMatrix;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::sparse_weights::Places;

/// One named block of θ: a matrix, a vector, or one of a numbered series of either.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterBlock {
    /// The name in files, such as `weights` or `forward`.
    pub name: &'static str,
    /// Whether the block is one of a series (`forward[0]`, `forward[1]`, …), the series being
    /// the consecutive blocks of one name.
    pub in_series: bool,
    /// Whether the block is a vector (one column, written as a flat list).
    pub is_vector: bool,
    /// Where the values stand, one column of them, if the block is a sparse matrix.
    pub places: Option<Arc<Places>>,
    /// The values. A vector has one column.
    pub values: DMatrix<f64>,
    /// The names of a vector's values, under which they are written, if they have any.
    pub labels: Option<Arc<Vec<String>>>,
}

impl ParameterBlock {
    /// A matrix block that stands alone.
    pub fn matrix(name: &'static str, values: DMatrix<f64>) -> Self {
        Self {
            name,
            in_series: false,
            is_vector: false,
            places: None,
            values,
            labels: None,
        }
    }

    /// A sparse matrix block: the values that stand at `places`.
    pub fn sparse(name: &'static str, places: &Arc<Places>, values: Vec<f64>) -> Self {
        Self {
            places: Some(Arc::clone(places)),
            ..Self::matrix(name, DMatrix::from_vec(values.len(), 1, values))
        }
    }

    /// A vector block that stands alone.
    pub fn vector(name: &'static str, values: &[f64]) -> Self {
        Self {
            name,
            in_series: false,
            is_vector: true,
            places: None,
            values: DMatrix::from_column_slice(values.len(), 1, values),
            labels: None,
        }
    }

    /// A vector block whose values have names of their own.
    pub fn named(name: &'static str, values: &[f64], labels: &Arc<Vec<String>>) -> Self {
        Self {
            labels: Some(Arc::clone(labels)),
            ..Self::vector(name, values)
        }
    }

    /// The same block as a member of a series.
    #[must_use]
    pub fn series(mut self) -> Self {
        self.in_series = true;
        self
    }
}

/// A point or a direction in parameter space: the blocks in a fixed order.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// The blocks, those of one series next to each other.
    pub blocks: Vec<ParameterBlock>,
}

impl Parameters {
    /// All values, block by block, each block column by column.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        self.blocks
            .iter()
            .flat_map(|block| block.values.iter().copied())
    }

    /// All values, for changing in place, in the order of [`Parameters::iter`].
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut f64> + '_ {
        self.blocks
            .iter_mut()
            .flat_map(|block| block.values.iter_mut())
    }

    /// Number of parameters.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.values.len()).sum()
    }

    /// Whether there is no parameter at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `⟨self, other⟩` over all parameters. `other` has the same blocks.
    pub fn dot(&self, other: &Self) -> f64 {
        self.iter().zip(other.iter()).map(|(a, b)| a * b).sum()
    }

    /// Euclidean norm over all parameters.
    pub fn norm(&self) -> f64 {
        self.dot(self).sqrt()
    }

    /// `factor · self`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let mut out = self.clone();
        out.iter_mut().for_each(|value| *value *= factor);
        out
    }

    /// `self + factor · direction`.
    #[must_use]
    pub fn plus(&self, factor: f64, direction: &Self) -> Self {
        let mut out = self.clone();
        for (value, step) in out.iter_mut().zip(direction.iter()) {
            *value += factor * step;
        }
        out
    }
}

impl From<ParameterBlock> for Parameters {
    /// Parameters of one block.
    fn from(block: ParameterBlock) -> Self {
        Self {
            blocks: vec![block],
        }
    }
}

impl Serialize for Parameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for series in self.blocks.chunk_by(|a, b| a.name == b.name) {
            let values: Vec<BlockValues> = series.iter().map(BlockValues).collect();
            match values.as_slice() {
                [single] if !series[0].in_series => map.serialize_entry(series[0].name, single)?,
                several => map.serialize_entry(series[0].name, several)?,
            }
        }
        map.end()
    }
}

struct BlockValues<'a>(&'a ParameterBlock);

impl Serialize for BlockValues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = &self.0.values;
        if let Some(places) = &self.0.places {
            let mut map = serializer.serialize_map(Some(3))?;
            map.serialize_entry("row", &places.row)?;
            map.serialize_entry("column", &places.column)?;
            map.serialize_entry("value", values.as_slice())?;
            map.end()
        } else if let Some(labels) = &self.0.labels {
            serializer.collect_map(labels.iter().zip(values.iter()))
        } else if self.0.is_vector {
            serializer.collect_seq(values.iter())
        } else {
            serializer.collect_seq(
                (0..values.nrows()).map(|i| values.row(i).iter().copied().collect::<Vec<f64>>()),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_written_by_name_rows_first() {
        let parameters = Parameters {
            blocks: vec![
                ParameterBlock::matrix("forward", DMatrix::from_row_slice(1, 2, &[1.0, 2.0]))
                    .series(),
                ParameterBlock::vector("bias", &[3.0]).series(),
                ParameterBlock::vector("bias", &[4.0, 5.0]).series(),
                ParameterBlock::matrix("weights", DMatrix::from_row_slice(2, 1, &[6.0, 7.0])),
            ],
        };
        assert_eq!(
            serde_json::to_string(&parameters).unwrap(),
            r#"{"forward":[[[1.0,2.0]]],"bias":[[3.0],[4.0,5.0]],"weights":[[6.0],[7.0]]}"#
        );
        assert_eq!(parameters.len(), 7);
        assert!(!parameters.is_empty());
        let without = Parameters { blocks: Vec::new() };
        assert!(without.is_empty());
        assert_eq!(
            parameters.plus(2.0, &parameters).norm(),
            3.0 * parameters.norm()
        );
    }
}
