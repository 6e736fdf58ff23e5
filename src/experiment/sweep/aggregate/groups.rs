//! Records in groups: counts of what became of the points, shares, quantiles.

use std::collections::HashMap;

use super::super::record::{SweepOutcome, SweepRecord};
use super::coordinate::{Coordinate, SweepAxis, shortest};
use super::interval::{median_interval, share_interval};
use super::measure::Measure;
use crate::numeric::quantile;

/// Groups of records that agree along some axes, filled record by record. Of a record nothing is
/// kept but 8 bytes a measure.
#[derive(Debug, Clone)]
pub struct Aggregation {
    axes: Vec<SweepAxis>,
    measures: Vec<Measure>,
    groups: Vec<Group>,
    positions: HashMap<String, usize>,
}

/// The records of one group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Where they stand along the axes of the grouping.
    pub coordinates: Vec<Coordinate>,
    /// How many there are by outcome, in the order of [`SweepOutcome::ALL`].
    pub outcomes: [usize; SweepOutcome::ALL.len()],
    /// How many settled and descend: ⟨ν, −∂J/∂θ⟩ > 0.
    pub descending: usize,
    /// How many settled and descend for every target: a positive certificate.
    pub certified: usize,
    /// The numbers known of each measure, ascending.
    values: Vec<Vec<f64>>,
}

impl Aggregation {
    /// No records yet. They will be grouped by `axes` (none: one group), quantiles taken of
    /// `measures`.
    pub fn new(axes: &[SweepAxis], measures: &[Measure]) -> Self {
        Self {
            axes: axes.to_vec(),
            measures: measures.to_vec(),
            groups: Vec::new(),
            positions: HashMap::new(),
        }
    }

    /// The same of records at hand.
    pub fn of<'a>(
        records: impl IntoIterator<Item = &'a SweepRecord>,
        axes: &[SweepAxis],
        measures: &[Measure],
    ) -> Self {
        let mut all = Self::new(axes, measures);
        records.into_iter().for_each(|record| all.add(record));
        all
    }

    /// Counts one record, whatever became of it.
    pub fn add(&mut self, record: &SweepRecord) {
        let coordinates: Vec<Coordinate> = self
            .axes
            .iter()
            .map(|axis| axis.of(&record.point))
            .collect();
        let names: Vec<String> = coordinates.iter().map(ToString::to_string).collect();
        let position = *self.positions.entry(names.join(",")).or_insert_with(|| {
            self.groups.push(Group {
                coordinates,
                outcomes: [0; SweepOutcome::ALL.len()],
                descending: 0,
                certified: 0,
                values: vec![Vec::new(); self.measures.len()],
            });
            self.groups.len() - 1
        });
        let group = &mut self.groups[position];
        group.outcomes[record.outcome as usize] += 1;
        let positive = |number: Option<f64>| usize::from(number.is_some_and(|number| number > 0.0));
        if record.outcome == SweepOutcome::Settled {
            group.descending += positive(record.measured.descent);
            group.certified += positive(record.measured.descent_certificate);
        }
        for (values, measure) in group.values.iter_mut().zip(&self.measures) {
            values.extend(measure.of(record));
        }
    }

    /// The groups, in the order in which their first records came.
    pub fn finish(mut self) -> Vec<Group> {
        for values in self.groups.iter_mut().flat_map(|group| &mut group.values) {
            values.sort_unstable_by(f64::total_cmp);
        }
        self.groups
    }

    /// One row per group: the axes, `points`, the count of each outcome, shares, then of each
    /// measure the quantiles 5, 25, 50, 75 and 95 % and the 95 % confidence interval of the median.
    /// What is unknown is empty. Numbers read back as they were.
    pub fn to_csv(self) -> String {
        let mut header: Vec<String> = self.axes.iter().map(|axis| axis.name().into()).collect();
        header.push("points".into());
        header.extend(SweepOutcome::ALL.map(|outcome| outcome.name().into()));
        header.extend(["share_settled", "share_descending"].map(String::from));
        header.extend(["share_descending_low", "share_descending_high"].map(String::from));
        header.push("share_certified".into());
        for measure in &self.measures {
            let name = measure.name();
            header.extend(QUANTILES.map(|(label, _)| format!("{name}_{label}")));
            header.push(format!("{name}_median_low"));
            header.push(format!("{name}_median_high"));
        }
        let mut text = header.join(",") + "\n";
        for group in self.finish() {
            text += &(group.row().join(",") + "\n");
        }
        text
    }
}

const QUANTILES: [(&str, f64); 5] = [
    ("q05", 0.05),
    ("q25", 0.25),
    ("median", 0.5),
    ("q75", 0.75),
    ("q95", 0.95),
];

impl Group {
    /// Number of records.
    pub fn points(&self) -> usize {
        self.outcomes.iter().sum()
    }

    /// Number of records of points that settled.
    pub fn settled(&self) -> usize {
        self.outcomes[SweepOutcome::Settled as usize]
    }

    /// A count as a share of all records, settled or not.
    pub fn share(&self, count: usize) -> f64 {
        count as f64 / self.points() as f64
    }

    /// The quantile `q` (0 … 1) of the measure with this position, over the records that know it.
    pub fn quantile(&self, measure: usize, q: f64) -> Option<f64> {
        quantile(&self.values[measure], q)
    }

    /// The median over all records, those without a number counting as infinitely large: `None`
    /// if half of them or more have none.
    pub fn median_of_all(&self, measure: usize) -> Option<f64> {
        let values = &self.values[measure];
        let position = 0.5 * (self.points() - 1) as f64;
        let (low, high) = (position.floor() as usize, position.ceil() as usize);
        Some(f64::midpoint(*values.get(low)?, *values.get(high)?))
    }

    fn row(&self) -> Vec<String> {
        let number = |value: Option<f64>| value.map(shortest).unwrap_or_default();
        let mut row: Vec<String> = self.coordinates.iter().map(ToString::to_string).collect();
        row.push(self.points().to_string());
        row.extend(self.outcomes.iter().map(ToString::to_string));
        row.push(number(Some(self.share(self.settled()))));
        row.push(number(Some(self.share(self.descending))));
        let interval = share_interval(self.descending, self.points());
        row.push(number(interval.map(|interval| interval.0)));
        row.push(number(interval.map(|interval| interval.1)));
        row.push(number(Some(self.share(self.certified))));
        for values in &self.values {
            row.extend(QUANTILES.map(|(_, q)| number(quantile(values, q))));
            let interval = median_interval(values);
            row.push(number(interval.map(|interval| interval.0)));
            row.push(number(interval.map(|interval| interval.1)));
        }
        row
    }
}
