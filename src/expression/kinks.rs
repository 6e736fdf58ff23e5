//! Where a program may have no derivative, or jump.

use super::graph::{Id, Node};
use super::operation::Binary;
use super::program::Program;

impl Program {
    /// Registers of operations with a kink. What conditions are made to is constant between their jumps, and
    /// has no kinks of its own.
    pub(super) fn find_kinked(&self) -> Vec<Id> {
        // whether a register stays the same while states move, but for jumps
        let mut is_still: Vec<bool> = (0..self.first_moving())
            .map(|register| self.is_known(register as Id))
            .collect();
        let mut kinked = Vec::new();
        for (register, node) in self.moving() {
            let still = |id: Id| is_still[id as usize];
            let (has_kink, jumps) = if node.operands().all(still) {
                (false, true)
            } else {
                match node {
                    Node::Unary(function, _) => (function.has_kink(), function.jumps()),
                    Node::Binary(function, ..) => {
                        let compares =
                            matches!(function, Binary::Less | Binary::LessOrEqual | Binary::Equal);
                        (function.has_kink(), compares)
                    }
                    Node::Select(condition, ..) => (!still(condition), false),
                    _ => (false, false),
                }
            };
            is_still.push(jumps);
            if has_kink {
                kinked.push(register as Id);
            }
        }
        kinked
    }

    /// The results that have no derivative at these registers, as far as that shows.
    pub fn on_kink(&self, registers: &[f64]) -> Vec<usize> {
        let at = |id: Id| registers[id as usize];
        let on: Vec<Id> = (self.kinked.iter().copied())
            .filter(|&register| match self.node(register) {
                Some(Node::Unary(function, a)) => function.kink_at(at(a)),
                Some(Node::Binary(function, a, b)) => function.kink_at(at(a), at(b)),
                Some(Node::Select(condition, ..)) => at(condition).abs() <= 1e-12,
                _ => false,
            })
            .collect();
        if on.is_empty() {
            return Vec::new();
        }
        let holds = |k: &usize| {
            self.cone(*k)
                .registers
                .iter()
                .any(|register| on.contains(register))
        };
        (0..self.outputs().len()).filter(holds).collect()
    }

    /// Whether none of the operations may jump somewhere in the intervals of these registers.
    pub fn is_continuous(&self, registers: &[crate::numeric::Interval]) -> bool {
        let at = |id: Id| registers[id as usize];
        let decided = |(register, node): (usize, Node)| {
            let jumps = match node {
                Node::Unary(function, _) => function.jumps(),
                Node::Binary(function, ..) => function.jumps(),
                Node::Select(condition, ..) => {
                    let condition = at(condition);
                    return condition.low == condition.high || !condition.contains(0.0);
                }
                _ => false,
            };
            let value = registers[register];
            !jumps || value.low == value.high
        };
        self.moving().all(decided)
    }
}
