//! Tables whose columns stand in another order, and headers that could be samples.

use eqprop::data::{DataSet, Header};

use super::file as case;

fn table(
    train: &str,
    test: Option<&str>,
    label: Option<&str>,
    header: Header,
) -> Result<DataSet, eqprop::Error> {
    let test = test.map(case);
    DataSet::csv(&case(train), test.as_deref(), label, header)
}

#[test]
fn columns_of_the_test_are_found_by_name() {
    let permuted = table(
        "table_train.csv",
        Some("table_test_permuted.csv"),
        Some("class"),
        Header::default(),
    )
    .unwrap();
    // the test table holds the training samples, columns b and a exchanged
    let half = permuted.len() / 2;
    assert_eq!((half, permuted.test), (120, 120));
    for k in 0..half {
        assert_eq!(permuted.input(k), permuted.input(half + k));
        assert_eq!(permuted.label(k), permuted.label(half + k));
    }
}

#[test]
fn other_names_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let other = directory.path().join("other.csv");
    std::fs::write(&other, "a,c,class\n0.1,0.2,2\n").unwrap();
    let train = case("table_train.csv");
    let refused = DataSet::csv(&train, Some(&other), None, Header::default());
    let message = refused.unwrap_err().to_string();
    assert!(
        message.contains("no column is called \"b\". There are a, c, class"),
        "{message}"
    );
}

#[test]
fn a_header_of_integers_is_asked_about_and_can_be_told() {
    let read = |header| table("table_integer_header.csv", None, None, header);
    let message = read(Header::default()).unwrap_err().to_string();
    assert!(
        message.contains("0,1,2: names of the columns, or a sample?"),
        "{message}"
    );
    assert_eq!(read(Header::Given(true)).unwrap().len(), 120);
    assert_eq!(read(Header::Given(false)).unwrap().len(), 121);
    let named = table(
        "table_integer_header.csv",
        None,
        Some("2"),
        Header::default(),
    );
    assert_eq!(named.unwrap().len(), 120);
}
