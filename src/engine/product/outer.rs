//! Sums of outer products, of which the update of a batch is made.

use rayon::prelude::*;

use super::dense::multiply_add;
use super::rows::{Rows, RowsMut};
use crate::engine::threads::{Pool, WORTH_DIVIDING, thread_pool};
use crate::engine::weights::Packed;
use crate::error::{Error, Result};
use crate::numeric::Scalar;

/// Sums of outer products over the samples of a batch, in threads of its own or of an [`Engine`](crate::engine::Engine).
#[derive(Debug)]
pub struct OuterProducts<T> {
    parts: Vec<Part<T>>,
    pool: Pool,
}

/// A sum `out += scale · δᵀ r`: δ holds one row of m numbers a sample, r one row of n, out is m × n.
#[derive(Debug)]
pub struct OuterProduct<'a, T> {
    /// Factor on the sum.
    pub scale: T,
    /// δ.
    pub delta: &'a [T],
    /// r.
    pub rates: &'a [T],
    /// The matrix to which it is added, row by row.
    pub out: &'a mut [T],
}

impl<T: Scalar> OuterProducts<T> {
    /// For so many threads, at least 1.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if they cannot be started.
    pub fn new(threads: usize) -> Result<Self> {
        Ok(Self::with_pool(threads, thread_pool(threads)?))
    }

    pub(crate) fn with_pool(threads: usize, pool: Pool) -> Self {
        Self {
            parts: vec![Part::default(); threads.max(1)],
            pool,
        }
    }

    /// Adds the sum over `samples` rows of one product (see [`OuterProduct`]).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn add(
        &mut self,
        scale: T,
        delta: &[T],
        rates: &[T],
        samples: usize,
        out: &mut [T],
    ) -> Result<()> {
        let product = OuterProduct {
            scale,
            delta,
            rates,
            out,
        };
        self.add_all(vec![product], samples)
    }

    /// Adds several at once, over `samples` rows each. The rows of every result are divided among the
    /// threads if there is enough to do, each row computed alike whatever their number.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit. Nothing is added then.
    pub fn add_all(&mut self, products: Vec<OuterProduct<'_, T>>, samples: usize) -> Result<()> {
        let whole = |values: &[T]| samples > 0 && values.len().is_multiple_of(samples);
        let fits = |product: &OuterProduct<'_, T>| {
            let OuterProduct {
                delta, rates, out, ..
            } = product;
            whole(delta)
                && whole(rates)
                && out.len() * samples * samples == delta.len() * rates.len()
        };
        if !products.iter().all(fits) {
            let message =
                "expected a row of each factor for every sample, and room for their products";
            return Err(Error::invalid("samples", message));
        }
        let multiplications: usize = products.iter().map(|own| own.out.len() * samples).sum();
        let large = multiplications >= WORTH_DIVIDING;
        let Some(pool) = self.pool.as_ref().filter(|_| large) else {
            for product in products {
                self.parts[0].add(product, 0, samples);
            }
            return Ok(());
        };
        let mut shares: Vec<Vec<_>> = self.parts.iter().map(|_| Vec::new()).collect();
        for OuterProduct {
            scale,
            delta,
            rates,
            out,
        } in products
        {
            let (rows, columns) = (delta.len() / samples, rates.len() / samples);
            let share = rows.div_ceil(self.parts.len());
            let own = out.chunks_mut((share * columns).max(1)).enumerate();
            for ((k, out), shares) in own.zip(&mut shares) {
                let product = OuterProduct {
                    scale,
                    delta,
                    rates,
                    out,
                };
                shares.push((product, k * share));
            }
        }
        let parts = self.parts.par_iter_mut().zip(shares);
        pool.install(|| {
            parts.for_each(|(part, share)| {
                for (product, first) in share {
                    part.add(product, first, samples);
                }
            });
        });
        Ok(())
    }
}

/// What one thread needs, kept between calls.
#[derive(Debug, Clone, Default)]
struct Part<T> {
    packed: Packed<T>,
    rows: Vec<T>,
    /// Sums of panels that the result has no room for.
    room: Vec<T>,
    /// Rows' numbers in their order.
    samples: Vec<usize>,
}

impl<T: Scalar> Part<T> {
    /// Adds a product, of which `out` holds the rows from `first` on.
    fn add(&mut self, product: OuterProduct<'_, T>, first: usize, samples: usize) {
        let OuterProduct {
            scale,
            delta,
            rates,
            out,
        } = product;
        let (m, n) = (delta.len() / samples, rates.len() / samples);
        let own = out.len() / n.max(1);
        self.packed.reshape(n, samples);
        self.packed.set_transposed(rates);
        let depth = self.packed.depth;
        self.rows.clear();
        self.rows.resize(own * depth, T::ZERO);
        for (sample, row) in delta.chunks_exact(m).enumerate() {
            let row = &row[first..first + own];
            for (slot, &value) in self.rows[sample..].iter_mut().step_by(depth).zip(row) {
                *slot = scale * value;
            }
        }
        self.product(out);
    }

    /// `out += rows · packedᵀ`. Rows of zeros are skipped.
    fn product(&mut self, out: &mut [T]) {
        let (columns, width) = (self.packed.rows, self.packed.panel_rows);
        let (count, last) = (out.len() / columns, columns % width);
        self.samples.clear();
        self.samples.extend(0..count);
        if last > 0 && self.room.len() < count * width {
            self.room.resize(count * width, T::ZERO);
        }
        let Self {
            packed,
            rows,
            room,
            samples,
            ..
        } = self;
        samples.retain(|&i| {
            let row = &rows[i * packed.depth..(i + 1) * packed.depth];
            row.iter().any(|value| !value.is_zero())
        });
        let rates = Rows {
            values: rows,
            stride: packed.depth,
            offset: 0,
        };
        let whole = columns / width;
        let sums = RowsMut {
            values: &mut *out,
            stride: columns,
            offset: 0,
        };
        multiply_add(packed, rates, (None, sums), samples, 0..whole);
        if last == 0 {
            return;
        }
        // the last panel is wider than what is left of a row
        room[..count * width].fill(T::ZERO);
        let rest = RowsMut {
            values: &mut *room,
            stride: width,
            offset: 0,
        };
        multiply_add(packed, rates, (None, rest), samples, whole..whole + 1);
        for &i in &*samples {
            let end = (i + 1) * columns;
            add_row(&mut out[end - last..end], &room[i * width..]);
        }
    }
}

/// `out += values`, as far as `out` goes.
fn add_row<T: Scalar>(out: &mut [T], values: &[T]) {
    for (out, &value) in out.iter_mut().zip(values) {
        *out += value;
    }
}
