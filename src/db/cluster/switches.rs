//! What operators change of a node while it runs, each node by itself.

use std::fmt;
use std::str::FromStr;

/// The settings of `masthead serve` that a database obeys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// Nothing is written.
    pub read_only: bool,
    /// Which replicas public pages are read from.
    pub replica_reads: ReplicaReads,
}

/// Which replicas are read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplicaReads {
    /// Those that lag less than the limits.
    #[default]
    Normal,
    /// Those that lag less than twice the limits.
    Relaxed,
    /// All, however far they lag.
    Any,
    /// None: all reads go to the primary.
    Off,
}

impl ReplicaReads {
    pub(in crate::db) const ALL: [Self; 4] = [Self::Normal, Self::Relaxed, Self::Any, Self::Off];

    /// As in the setting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Relaxed => "relaxed",
            Self::Any => "any",
            Self::Off => "off",
        }
    }

    /// Reads [`ReplicaReads::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// For the process that reads settings for this one: `read_only=false replica_reads=normal`.
impl fmt::Display for Switches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (read_only, replica_reads) = (self.read_only, self.replica_reads.name());
        write!(f, "read_only={read_only} replica_reads={replica_reads}")
    }
}

#[derive(Debug, thiserror::Error)]
#[error("these are not the settings that can be reloaded")]
pub struct NotSwitches;

impl FromStr for Switches {
    type Err = NotSwitches;

    fn from_str(text: &str) -> Result<Self, NotSwitches> {
        let (read_only, replica_reads) = text.split_once(' ').ok_or(NotSwitches)?;
        let value = |text: &str, name| text.strip_prefix(name).map(str::to_owned);
        let read_only = value(read_only, "read_only=").and_then(|on| on.parse().ok());
        let mode = value(replica_reads, "replica_reads=");
        Ok(Switches {
            read_only: read_only.ok_or(NotSwitches)?,
            replica_reads: mode
                .and_then(|name| ReplicaReads::from_name(&name))
                .ok_or(NotSwitches)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_as_they_are_written() {
        for replica_reads in ReplicaReads::ALL {
            for read_only in [true, false] {
                let switches = Switches {
                    read_only,
                    replica_reads,
                };
                assert_eq!(
                    switches.to_string().parse::<Switches>().ok(),
                    Some(switches)
                );
            }
        }
        for text in [
            "",
            "read_only=true",
            "read_only=1 replica_reads=off",
            "read_only=true replica_reads=on",
        ] {
            assert!(text.parse::<Switches>().is_err(), "{text}");
        }
    }
}
