//! What the command line accepts: commands, their arguments, and the flags that are settings.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand};

use super::import_arguments::ImportCommand;
use crate::access::Role;
use crate::app::commands::DemoAction;
use crate::app::config::Flags;

const EXAMPLES: &str = "\
Examples:
  masthead serve                                  with a private database, on http://localhost:8080
  masthead serve --listen 0.0.0.0:80 --site-url https://blog.example.org
  masthead import markdown ./content --dry-run    what an import would do
  masthead config check                           every setting and where it comes from

Every setting can also stand in the environment (MASTHEAD_LISTEN, …) or in a TOML file (listen = …).
Flags win over the environment, the environment over the file.";

const USER_EXAMPLES: &str = "\
Example:
  printf '%s\\n' \"$PASSWORD\" |
    masthead user create ann --email ann@example.org --role owner --password-stdin";

/// A self-hosted platform where many people blog on one site.
#[derive(Debug, Parser)]
#[command(name = "masthead", version, about, after_help = EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) settings: SettingFlags,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct SettingFlags {
    /// Address to serve on; `localhost` means 127.0.0.1 and `[::1]` [default: localhost:8080]
    #[arg(long, global = true, value_name = "ADDR")]
    listen: Option<String>,
    /// Where the private database and the site's key are kept
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// Your own PostgreSQL instead of the private one; with a password, prefer MASTHEAD_DATABASE_URL
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Address of the site as readers type it
    #[arg(long, global = true, value_name = "URL")]
    site_url: Option<String>,
    /// Addresses or networks of proxies that say whose requests they pass on [default: this machine's, if readers come from
    /// elsewhere]
    #[arg(long, global = true, value_name = "LIST")]
    trusted_proxies: Option<String>,
    /// Settings file [default: masthead.toml in the working directory, if there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the site
    Serve,
    /// Do jobs without serving (with the setting jobs = "external")
    Worker,
    /// Bring the database up to this version, without serving
    Migrate,
    /// Look after the database itself
    #[command(subcommand)]
    Database(DatabaseCommand),
    /// Manage accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Bring in posts from elsewhere
    #[command(subcommand)]
    Import(ImportCommand),
    /// Look after background jobs
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Look for problems with the set-up and say how to solve them
    Doctor,
    /// Look at the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Run a primary and two replicas on this machine, with switches for their faults; for developers
    DevCluster {
        /// Where their data lie
        dir: PathBuf,
    },
    /// Load sample content into the site, or remove it again
    Demo {
        #[arg(value_enum)]
        action: DemoAction,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum DatabaseCommand {
    /// Go on with a database of another cluster (a restored dump, a new major version) or of an older timeline, which the
    /// site refuses because saves in the one that it was on would be lost; recorded in the audit log
    AcceptHistory,
    /// Put a dump that pg_dump made in the place of the private database, which is kept under another name
    Restore {
        /// The dump, in any form of pg_dump
        dump: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Create an account
    #[command(after_help = USER_EXAMPLES)]
    Create {
        /// Name of the account, as in its address /@NAME
        name: String,
        /// E-mail address
        #[arg(long, value_name = "ADDR")]
        email: String,
        /// What the account may do
        #[arg(long, value_parser = role_parser())]
        role: Role,
        /// Read the password from the first line of standard input (the only way, so that it shows in no process list)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// List the jobs that failed for good, oldest first, with the reason
    Failed,
    /// Let jobs that failed for good begin again
    #[command(group = ArgGroup::new("which").required(true).args(["id", "all"]))]
    Retry {
        /// The number that `masthead jobs failed` shows
        id: Option<i64>,
        /// All of them
        #[arg(long)]
        all: bool,
    },
    #[command(hide = true)]
    Dead(FormerArguments),
    #[command(hide = true)]
    Replay(FormerArguments),
}

/// Of a command that has another name now.
#[derive(Debug, Args)]
pub(super) struct FormerArguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _all: Vec<String>,
}

impl Command {
    /// The former and the present name, where it is called by the former.
    pub(super) fn renamed(&self) -> Option<(&str, &str)> {
        match self {
            Command::Jobs(JobsCommand::Dead(_)) => Some(("jobs dead", "jobs failed")),
            Command::Jobs(JobsCommand::Replay(_)) => Some(("jobs replay", "jobs retry")),
            _ => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Check all settings and print each with its origin; secrets are hidden
    Check,
    /// Print every setting with its default and its meaning, as docs/configuration.md has them
    Reference,
}

fn role_parser() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str))
        .try_map(|word| Role::parse(&word).ok_or("there is no such role"))
}

impl From<SettingFlags> for Flags {
    fn from(flags: SettingFlags) -> Self {
        Self {
            config: flags.config,
            listen: flags.listen,
            data_dir: flags.data_dir,
            database_url: flags.database_url,
            site_url: flags.site_url,
            trusted_proxies: flags.trusted_proxies,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        for line in [
            "masthead --listen [::1]:1 serve",
            "masthead serve --listen [::1]:1",
        ] {
            let flags = Flags::from(parse(line).unwrap().settings);
            assert_eq!(flags.listen.as_deref(), Some("[::1]:1"), "{line}");
        }
    }

    #[test]
    fn every_command_that_scripts_rely_on() {
        for line in [
            "masthead serve --listen localhost:1 --data-dir d --database-url u --site-url s --trusted-proxies p --config c",
            "masthead migrate",
            "masthead database accept-history",
            "masthead database restore site.dump",
            "masthead user create ann --email ann@example.org --role owner --password-stdin",
            "masthead import markdown content --dry-run",
            "masthead import markdown content --source my-blog --same-source --overwrite --expired=unlisted",
            "masthead worker",
            "masthead jobs failed",
            "masthead jobs retry 7",
            "masthead jobs retry --all",
            "masthead doctor",
            "masthead config check",
            "masthead config reference",
            "masthead dev-cluster DIR",
            "masthead demo load",
            "masthead demo remove",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn wrong_lines_name_what_is_wrong() {
        for (line, part) in [
            (
                "masthead user create ann --email a@b --role king --password-stdin",
                "moderator",
            ),
            (
                "masthead user create ann --email a@b --role owner",
                "--password-stdin",
            ),
            ("masthead import markdown", "<DIR>"),
            ("masthead import markdown content --source a/b", "digits"),
            (
                "masthead import markdown content --expired=public",
                "unlisted",
            ),
            ("masthead demo destroy", "load, remove"),
            ("masthead jobs retry", "--all"),
            ("masthead jobs retry 7 --all", "--all"),
            ("masthead serve --port 80", "--port"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.to_string().contains(part), "{line}: {error}");
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
