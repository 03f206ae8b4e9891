//! A settings file of a generator.

use std::{fs, io::Read as _, path::Path};

use super::file_name;
use super::generator::Generator;
use super::notation::FRONT_MATTER_LIMIT;
use super::value::Table;
use crate::import::notation;

/// Settings files of the generators, the surest first.
pub(super) const FILES: [&str; 13] = [
    "zola.toml",
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "_config.yml",
    "_config.yaml",
    "_config.toml",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config/_default/hugo.toml",
    "config/_default/config.toml",
];

/// A settings file that was found. One that cannot be read is known by its name, and its settings are empty.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) name: &'static str,
    pub(super) fields: Table,
    pub(super) unreadable: Option<String>,
}

pub(super) fn load(dir: &Path, name: &'static str) -> Config {
    let read = read(&dir.join(name), &file_name::extension(name));
    match read {
        Ok(fields) => Config {
            name,
            fields,
            unreadable: None,
        },
        Err(why) => Config {
            name,
            unreadable: Some(format!(
                "{} cannot be read: {why}",
                dir.join(name).display()
            )),
            ..Config::default()
        },
    }
}

fn read(path: &Path, extension: &str) -> Result<Table, String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(FRONT_MATTER_LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() > FRONT_MATTER_LIMIT {
        return Err(format!("it is larger than {FRONT_MATTER_LIMIT} bytes"));
    }
    notation::parse_data(&String::from_utf8_lossy(&bytes), extension).map_err(|fault| {
        fault.line.map_or(fault.message.clone(), |line| {
            format!("line {line}: {}", fault.message)
        })
    })
}

/// The generator of settings that belong to one alone. Jekyll and Hexo name theirs alike.
pub(super) fn by_name(config: &Config) -> Option<Generator> {
    if config.name.starts_with("zola") {
        Some(Generator::Zola)
    } else if config.name.contains("hugo") {
        Some(Generator::Hugo)
    } else if config.fields.get("base_url").is_some() {
        Some(Generator::Zola)
    } else if config.fields.get("baseURL").is_some() || config.fields.table("permalinks").is_some()
    {
        Some(Generator::Hugo)
    } else {
        None
    }
}
