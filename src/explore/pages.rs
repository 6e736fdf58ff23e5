//! What the page is made of. All of it is in the program.

/// A file of the page.
pub(super) struct Page {
    /// Its type.
    pub media: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The file at a path, or `None` if there is none.
pub(super) fn page(path: &str) -> Option<Page> {
    let (media, text) = match path {
        "/" => (
            "text/html; charset=utf-8",
            include_str!("assets/index.html"),
        ),
        "/style.css" => ("text/css; charset=utf-8", include_str!("assets/style.css")),
        "/main.js" => (SCRIPT, include_str!("assets/main.js")),
        "/ask.js" => (SCRIPT, include_str!("assets/ask.js")),
        "/plane.js" => (SCRIPT, include_str!("assets/plane.js")),
        "/panels.js" => (SCRIPT, include_str!("assets/panels.js")),
        "/controls.js" => (SCRIPT, include_str!("assets/controls.js")),
        _ => return None,
    };
    Some(Page { media, text })
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
