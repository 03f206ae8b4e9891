//! What a process is given from outside: its flags, environment, user and working directory.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use super::{error::ConfigError, keys};

/// What the command line gave.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<String>,
    pub listen: Option<String>,
    pub data_dir: Option<String>,
    pub database_url: Option<String>,
    pub site_url: Option<String>,
    pub trusted_proxies: Option<String>,
}

/// What the process finds around itself, as a value so that tests need not change their own environment.
#[derive(Clone, Debug)]
pub struct Surroundings {
    pub variables: BTreeMap<OsString, OsString>,
    pub is_root: bool,
    pub current_dir: PathBuf,
}

impl Surroundings {
    pub fn of_this_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            is_root: rustix::process::geteuid().is_root(),
            // Relative paths stay relative where the working directory has been removed.
            current_dir: std::env::current_dir().unwrap_or_default(),
        }
    }

    pub(super) fn default_data_dir(&self) -> Result<String, ConfigError> {
        if self.is_root {
            return Ok("/var/lib/masthead".to_owned());
        }
        // The XDG specification says to ignore relative paths.
        let absolute = |variable: &str| {
            let path = PathBuf::from(self.variables.get(&OsString::from(variable))?);
            path.is_absolute().then_some(path)
        };
        absolute("XDG_DATA_HOME")
            .or_else(|| Some(absolute("HOME")?.join(".local/share")))
            .and_then(|parent| parent.join("masthead").into_os_string().into_string().ok())
            .ok_or(ConfigError::NoDataDir)
    }

    pub(super) fn absolute(&self, path: PathBuf) -> PathBuf {
        self.current_dir.join(path)
    }

    /// The variables of Masthead that have a value; an empty one counts as not set, as compose files leave them.
    pub(super) fn own(&self) -> Result<Vec<(&str, &str)>, ConfigError> {
        let mut own = Vec::new();
        for (name, value) in &self.variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with(keys::PREFIX)) else {
                continue;
            };
            let value = value.to_str().ok_or_else(|| ConfigError::NotUtf8 {
                variable: name.to_owned(),
            })?;
            if !value.is_empty() {
                own.push((name, value));
            }
        }
        Ok(own)
    }
}
