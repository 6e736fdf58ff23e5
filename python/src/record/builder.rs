//! What serde says of a value, as a record.

use serde::Serialize;
use serde::ser::{self, SerializeMap, SerializeSeq};

use super::Node;
use super::rows::{Row, series};

/// Why a value is no record.
#[derive(Debug)]
pub struct Unfit(String);

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

/// A row that is being written.
pub struct RowBuilder {
    row: Row,
    /// The variant of an enumeration that it belongs to.
    variant: Option<&'static str>,
}

/// Fields that are being written.
pub struct FieldsBuilder {
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
pub(super) struct Builder;

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
