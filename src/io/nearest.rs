//! The name that was meant, for one that is not known.

/// Names in use elsewhere, each with the one used here.
const SYNONYMS: [(&str, &str); 15] = [
    ("sigmoid", "logistic"),
    ("linear", "identity"),
    ("rectifier", "relu"),
    ("hardsigmoid", "hard_sigmoid"),
    ("hard_sigm", "hard_sigmoid"),
    ("xavier", "glorot_uniform"),
    ("xavier_uniform", "glorot_uniform"),
    ("glorot", "glorot_uniform"),
    ("mse", "squared_error"),
    ("label", "target"),
    ("y", "target"),
    ("x", "input"),
    ("learning_rate", "rates"),
    ("lr", "rates"),
    ("size", "neurons"),
];

/// Names of fields, each with the part of a problem that it stands in.
const PARTS: [(&str, &str); 8] = [
    ("weights", "network"),
    ("input_weights", "network"),
    ("bias", "network"),
    ("activation", "network"),
    ("dynamics", "network"),
    ("sizes", "network"),
    ("equations", "field"),
    ("parameters", "field"),
];

/// The known name nearest to `name`, unless none is near.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_lowercase().replace(['-', ' '], "_");
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == lower);
    let synonym = synonym.and_then(|(_, own)| known.iter().find(|name| *name == own));
    if let Some(found) = synonym {
        return Some(found);
    }
    let longest = lower.chars().count() / 3;
    known
        .iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), *candidate))
        .filter(|(distance, _)| *distance <= longest.max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to say of a name that is not known.
pub(crate) fn unknown(name: &str, known: &[&str]) -> String {
    let list = match known {
        [only] => format!("expected `{only}`"),
        _ => format!("expected one of {}", known.join(", ")),
    };
    let part = PARTS
        .iter()
        .find(|(field, part)| *field == name && known.contains(part));
    let meant = match (part, nearest(name, known)) {
        (Some((_, part)), _) => format!(". It stands in `{part}`"),
        (None, Some(own)) => format!(". Did you mean `{own}`?"),
        (None, None) => String::new(),
    };
    format!("{list}, found `{name}`{meant}")
}

/// Letters to insert, leave out, replace, or swap with the next one, to make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: [Vec<usize>; 3] = [vec![], vec![], (0..=other.len()).collect()];
    for i in 0..one.len() {
        rows.rotate_left(1);
        let mut row = vec![i + 1];
        for j in 0..other.len() {
            let replaced = rows[1][j] + usize::from(one[i] != other[j]);
            let mut least = replaced.min(rows[1][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i] == other[j - 1] && one[i - 1] == other[j] {
                least = least.min(rows[0][j - 1] + 1);
            }
            row.push(least);
        }
        rows[2] = row;
    }
    rows[2][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_other_names_lead_to_the_known_one() {
        let known = [
            "target",
            "logistic",
            "hard_sigmoid",
            "glorot_uniform",
            "tanh",
        ];
        for (name, meant) in [
            ("targets", Some("target")),
            ("traget", Some("target")),
            ("Sigmoid", Some("logistic")),
            ("xavier", Some("glorot_uniform")),
            ("hard-sigmoid", Some("hard_sigmoid")),
            ("tahn", Some("tanh")),
            ("cube", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &known), meant, "{name}");
        }
        let told = unknown("weights", &["network", "field", "input"]);
        assert!(
            told.ends_with("found `weights`. It stands in `network`"),
            "{told}"
        );
        assert!(unknown("weights", &["file", "array"]).ends_with("found `weights`"));
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("ab", "ba"), 1);
    }
}
