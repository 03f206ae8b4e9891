//! All SQL of rendering again. What is written over is named by what was read of it: a save in between wins.

mod attempts;
mod comments;
mod posts;
mod stale_typography;
mod standing;

pub use attempts::*;
pub use comments::*;
pub use posts::*;
pub use stale_typography::*;
pub use standing::*;

/// One column of rows that are written in one statement.
fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
