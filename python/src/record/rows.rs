//! Numbers that come one by one, gathered into arrays.

use super::Node;

/// Rows are gathered into arrays as they come.
pub(super) struct Row(pub(super) Node);

impl Row {
    pub(super) fn push(&mut self, node: Node) {
        let row = std::mem::replace(&mut self.0, Node::None);
        self.0 = match (row, node) {
            (Node::None, Node::Int(value)) => Node::Ints(vec![value]),
            (Node::None, Node::Float(value)) => Node::Floats(vec![value]),
            (Node::None, Node::Floats(values)) => Node::Rows(1, values.len(), values),
            (Node::Ints(mut values), Node::Int(value)) => {
                values.push(value);
                Node::Ints(values)
            }
            (Node::Ints(values), Node::Float(value)) => {
                let mut values: Vec<f64> = values.into_iter().map(|v| v as f64).collect();
                values.push(value);
                Node::Floats(values)
            }
            (Node::Floats(mut values), Node::Float(value)) => {
                values.push(value);
                Node::Floats(values)
            }
            (Node::Floats(mut values), Node::Int(value)) => {
                values.push(value as f64);
                Node::Floats(values)
            }
            (Node::Floats(mut values), Node::None) => {
                values.push(f64::NAN);
                Node::Floats(values)
            }
            (Node::Rows(rows, columns, mut values), Node::Floats(row)) if row.len() == columns => {
                values.extend(row);
                Node::Rows(rows + 1, columns, values)
            }
            (Node::None, node) => Node::List(vec![node]),
            (row, node) => {
                let mut nodes = apart(row);
                nodes.push(node);
                Node::List(nodes)
            }
        };
    }

    pub(super) fn finish(self) -> Node {
        match self.0 {
            // nothing says of what there is none
            Node::None => Node::Floats(Vec::new()),
            Node::List(nodes) => completed(nodes),
            row => row,
        }
    }
}

/// A row that turned out to be of several kinds, item by item.
fn apart(row: Node) -> Vec<Node> {
    match row {
        Node::Ints(values) => values.into_iter().map(Node::Int).collect(),
        Node::Floats(values) => values.into_iter().map(Node::Float).collect(),
        Node::Rows(rows, columns, values) => (0..rows)
            .map(|row| Node::Floats(values[row * columns..][..columns].to_vec()))
            .collect(),
        Node::List(nodes) => nodes,
        node => vec![node],
    }
}

/// Numbers, or rows of them, some of which are unknown: those become NaN.
fn completed(nodes: Vec<Node>) -> Node {
    let numbers = |node: &Node| matches!(node, Node::None | Node::Float(_) | Node::Int(_));
    let pairs = |node: &Node| match node {
        Node::None => true,
        Node::Floats(values) => values.len() == 2,
        _ => false,
    };
    if !nodes.is_empty() && nodes.iter().all(numbers) {
        let value = |node| match node {
            Node::Float(value) => value,
            Node::Int(value) => value as f64,
            _ => f64::NAN,
        };
        return Node::Floats(nodes.into_iter().map(value).collect());
    }
    if !nodes.is_empty() && nodes.iter().all(pairs) {
        let rows = nodes.len();
        let values = nodes.into_iter().flat_map(|node| match node {
            Node::Floats(values) => values,
            _ => vec![f64::NAN; 2],
        });
        return Node::Rows(rows, 2, values.collect());
    }
    Node::List(nodes)
}

/// The blocks of a layered network are series of arrays, also where their shapes are the same.
pub(super) fn series(mut fields: Vec<(String, Node)>) -> Node {
    if fields.iter().any(|(name, _)| name == "forward") {
        for (_, value) in &mut fields {
            let block = std::mem::replace(value, Node::None);
            *value = match block {
                Node::Rows(..) => Node::List(apart(block)),
                Node::Floats(values) if values.is_empty() => Node::List(Vec::new()),
                block => block,
            };
        }
    }
    Node::Map(fields)
}
