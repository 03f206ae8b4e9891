//! Flags over environment over file over defaults, with the place that each value came from.

use std::path::PathBuf;

use figment::{
    Figment, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::{
    error::ConfigError,
    file,
    key::{DefaultValue, Key},
    keys, renamed,
    report::{Origin, Report},
    surroundings::{Flags, Surroundings},
};

/// One place of settings. Values of flags and environment stay text, whatever they look like: a password may be
/// all digits.
struct Layer {
    name: &'static str,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

const FLAG: &str = "flag";
const ENVIRONMENT: &str = "environment";
const FILE: &str = "file";

/// The merged places. Each `take` checks one setting and notes it for the report.
pub(super) struct Layers {
    merged: Figment,
    file: Option<PathBuf>,
    report: Report,
    warnings: Vec<String>,
}

impl Layers {
    pub(super) fn read(flags: &Flags, surroundings: &Surroundings) -> Result<Self, ConfigError> {
        let variables = surroundings.own()?;
        renamed::refuse(
            variables.iter().map(|(name, _)| *name),
            |old| old.variable,
            |key| key.variable,
            |name| format!("the environment variable {name}"),
        )?;
        let file = file::find(flags, &variables, surroundings);
        let from_file = match &file {
            Some(path) => file::read(path)?,
            None => Dict::new(),
        };
        let (from_environment, warnings) = sort_variables(&variables);
        let merged = Figment::new()
            .merge(layer(FILE, from_file))
            .merge(layer(ENVIRONMENT, from_environment))
            .merge(layer(FLAG, given(flags)));
        Ok(Self {
            merged,
            report: Report::new(file.clone()),
            file,
            warnings,
        })
    }

    /// A setting whose default is a text of its key.
    pub(super) fn take<T>(
        &mut self,
        key: &'static Key,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let default = match key.default {
            DefaultValue::Text(text) => text,
            DefaultValue::Computed(_) | DefaultValue::Unset(_) => "",
        };
        self.take_or(key, || Ok(default.to_owned()), parse)
    }

    /// A setting whose default depends on the machine or on other settings.
    pub(super) fn take_or<T>(
        &mut self,
        key: &'static Key,
        default: impl FnOnce() -> Result<String, ConfigError>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let (origin, text) = match self.find(key)? {
            Some(found) => found,
            None => (Origin::Default, default()?),
        };
        let value = parse(&text).ok_or_else(|| refused(key, &origin, &text))?;
        self.report.add(key, text, origin);
        Ok(value)
    }

    pub(super) fn take_optional<T>(
        &mut self,
        key: &'static Key,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some((origin, text)) = self.find(key)? else {
            self.report.add_absent(key);
            return Ok(None);
        };
        let value = parse(&text).ok_or_else(|| wrong(key, &origin, &text))?;
        self.report.add(key, text, origin);
        Ok(Some(value))
    }

    pub(super) fn finish(self) -> (Report, Vec<String>) {
        (self.report, self.warnings)
    }

    fn find(&self, key: &'static Key) -> Result<Option<(Origin, String)>, ConfigError> {
        let Ok(value) = self.merged.find_value(key.name) else {
            return Ok(None);
        };
        let origin = self.origin(&value, key);
        let text = match &value {
            Value::Bool(_, on) if key.is_switch() => Some(on.to_string()),
            other => as_text(other),
        };
        match text {
            Some(text) => Ok(Some((origin, text))),
            None => Err(wrong(key, &origin, "neither a text nor a number")),
        }
    }

    fn origin(&self, value: &Value, key: &Key) -> Origin {
        match self
            .merged
            .get_metadata(value.tag())
            .map(|place| place.name.as_ref())
        {
            Some(FLAG) => Origin::Flag(key.flag.unwrap_or(key.name)),
            Some(ENVIRONMENT) => Origin::Variable(key.variable),
            _ => Origin::File(self.file.clone().unwrap_or_default()),
        }
    }
}

/// An unknown variable is no error: container platforms add some of their own (`MASTHEAD_PORT`, `MASTHEAD_SERVICE_HOST`).
fn sort_variables(variables: &[(&str, &str)]) -> (Dict, Vec<String>) {
    let mut values = Dict::new();
    let mut warnings = Vec::new();
    for (name, value) in variables {
        if let Some(key) = keys::ALL.iter().find(|key| key.variable == *name) {
            values.insert(key.name.to_owned(), Value::from(*value));
        } else if *name != keys::CONFIG_VARIABLE {
            warnings.push(format!(
                "the environment variable {name} is not a setting of Masthead and has no effect; the known ones are {}",
                keys::ALL.map(|known| known.variable).join(", ")
            ));
        }
    }
    (values, warnings)
}

fn given(flags: &Flags) -> Dict {
    [
        (&keys::LISTEN, &flags.listen),
        (&keys::DATA_DIR, &flags.data_dir),
        (&keys::DATABASE_URL, &flags.database_url),
        (&keys::SITE_URL, &flags.site_url),
        (&keys::TRUSTED_PROXIES, &flags.trusted_proxies),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key.name.to_owned(), Value::from(value.as_deref()?))))
    .collect()
}

fn layer(name: &'static str, values: Dict) -> Layer {
    Layer { name, values }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Num(_, number) => Some(number.to_i128()?.to_string()),
        Value::Array(_, items) => {
            let items: Option<Vec<String>> = items.iter().map(as_text).collect();
            Some(items?.join(", "))
        }
        _ => None,
    }
}

fn refused(key: &Key, origin: &Origin, text: &str) -> ConfigError {
    match key.renamed_values.iter().find(|(old, _)| *old == text) {
        Some((_, now)) => ConfigError::RenamedValue {
            place: origin.place_of(key.name),
            value: text.to_owned(),
            now,
        },
        None => wrong(key, origin, text),
    }
}

fn wrong(key: &Key, origin: &Origin, text: &str) -> ConfigError {
    ConfigError::Value {
        place: origin.place_of(key.name),
        value: if key.secret {
            "a text that is hidden here".to_owned()
        } else {
            format!("`{text}`")
        },
        expected: key.expected,
    }
}
