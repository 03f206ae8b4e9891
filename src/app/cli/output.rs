//! What commands print: results on standard output, errors with their causes on standard error.

use std::io::{self, Write};

use anyhow::Context;

pub(super) fn print(text: &str) -> anyhow::Result<()> {
    match write!(io::stdout(), "{text}") {
        // The reader has seen enough, as with `| head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("the settings could not be printed"),
    }
}

pub(super) fn print_error(error: &anyhow::Error) {
    // With stderr closed there is nowhere left to tell.
    let _ = write!(io::stderr(), "{}", describe(error));
}

/// The sentence, and below it, indented, what caused it.
fn describe(error: &anyhow::Error) -> String {
    let mut text = format!("error: {error}\n");
    for cause in error.chain().skip(1) {
        for line in cause.to_string().lines() {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_stand_below_the_error() {
        let error = anyhow::anyhow!("first\nsecond").context("the port is taken");
        assert_eq!(
            describe(&error),
            "error: the port is taken\n  first\n  second\n"
        );
    }
}
