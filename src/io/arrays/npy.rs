//! One array in NumPy's format (NumPy enhancement proposal 1, versions 1 to 3).

use super::{Array, Fault, Kind};

pub(super) fn array(bytes: &[u8]) -> Fault<Array> {
    let rest = bytes
        .strip_prefix(b"\x93NUMPY")
        .ok_or("is not a .npy file: it does not begin as one")?;
    let short = "ends inside its header";
    let (version, rest) = rest.split_first_chunk::<2>().ok_or(short)?;
    let (length, rest) = match version[0] {
        1 => {
            let (length, rest) = rest.split_first_chunk::<2>().ok_or(short)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk::<4>().ok_or(short)?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        other => return Err(format!("is of version {other}. This program reads 1 to 3")),
    };
    let header = rest.get(..length).ok_or(short)?;
    let header = std::str::from_utf8(header).map_err(|_| "has a header that is no text")?;
    let kind = field(header, "descr")?;
    let (big_endian, format) = format(kind)?;
    let fortran = match field(header, "fortran_order")? {
        order if order.starts_with("True") => true,
        order if order.starts_with("False") => false,
        _ => return Err("has a header without `fortran_order`".into()),
    };
    let shape = shape(field(header, "shape")?)?;
    if !fortran || shape.len() < 2 {
        return Array::of_kind(shape, &rest[length..], format, big_endian);
    }
    // column by column: the transpose, row by row
    let reversed = shape.into_iter().rev().collect();
    Array::of_kind(reversed, &rest[length..], format, big_endian).map(|array| array.transposed())
}

/// What stands behind a name in the header, a Python literal.
fn field<'a>(header: &'a str, name: &str) -> Fault<&'a str> {
    let quoted = [format!("'{name}'"), format!("\"{name}\"")];
    let found = quoted
        .iter()
        .find_map(|name| header.split_once(name.as_str()));
    let value = found.and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
    value
        .map(str::trim_start)
        .ok_or_else(|| format!("has a header without `{name}`"))
}

/// Byte order, kind and width of the numbers.
fn format(literal: &str) -> Fault<(bool, (Kind, usize))> {
    let name = literal.strip_prefix(['\'', '"']).unwrap_or("(a structure)");
    let name = name.split(['\'', '"']).next().unwrap_or_default();
    if name.contains('O') {
        return Err(
            "holds pickled Python objects, which are refused. Save an array of floats".into(),
        );
    }
    let format = match name.trim_start_matches(['<', '>', '=', '|']) {
        "f4" => (Kind::Float, 4),
        "f8" => (Kind::Float, 8),
        "i4" => (Kind::Signed, 4),
        "i8" => (Kind::Signed, 8),
        "u4" => (Kind::Unsigned, 4),
        "u8" => (Kind::Unsigned, 8),
        _ => {
            return Err(format!(
                "holds numbers of the type {name}, expected f4, f8 or whole numbers of 4 or 8 bytes (save `array.astype(float)`)"
            ));
        }
    };
    Ok((name.starts_with('>'), format))
}

fn shape(literal: &str) -> Fault<Vec<usize>> {
    let inside = literal
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'));
    let (sizes, _) = inside.ok_or("has a header without a shape")?;
    let sizes = sizes
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    sizes
        .map(|size| {
            size.parse()
                .map_err(|_| format!("has the size {size:?} in its shape"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\0".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn header(kind: &str, fortran: &str, shape: &str) -> String {
        format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n")
    }

    #[test]
    fn orders_widths_and_byte_orders_agree() {
        let rows: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.5];
        let columns = [1.0, 4.0, 2.0, 5.0, 3.0, 6.5];
        let big: Vec<u8> = rows.iter().flat_map(|v| v.to_be_bytes()).collect();
        let single: Vec<u8> = columns
            .iter()
            .flat_map(|&v: &f64| (v as f32).to_le_bytes())
            .collect();
        for bytes in [
            file(&header(">f8", "False", "(2, 3)"), &big),
            file(&header("<f4", "True", "(2, 3)"), &single),
        ] {
            let found = array(&bytes).unwrap();
            assert_eq!(
                (&found.shape[..], &found.values[..]),
                (&[2, 3][..], &rows[..])
            );
        }
    }

    #[test]
    fn what_is_no_array_of_floats_is_refused() {
        for (bytes, reason) in [
            (b"PK".to_vec(), "does not begin"),
            (b"\x93NUMPY\x01\0\xff\xff{".to_vec(), "ends inside"),
            (file(&header("|O", "False", "(1,)"), &[0; 8]), "pickled"),
            (file(&header("<c8", "False", "(1,)"), &[0; 8]), "type <c8"),
            (file(&header("<f8", "False", "(2,)"), &[0; 8]), "damaged"),
            (file(&header("<f8", "False", "(x,)"), &[0; 8]), "shape"),
            (
                file(&header("<f8", "False", "(99999999999,99999999999)"), &[]),
                "too many",
            ),
            (
                file(&header("<f8", "False", "(1,)"), &f64::NAN.to_le_bytes()),
                "finite",
            ),
            (file("{'descr': '<f8'}", &[]), "fortran_order"),
        ] {
            let message = array(&bytes).unwrap_err();
            assert!(message.contains(reason), "{message}");
        }
    }
}
