//! MNIST: IDX files (Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, 1998) with verified checksums.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{DataSet, hexadecimal, read};
use crate::error::{Error, Result};

/// The four files with the SHA-256 of their uncompressed bytes.
const FILES: [(&str, &str); 4] = [
    (
        "train-images-idx3-ubyte",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    (
        "train-labels-idx1-ubyte",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    (
        "t10k-images-idx3-ubyte",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    (
        "t10k-labels-idx1-ubyte",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
];

impl DataSet {
    /// MNIST from its four IDX files in `directory`, plain or `.gz`: the training samples, then the
    /// test samples, with pixels divided by 255. Files that `verify` does not check may hold other
    /// images (Fashion-MNIST, a part of MNIST).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the file that is missing (with how to get it), damaged, or of
    /// another checksum, and [`Error::Io`].
    pub fn mnist(directory: &Path, verify: bool) -> Result<Self> {
        let mut inputs = Vec::new();
        let mut labels = Vec::new();
        let mut sizes = Vec::new();
        let mut features = None;
        for part in FILES.chunks(2) {
            let (path, images) = open(directory, part[0], verify)?;
            let refuse = |message| Error::invalid("(file)", message).in_file(&path);
            let (shape, pixels) = idx(&images).map_err(refuse)?;
            let &[count, rows, columns] = shape.as_slice() else {
                return Err(refuse("is not a list of images (three dimensions)".into()));
            };
            if *features.get_or_insert(rows * columns) != rows * columns {
                return Err(refuse(
                    "its images have another size than the training images".into(),
                ));
            }
            if count == 0 || rows * columns == 0 {
                return Err(refuse("holds no images".into()));
            }
            inputs.extend(pixels.iter().map(|&pixel| f32::from(pixel) / 255.0));

            let (path, bytes) = open(directory, part[1], verify)?;
            let refuse = |message| Error::invalid("(file)", message).in_file(&path);
            let (shape, values) = idx(&bytes).map_err(refuse)?;
            if shape != [count] {
                return Err(refuse(format!(
                    "expected {count} labels, as many as images, found the shape {shape:?}"
                )));
            }
            labels.extend(values.iter().map(|&label| u16::from(label)));
            sizes.push(count);
        }
        let classes = labels.iter().max().map_or(0, |&label| label + 1).max(10);
        Ok(Self {
            name: "mnist".into(),
            inputs,
            features: features.unwrap_or(0),
            labels,
            classes: (0..classes).map(|class| class.to_string()).collect(),
            test: sizes[1],
        })
    }
}

/// The path and the verified bytes of one file, plain or `.gz`.
fn open(directory: &Path, (name, sum): (&str, &str), verify: bool) -> Result<(PathBuf, Vec<u8>)> {
    let candidates = [
        name.to_owned(),
        format!("{name}.gz"),
        name.replace("-idx", ".idx"),
    ];
    let found = candidates.iter().map(|file| directory.join(file));
    let Some(path) = found.into_iter().find(|path| path.exists()) else {
        return Err(missing(name, directory));
    };
    let bytes = read(&path)?;
    let found = hexadecimal(&Sha256::digest(&bytes));
    if verify && found != sum {
        let message = format!(
            "is not MNIST's {name}: its SHA-256 (uncompressed) is {found}, expected {sum}. Get the file again, or set `verify` to false to use it as it is"
        );
        return Err(Error::invalid("(file)", message).in_file(&path));
    }
    Ok((path, bytes))
}

fn missing(name: &str, directory: &Path) -> Error {
    let names: Vec<String> = FILES.iter().map(|(name, _)| format!("{name}.gz")).collect();
    Error::MissingData {
        path: directory.to_owned(),
        message: format!(
            "MNIST's {name} is not there, neither plain nor as .gz. Download {} (from https://storage.googleapis.com/cvdf-datasets/mnist/ or https://ossci-datasets.s3.amazonaws.com/mnist/) into one directory and name it by `data` or in the configuration. The page docs/training.md says more",
            names.join(", ")
        ),
    }
}

/// The shape and the values of an IDX file of bytes.
fn idx(bytes: &[u8]) -> std::result::Result<(Vec<usize>, &[u8]), String> {
    let [0, 0, 8, dimensions, rest @ ..] = bytes else {
        return Err(
            "is not an IDX file of bytes: it does not begin with 0, 0, 8, dimensions".into(),
        );
    };
    let header = 4 * usize::from(*dimensions);
    if rest.len() < header || header == 0 {
        return Err("ends inside the header of an IDX file".into());
    }
    let (sizes, values) = rest.split_at(header);
    let shape: Vec<usize> = sizes
        .chunks_exact(4)
        .map(|size| u32::from_be_bytes([size[0], size[1], size[2], size[3]]) as usize)
        .collect();
    let expected = shape
        .iter()
        .try_fold(1usize, |product, &size| product.checked_mul(size));
    if expected != Some(values.len()) {
        return Err(format!(
            "its header says {shape:?}, but {} values follow",
            values.len()
        ));
    }
    Ok((shape, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(dimensions: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
        bytes.extend(dimensions.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(values);
        bytes
    }

    #[test]
    fn malformed_files_are_told_apart() {
        let whole = file(&[2, 1, 2], &[1, 2, 3, 4]);
        assert_eq!(idx(&whole).unwrap(), (vec![2, 1, 2], &[1u8, 2, 3, 4][..]));
        for (bytes, reason) in [
            (Vec::new(), "begin"),
            (vec![0, 0, 13, 1, 0, 0, 0, 0], "begin"),
            (vec![0, 0, 8, 0], "header"),
            (whole[..9].to_vec(), "header"),
            (whole[..whole.len() - 1].to_vec(), "3 values follow"),
            (file(&[2], &[1, 2, 3]), "3 values follow"),
            (file(&[u32::MAX; 4], &[1]), "values follow"),
        ] {
            let message = idx(&bytes).unwrap_err();
            assert!(message.contains(reason), "{message}");
        }
    }

    #[test]
    fn files_are_found_plain_or_compressed_and_refused_by_name() {
        use std::io::Write;
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path();
        let missing = DataSet::mnist(place, true).unwrap_err().to_string();
        assert!(missing.contains("train-images-idx3-ubyte.gz"), "{missing}");

        let images = file(&[2, 1, 2], &[0, 255, 51, 0]);
        let path = place.join("train-images-idx3-ubyte.gz");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&images).unwrap();
        let compressed = encoder.finish().unwrap();
        std::fs::write(&path, &compressed).unwrap();
        std::fs::write(place.join("train-labels-idx1-ubyte"), file(&[2], &[3, 0])).unwrap();
        std::fs::write(
            place.join("t10k-images.idx3-ubyte"),
            file(&[1, 1, 2], &[1, 2]),
        )
        .unwrap();
        let test_labels = place.join("t10k-labels-idx1-ubyte");
        std::fs::write(&test_labels, file(&[1], &[9])).unwrap();

        let set = DataSet::mnist(place, false).unwrap();
        assert_eq!((set.len(), set.test, set.features), (3, 1, 2));
        assert_eq!(set.inputs[..4], [0.0, 1.0, 0.2, 0.0]);
        assert_eq!([0, 1, 2].map(|k| set.label(k)), [3, 0, 9]);

        let refused = |verify| DataSet::mnist(place, verify).unwrap_err().to_string();
        assert!(
            refused(true).contains("expected ba891046"),
            "{}",
            refused(true)
        );
        std::fs::write(&test_labels, file(&[2], &[9, 9])).unwrap();
        assert!(
            refused(false).contains("expected 1 labels"),
            "{}",
            refused(false)
        );
        std::fs::write(&path, &compressed[..compressed.len() / 2]).unwrap();
        assert!(refused(false).contains("gzip"), "{}", refused(false));
    }
}
