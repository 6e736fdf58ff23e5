//! Expressions as one graph in which equal parts are shared and constants folded.

use std::hash::BuildHasher;

use super::hash::QuickHash;
use super::number::Number;
use super::operation::{Binary, Unary};

/// The number of a node. Operands have smaller numbers than what is made of them.
pub(crate) type Id = u32;

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// The bits of a number.
    Constant(u64),
    /// A state, a parameter, an input or the time.
    Input(u32),
    Unary(Unary, Id),
    Power(Id, i32),
    Binary(Binary, Id, Id),
    /// The second where the first is not 0, else the third.
    Select(Id, Id, Id),
}

impl Node {
    /// What it is made of.
    pub fn operands(self) -> impl Iterator<Item = Id> {
        let (all, count) = match self {
            Self::Constant(_) | Self::Input(_) => ([0; 3], 0),
            Self::Unary(_, a) | Self::Power(a, _) => ([a, 0, 0], 1),
            Self::Binary(_, a, b) => ([a, b, 0], 2),
            Self::Select(a, b, c) => ([a, b, c], 3),
        };
        all.into_iter().take(count)
    }
}

impl Node {
    /// What it makes of the registers, its operands being the numbers of registers.
    pub fn apply<N: Number>(self, registers: &[N]) -> N {
        let at = |id: Id| registers[id as usize];
        match self {
            Self::Constant(bits) => N::constant(f64::from_bits(bits)),
            Self::Input(position) => at(position),
            Self::Unary(function, a) => at(a).unary(function),
            Self::Power(a, exponent) => at(a).power(exponent),
            Self::Binary(Binary::Add, a, b) => at(a) + at(b),
            Self::Binary(Binary::Multiply, a, b) => at(a) * at(b),
            Self::Binary(function, a, b) => at(a).binary(function, at(b)),
            Self::Select(condition, yes, no) => at(condition).select(at(yes), at(no)),
        }
    }
}

/// Largest integer exponent that is a power of its own.
const LARGEST_POWER: f64 = 64.0;

/// All nodes, each once.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    /// The nodes by their hash, more than half of the places empty: a map would hold all nodes again.
    places: Vec<Id>,
}

/// What stands in a place without a node.
const EMPTY: Id = Id::MAX;

impl Graph {
    /// The nodes, operands first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    fn add(&mut self, node: Node) -> Id {
        if self.places.len() < 2 * (self.nodes.len() + 1) {
            self.places = vec![EMPTY; (4 * self.nodes.len()).next_power_of_two().max(64)];
            for id in 0..self.nodes.len() {
                let place = self.place(self.nodes[id]);
                self.places[place] = id as Id;
            }
        }
        let place = self.place(node);
        if self.places[place] == EMPTY {
            // what builds a graph keeps it far below the largest
            self.places[place] = self.nodes.len() as Id;
            self.nodes.push(node);
        }
        self.places[place]
    }

    /// Where a node stands, or where it would.
    fn place(&self, node: Node) -> usize {
        let last = self.places.len() - 1;
        let mut place = QuickHash::default().hash_one(node) as usize & last;
        while self.places[place] != EMPTY && self.nodes[self.places[place] as usize] != node {
            place = (place + 1) & last;
        }
        place
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> Id {
        self.add(Node::Constant(value.to_bits()))
    }

    /// An input.
    pub fn input(&mut self, index: usize) -> Id {
        self.add(Node::Input(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// Gives the inputs other positions.
    pub fn rename_inputs(&mut self, place: impl Fn(usize) -> usize) {
        for node in &mut self.nodes {
            if let Node::Input(position) = node {
                *position = u32::try_from(place(*position as usize)).unwrap_or(u32::MAX);
            }
        }
        self.places.clear();
    }

    /// The value of a node that does not depend on any input.
    pub fn value(&self, id: Id) -> Option<f64> {
        match self.nodes[id as usize] {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// f(x).
    pub fn unary(&mut self, function: Unary, x: Id) -> Id {
        if let Some(value) = self.value(x) {
            return self.constant(value.unary(function));
        }
        match (function, self.nodes[x as usize]) {
            (Unary::Negative, Node::Unary(Unary::Negative, inner)) => inner,
            _ => self.add(Node::Unary(function, x)),
        }
    }

    /// f(x, y).
    pub fn binary(&mut self, function: Binary, x: Id, y: Id) -> Id {
        let (known_x, known_y) = (self.value(x), self.value(y));
        if let (Some(x), Some(y)) = (known_x, known_y) {
            return self.constant(x.binary(function, y));
        }
        match (function, known_x, known_y) {
            (Binary::Add, Some(0.0), _) => y,
            (Binary::Add | Binary::Subtract, _, Some(0.0)) => x,
            (Binary::Subtract, Some(0.0), _) => self.unary(Unary::Negative, y),
            (Binary::Minimum | Binary::Maximum, ..) if x == y => x,
            (Binary::Multiply, Some(1.0), _) => y,
            (Binary::Multiply | Binary::Divide, _, Some(1.0)) => x,
            (Binary::Multiply, Some(-1.0), _) => self.unary(Unary::Negative, y),
            (Binary::Multiply | Binary::Divide, _, Some(-1.0)) => self.unary(Unary::Negative, x),
            (Binary::Power, _, Some(0.5)) => self.unary(Unary::Sqrt, x),
            (Binary::Power, _, Some(k)) if k.fract() == 0.0 && k.abs() <= LARGEST_POWER => {
                self.power(x, k as i32)
            }
            // equal sums and products are found in either order
            (Binary::Add | Binary::Multiply, ..) => {
                self.add(Node::Binary(function, x.min(y), x.max(y)))
            }
            _ => self.add(Node::Binary(function, x, y)),
        }
    }

    fn power(&mut self, x: Id, exponent: i32) -> Id {
        match exponent {
            0 => self.constant(1.0),
            1 => x,
            _ => self.add(Node::Power(x, exponent)),
        }
    }

    /// `yes` where the condition is not 0, else `no`.
    pub fn select(&mut self, condition: Id, yes: Id, no: Id) -> Id {
        match self.value(condition) {
            Some(0.0) => no,
            Some(_) => yes,
            None if yes == no => yes,
            None => self.add(Node::Select(condition, yes, no)),
        }
    }
}
