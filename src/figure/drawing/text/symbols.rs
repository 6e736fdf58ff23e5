//! TeX command names and the Unicode characters they stand for.

/// The character of a command such as `beta` (without its backslash).
pub(crate) fn symbol(name: &str) -> Option<&'static str> {
    let found = NAMED
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .ok()?;
    Some(NAMED[found].1)
}

/// The combining character of a command such as `hat`.
pub(crate) fn accent(name: &str) -> Option<char> {
    Some(match name {
        "hat" | "widehat" => '\u{302}',
        "tilde" | "widetilde" => '\u{303}',
        "bar" | "overline" => '\u{304}',
        "dot" => '\u{307}',
        "ddot" => '\u{308}',
        "vec" => '\u{20d7}',
        _ => return None,
    })
}

/// Sorted by name, which a test checks.
const NAMED: [(&str, &str); 95] = [
    ("Delta", "Δ"),
    ("Gamma", "Γ"),
    ("Im", "ℑ"),
    ("Lambda", "Λ"),
    ("Omega", "Ω"),
    ("Phi", "Φ"),
    ("Pi", "Π"),
    ("Psi", "Ψ"),
    ("Re", "ℜ"),
    ("Rightarrow", "⇒"),
    ("Sigma", "Σ"),
    ("Theta", "Θ"),
    ("Xi", "Ξ"),
    ("alpha", "α"),
    ("angle", "∠"),
    ("approx", "≈"),
    ("beta", "β"),
    ("cap", "∩"),
    ("cdot", "·"),
    ("chi", "χ"),
    ("circ", "∘"),
    ("cup", "∪"),
    ("dagger", "†"),
    ("deg", "°"),
    ("delta", "δ"),
    ("div", "÷"),
    ("ell", "ℓ"),
    ("epsilon", "ε"),
    ("equiv", "≡"),
    ("eta", "η"),
    ("exists", "∃"),
    ("forall", "∀"),
    ("gamma", "γ"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("gg", "≫"),
    ("in", "∈"),
    ("infty", "∞"),
    ("int", "∫"),
    ("iota", "ι"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("langle", "⟨"),
    ("ldots", "…"),
    ("le", "≤"),
    ("leftarrow", "←"),
    ("leftrightarrow", "↔"),
    ("leq", "≤"),
    ("ll", "≪"),
    ("mapsto", "↦"),
    ("mp", "∓"),
    ("mu", "μ"),
    ("nabla", "∇"),
    ("ne", "≠"),
    ("neq", "≠"),
    ("notin", "∉"),
    ("nu", "ν"),
    ("odot", "⊙"),
    ("omega", "ω"),
    ("oplus", "⊕"),
    ("otimes", "⊗"),
    ("parallel", "∥"),
    ("partial", "∂"),
    ("perp", "⊥"),
    ("phi", "φ"),
    ("pi", "π"),
    ("pm", "±"),
    ("prime", "′"),
    ("prod", "∏"),
    ("propto", "∝"),
    ("psi", "ψ"),
    ("rangle", "⟩"),
    ("rho", "ρ"),
    ("rightarrow", "→"),
    ("setminus", "∖"),
    ("sigma", "σ"),
    ("sim", "∼"),
    ("simeq", "≃"),
    ("sqrt", "√"),
    ("star", "⋆"),
    ("subset", "⊂"),
    ("sum", "∑"),
    ("tau", "τ"),
    ("theta", "θ"),
    ("times", "×"),
    ("to", "→"),
    ("top", "⊤"),
    ("uparrow", "↑"),
    ("upsilon", "υ"),
    ("varepsilon", "ε"),
    ("varphi", "φ"),
    ("vartheta", "ϑ"),
    ("wedge", "∧"),
    ("xi", "ξ"),
    ("zeta", "ζ"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::drawing::text::font::{Face, advance};

    #[test]
    fn names_are_sorted() {
        assert!(NAMED.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(symbol("beta"), Some("β"));
        assert_eq!(symbol("unknown"), None);
    }

    #[test]
    fn the_font_has_every_symbol() {
        for (name, text) in NAMED {
            assert!(
                text.chars()
                    .all(|letter| advance(Face::Regular, letter).is_some()),
                "{name}"
            );
        }
    }
}
