//! Which program this is.

use std::sync::LazyLock;

/// What `--version` prints behind the name: version, commit and features.
pub static LONG: LazyLock<String> = LazyLock::new(|| {
    let commit = option_env!("EQPROP_COMMIT").unwrap_or("not known");
    let features = [
        ("cli", cfg!(feature = "cli")),
        ("explore", cfg!(feature = "explore")),
        ("figure", cfg!(feature = "figure")),
        ("experiment", cfg!(feature = "experiment")),
        ("schema", cfg!(feature = "schema")),
    ];
    let built: Vec<&str> = features
        .iter()
        .filter_map(|(name, built)| built.then_some(*name))
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    format!("{version}\ncommit {commit}\nfeatures {}", built.join(", "))
});
