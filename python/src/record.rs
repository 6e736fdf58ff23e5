//! Records of the library as Python objects: numbers in arrays, names as the keys of dicts.

use numpy::ndarray::Array2;
use numpy::{Complex64, PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use serde::Serialize;
use serde::ser::{self, SerializeMap, SerializeSeq};

/// A record between the library and Python; made without the interpreter.
#[derive(Debug, Clone)]
pub enum Node {
    /// None.
    None,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// Whole numbers in an array.
    Ints(Vec<i64>),
    /// Numbers in an array; what is unknown is NaN.
    Floats(Vec<f64>),
    /// Rows of numbers of one length: number of rows, of columns, and the values row by row.
    Rows(usize, usize, Vec<f64>),
    /// Anything else in a row.
    List(Vec<Node>),
    /// Named fields.
    Map(Vec<(String, Node)>),
}

/// Fields whose rows are real and imaginary parts.
const COMPLEX: [&str; 4] = ["eigenvalues", "leading_eigenvalue", "jacobian", "dynamics"];

impl Node {
    /// The record of a value.
    pub fn of(value: &impl Serialize) -> PyResult<Self> {
        value
            .serialize(Builder)
            .map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()))
    }

    /// Adds a named field to a record that has fields.
    pub fn with(mut self, name: &str, value: Self) -> Self {
        if let Self::Map(fields) = &mut self {
            fields.push((name.to_owned(), value));
        }
        self
    }

    /// The Python object; `name` is that of the field which holds it.
    pub fn into_python<'py>(self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self {
            Self::None => py.None().into_bound(py),
            Self::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
            Self::Int(value) => value.into_pyobject(py)?.into_any(),
            Self::Float(value) => value.into_pyobject(py)?.into_any(),
            Self::Text(value) => PyString::new(py, &value).into_any(),
            Self::Ints(values) => PyArray1::from_vec(py, values).into_any(),
            Self::Floats(values) if values.is_empty() && COMPLEX.contains(&name) => {
                PyArray1::<Complex64>::from_vec(py, Vec::new()).into_any()
            }
            Self::Floats(values) => PyArray1::from_vec(py, values).into_any(),
            Self::Rows(_, 2, values) if COMPLEX.contains(&name) => {
                let pairs = values.chunks_exact(2);
                let values = pairs.map(|pair| Complex64::new(pair[0], pair[1])).collect();
                PyArray1::from_vec(py, values).into_any()
            }
            Self::Rows(rows, columns, values) => {
                let array = Array2::from_shape_vec((rows, columns), values).map_err(|error| {
                    pyo3::exceptions::PyRuntimeError::new_err(error.to_string())
                })?;
                PyArray2::from_owned_array(py, array).into_any()
            }
            Self::List(nodes) => {
                let list = PyList::empty(py);
                for node in nodes {
                    list.append(node.into_python(py, "")?)?;
                }
                list.into_any()
            }
            Self::Map(fields) => {
                let dict = PyDict::new(py);
                for (name, node) in fields {
                    let value = node.into_python(py, &name)?;
                    dict.set_item(PyString::intern(py, &name), value)?;
                }
                dict.into_any()
            }
        })
    }
}

/// Why a value is no record.
#[derive(Debug)]
struct Unfit(String);

impl std::fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

impl ser::Error for Unfit {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Rows are gathered into arrays as they come.
struct Row(Node);

impl Row {
    fn push(&mut self, node: Node) {
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

    fn finish(self) -> Node {
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
fn series(mut fields: Vec<(String, Node)>) -> Node {
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

/// A row that is being written.
struct RowBuilder {
    row: Row,
    /// The variant of an enumeration that it belongs to.
    variant: Option<&'static str>,
}

/// Fields that are being written.
struct FieldsBuilder {
    fields: Vec<(String, Node)>,
    name: Option<String>,
    variant: Option<&'static str>,
}

fn tagged(variant: Option<&'static str>, node: Node) -> Node {
    match variant {
        Some(name) => Node::Map(vec![(name.to_owned(), node)]),
        None => node,
    }
}

impl SerializeSeq for RowBuilder {
    type Ok = Node;
    type Error = Unfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        self.row.push(value.serialize(Builder)?);
        Ok(())
    }

    fn end(self) -> Result<Node, Unfit> {
        Ok(tagged(self.variant, self.row.finish()))
    }
}

macro_rules! rows {
    ($($trait:ident :: $method:ident),*) => {$(
        impl ser::$trait for RowBuilder {
            type Ok = Node;
            type Error = Unfit;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
                SerializeSeq::serialize_element(self, value)
            }

            fn end(self) -> Result<Node, Unfit> {
                SerializeSeq::end(self)
            }
        }
    )*};
}

rows!(
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

impl SerializeMap for FieldsBuilder {
    type Ok = Node;
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        self.name = Some(match key.serialize(Builder)? {
            Node::Text(name) => name,
            Node::Int(number) => number.to_string(),
            other => return Err(Unfit(format!("{other:?} is no name"))),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        let name = self.name.take().unwrap_or_default();
        self.fields.push((name, value.serialize(Builder)?));
        Ok(())
    }

    fn end(self) -> Result<Node, Unfit> {
        Ok(tagged(self.variant, series(self.fields)))
    }
}

macro_rules! fields {
    ($($trait:ident),*) => {$(
        impl ser::$trait for FieldsBuilder {
            type Ok = Node;
            type Error = Unfit;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Unfit> {
                self.fields.push((name.to_owned(), value.serialize(Builder)?));
                Ok(())
            }

            fn end(self) -> Result<Node, Unfit> {
                SerializeMap::end(self)
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

/// Writes one value.
struct Builder;

macro_rules! numbers {
    ($($method:ident: $type:ty => $variant:ident),*) => {$(
        fn $method(self, value: $type) -> Result<Node, Unfit> {
            Ok(Node::$variant(value.into()))
        }
    )*};
}

impl ser::Serializer for Builder {
    type Ok = Node;
    type Error = Unfit;
    type SerializeSeq = RowBuilder;
    type SerializeTuple = RowBuilder;
    type SerializeTupleStruct = RowBuilder;
    type SerializeTupleVariant = RowBuilder;
    type SerializeMap = FieldsBuilder;
    type SerializeStruct = FieldsBuilder;
    type SerializeStructVariant = FieldsBuilder;

    numbers!(
        serialize_bool: bool => Bool,
        serialize_i8: i8 => Int,
        serialize_i16: i16 => Int,
        serialize_i32: i32 => Int,
        serialize_i64: i64 => Int,
        serialize_u8: u8 => Int,
        serialize_u16: u16 => Int,
        serialize_u32: u32 => Int,
        serialize_f32: f32 => Float,
        serialize_f64: f64 => Float,
        serialize_char: char => Text,
        serialize_str: &str => Text
    );

    fn serialize_u64(self, value: u64) -> Result<Node, Unfit> {
        Ok(i64::try_from(value).map_or(Node::Float(value as f64), Node::Int))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Node, Unfit> {
        Ok(Node::Ints(bytes.iter().map(|&byte| byte.into()).collect()))
    }

    fn serialize_none(self) -> Result<Node, Unfit> {
        Ok(Node::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Unfit> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Node, Unfit> {
        Ok(Node::None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, Unfit> {
        Ok(Node::None)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Node, Unfit> {
        Ok(Node::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Node, Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, Unfit> {
        Ok(tagged(Some(variant), value.serialize(self)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<RowBuilder, Unfit> {
        Ok(RowBuilder {
            row: Row(Node::None),
            variant: None,
        })
    }

    fn serialize_tuple(self, length: usize) -> Result<RowBuilder, Unfit> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<RowBuilder, Unfit> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<RowBuilder, Unfit> {
        Ok(RowBuilder {
            row: Row(Node::None),
            variant: Some(variant),
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<FieldsBuilder, Unfit> {
        Ok(FieldsBuilder {
            fields: Vec::new(),
            name: None,
            variant: None,
        })
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<FieldsBuilder, Unfit> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<FieldsBuilder, Unfit> {
        Ok(FieldsBuilder {
            fields: Vec::new(),
            name: None,
            variant: Some(variant),
        })
    }
}
