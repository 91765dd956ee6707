//! What frames look like, and what is refused: written out for each kind, then for any frame and any damage to it.

mod any;
mod refused;
mod written;

const HEAD: &str = r#""v":1,"session":"000000000000000000000000000000ab","epoch":7"#;

/// The frame with that body, as text.
fn written(body: &str) -> String {
    format!(r#"{{{HEAD},"frame":{body}}}"#)
}
