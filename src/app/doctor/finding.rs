//! One line of the report.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// The site works; something about it is weaker than it should be.
    Warning,
    /// The site does not work, or its readers' or authors' data is at risk.
    Problem,
}

/// What was found, and what to do about it (empty where nothing is to be done).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    pub what: String,
    pub advice: String,
}

impl Finding {
    pub fn ok(what: impl Into<String>) -> Self {
        Finding {
            level: Level::Ok,
            what: what.into(),
            advice: String::new(),
        }
    }

    pub fn warning(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Finding {
            level: Level::Warning,
            what: what.into(),
            advice: advice.into(),
        }
    }

    pub fn problem(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Finding {
            level: Level::Problem,
            what: what.into(),
            advice: advice.into(),
        }
    }

    /// A problem told by an error whose text already says what to do, with its causes.
    pub fn error(what: &str, error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            // Some errors repeat their cause in their own text.
            if !text.contains(&inner.to_string()) {
                text.push_str(&format!(": {inner}"));
            }
            cause = inner.source();
        }
        Finding::problem(what, text)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Problem => "problem",
        };
        // One finding, one line: scripts count them.
        let what = self.what.replace('\n', " ");
        match self.advice.as_str() {
            "" => write!(f, "{word:<8} {what}"),
            advice => write!(f, "{word:<8} {what}  — {}", advice.replace('\n', " ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line() {
        assert_eq!(Finding::ok("the disk").to_string(), "ok       the disk");
        let problem = Finding::problem("no\ndisk", "buy\none");
        assert_eq!(problem.to_string(), "problem  no disk  — buy one");
    }

    #[test]
    fn errors_tell_their_causes_once() {
        let error = sqlx::Error::from(std::io::Error::other("gone"));
        let advice = Finding::error("x", &error).advice;
        assert_eq!(advice.matches("gone").count(), 1, "{advice}");
    }
}
