//! What `masthead config reference` prints: `docs/configuration.md`, made of the table of settings.

use std::fmt::Write;

use super::key::{DefaultValue, Key};
use super::keys;

const INTRODUCTION: &str = "\
# Settings

<!-- Made by `masthead config reference` from src/app/config/keys.rs: change that file, then run
     UPDATE=1 cargo test --test integration documents::the_reference_of_settings -->

A setting is read from its flag, else from the environment, else from the settings file, else its default counts. The
settings file is TOML (`listen = \"localhost:8080\"`): the one that `--config` or `MASTHEAD_CONFIG` names, else
`masthead.toml` in the working directory, if it is there. An empty variable counts as not set. A key that the file should
not have is refused; a variable `MASTHEAD_…` that is no setting is warned of. A name
that a setting had before is refused in both, and the present name is said.

`masthead config check` prints each setting with its value and the place that it came from; secrets are hidden. *Reloads*:
`masthead serve` reads the setting again at SIGHUP. All others count from the next start.

| Setting | Environment | Flag | Default | Accepted | Reloads | Meaning |
|---|---|---|---|---|---|---|
";

/// Markdown, one line a setting.
pub fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    for key in keys::ALL {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line(key));
    }
    text
}

fn line(key: &Key) -> String {
    let Key {
        name,
        variable,
        expected,
        meaning,
        ..
    } = key;
    let flag = key.flag.map_or(String::new(), |flag| format!("`{flag}`"));
    let default = match key.default {
        DefaultValue::Text("") => "none".to_owned(),
        DefaultValue::Text(text) => format!("`{text}`"),
        DefaultValue::Computed(how) => how.to_owned(),
        DefaultValue::Unset(instead) => format!("not set: {instead}"),
    };
    let reloads = if key.reloads { "yes" } else { "" };
    format!("| `{name}` | `{variable}` | {flag} | {default} | {expected} | {reloads} | {meaning} |")
}
