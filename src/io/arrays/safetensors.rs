//! Hugging Face's safetensors: the length of a JSON header, the header, the numbers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Array, Fault, choose};

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

pub(super) fn array(bytes: &[u8], wanted: Option<&str>) -> Fault<Array> {
    let whole = "is not a whole .safetensors file";
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or(whole)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| whole)?;
    let header = rest.get(..length).ok_or(whole)?;
    let mut header: BTreeMap<String, Value> = serde_json::from_slice(header).map_err(|_| whole)?;
    header.remove("__metadata__");
    let names: Vec<&str> = header.keys().map(String::as_str).collect();
    let name = names[choose(&names, wanted)?].to_owned();
    let tensor = header.remove(&name).unwrap_or_default();
    let tensor: Tensor = serde_json::from_value(tensor).map_err(|_| whole)?;
    let width = match tensor.dtype.as_str() {
        "F32" => 4,
        "F64" => 8,
        other => {
            return Err(format!(
                "holds numbers of the type {other}, expected F32 or F64"
            ));
        }
    };
    let [begin, end] = tensor.data_offsets;
    let data = rest[length..].get(begin..end).ok_or(whole)?;
    Array::new(tensor.shape, data, width, false)
}
