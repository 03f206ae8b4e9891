//! The command line: `masthead --help` is its manual. Each command is one function elsewhere; this file only reads
//! arguments and settings, and says what went wrong.
//!
//! Exit codes, for scripts: 0 done, 1 failed, 2 wrong arguments or settings.

use std::{
    io::{self, BufRead, IsTerminal, Read, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use clap::{
    ArgGroup, Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser,
    builder::TypedValueParser,
};
use secrecy::SecretString;

use crate::{
    access::Role,
    app::{
        accept_history,
        commands::{self, DemoAction, NewUser},
        config::{self, Flags, Loaded, Settings, Surroundings},
        dev_cluster, doctor, reload_config, restore, server, telemetry, worker,
    },
    features::transfer,
};

/// Far above any password that sign-in accepts, and small enough for a pipe gone wrong.
const MAX_PASSWORD_BYTES: u64 = 16 * 1024;

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

const IMPORT_EXAMPLES: &str = "\
Examples:
  masthead import markdown ./content --dry-run
  masthead import markdown ./content              may be repeated: what changed in the folder is updated

What was changed on the site since the last import stays, and so does what was unpublished here. What the old
site would not have shown (drafts, future dates, private, hidden or expired posts) is not public here either.";

/// A self-hosted platform where many people blog on one site.
#[derive(Debug, Parser)]
#[command(name = "masthead", version, about, after_help = EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: SettingFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
struct SettingFlags {
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
enum Command {
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
enum DatabaseCommand {
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
enum UserCommand {
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
enum ImportCommand {
    /// Import a directory of Markdown files with Hugo, Zola or Jekyll front matter
    #[command(after_help = IMPORT_EXAMPLES)]
    Markdown {
        /// The directory that holds the posts
        dir: PathBuf,
        #[command(flatten)]
        how: ImportFlags,
    },
}

#[derive(Debug, Args)]
struct ImportFlags {
    /// Report what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Name of the blog, under which it is found again [default: the path of the directory stands for it]
    #[arg(long, value_name = "NAME", value_parser = source_name)]
    source: Option<String>,
    /// The directory is the blog that was imported under that name or path, although it was moved or renamed
    #[arg(long)]
    same_source: bool,
    /// Also overwrite what was changed on the site since the last import; publishes nothing that was unpublished here
    #[arg(long)]
    overwrite: bool,
    /// What becomes of posts past their expiry date
    #[arg(long, value_enum, default_value_t = ExpiredPosts::Draft, value_name = "WHAT")]
    expired: ExpiredPosts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExpiredPosts {
    /// Import them as if they had not expired
    Keep,
    /// Public only to those who know the address
    Unlisted,
    /// Import them as drafts
    Draft,
}

impl From<ImportFlags> for transfer::Options {
    fn from(flags: ImportFlags) -> Self {
        let on_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
        Self {
            dry_run: flags.dry_run,
            overwrite: flags.overwrite,
            source: flags.source,
            same_source: flags.same_source,
            expired: match flags.expired {
                ExpiredPosts::Keep => transfer::Expired::Keep,
                ExpiredPosts::Unlisted => transfer::Expired::Unlisted,
                ExpiredPosts::Draft => transfer::Expired::Draft,
            },
            ask: on_terminal.then_some(ask),
        }
    }
}

/// Anything but a clear yes is a no.
fn ask(question: &str) -> bool {
    let mut answer = String::new();
    eprint!("{question} [y/N] ");
    io::stdin().lock().take(100).read_line(&mut answer).is_ok()
        && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// No slash and no colon: they divide import keys.
fn source_name(text: &str) -> Result<String, String> {
    let fits = (1..=80).contains(&text.chars().count())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.".contains(c));
    fits.then(|| text.to_owned())
        .ok_or_else(|| "1 to 80 letters, digits, “-”, “_” or “.”".to_owned())
}

#[derive(Debug, Subcommand)]
enum JobsCommand {
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
struct FormerArguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _all: Vec<String>,
}

impl Command {
    /// The former and the present name, where it is called by the former.
    fn renamed(&self) -> Option<(&str, &str)> {
        match self {
            Command::Jobs(JobsCommand::Dead(_)) => Some(("jobs dead", "jobs failed")),
            Command::Jobs(JobsCommand::Replay(_)) => Some(("jobs replay", "jobs retry")),
            _ => None,
        }
    }
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check all settings and print each with its origin; secrets are hidden
    Check,
    /// Print every setting with its default and its meaning, as docs/configuration.md has them
    Reference,
}

/// Runs the command of this process's arguments. Must be called on the main thread, outside any async runtime:
/// the private database ends with the thread that started it.
pub fn run() -> ExitCode {
    let Cli { settings, command } = Cli::parse();
    if let Some((former, present)) = command.renamed() {
        print_error(&anyhow::anyhow!(
            "`masthead {former}` is called `masthead {present}` now"
        ));
        return ExitCode::from(2);
    }
    let (flags, surroundings) = (Flags::from(settings), Surroundings::of_this_process());
    let loaded = match config::load(&flags, &surroundings) {
        Ok(loaded) => loaded,
        Err(error) => {
            print_error(&error.into());
            return ExitCode::from(2);
        }
    };
    let load = move || config::load(&flags, &surroundings);
    if std::env::args_os()
        .next()
        .is_some_and(|name| name == reload_config::PROGRAM)
    {
        return if reload_config::answer(load).is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    let done = dispatch(command, loaded, load);
    telemetry::finish();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// `load` reads the settings again.
fn dispatch(
    command: Command,
    loaded: Loaded,
    load: impl Fn() -> Result<Loaded, config::ConfigError> + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let settings: Settings = loaded.settings;
    match command {
        Command::Serve => server::serve(settings, load),
        Command::Worker => worker::run(settings),
        Command::Migrate => commands::migrate(settings),
        Command::Database(DatabaseCommand::AcceptHistory) => accept_history::run(settings),
        Command::Database(DatabaseCommand::Restore { dump }) => restore::run(settings, &dump),
        Command::User(UserCommand::Create {
            name, email, role, ..
        }) => {
            let password = read_password(io::stdin().lock())?;
            let user = NewUser {
                name,
                email,
                role,
                password,
            };
            commands::user_create(settings, user)
        }
        Command::Import(ImportCommand::Markdown { dir, how }) => {
            commands::import_markdown(settings, &dir, &how.into())
        }
        Command::Jobs(JobsCommand::Failed) => commands::jobs_failed(settings),
        Command::Jobs(JobsCommand::Retry { id, .. }) => commands::jobs_retry(settings, id),
        // Answered before the settings were read.
        Command::Jobs(JobsCommand::Dead(_) | JobsCommand::Replay(_)) => Ok(()),
        Command::Doctor => doctor::run(settings),
        Command::Config(ConfigCommand::Check) => print(&format!("{}\n", loaded.report)),
        Command::Config(ConfigCommand::Reference) => print(&config::reference()),
        Command::DevCluster { dir } => dev_cluster::run(&settings, &dir),
        Command::Demo { action } => commands::demo(settings, action),
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    match write!(io::stdout(), "{text}") {
        // The reader has seen enough, as with `| head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("the settings could not be printed"),
    }
}

fn read_password(input: impl BufRead) -> anyhow::Result<SecretString> {
    let mut line = String::new();
    input
        .take(MAX_PASSWORD_BYTES)
        .read_line(&mut line)
        .context(
            "the password could not be read from standard input; give it as one line of UTF-8 text",
        )?;
    // Only the line's end: blanks belong to the password.
    let password = line.strip_suffix('\n').unwrap_or(&line);
    let password = password.strip_suffix('\r').unwrap_or(password);
    anyhow::ensure!(
        !password.is_empty(),
        "standard input held no password; give it as the first line"
    );
    Ok(SecretString::from(password))
}

fn role_parser() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str))
        .map(|word| Role::parse(&word).expect("only the words of Role::ALL are possible"))
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

fn print_error(error: &anyhow::Error) {
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
    use clap::CommandFactory;
    use secrecy::ExposeSecret;

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

    #[test]
    fn the_password_is_the_first_line() {
        let read = |input: &str| {
            read_password(input.as_bytes()).map(|password| password.expose_secret().to_owned())
        };
        assert_eq!(
            read(" blanks stay \r\nsecond line\n").unwrap(),
            " blanks stay "
        );
        assert_eq!(read("no line end").unwrap(), "no line end");
        for none in ["", "\n", "\r\n"] {
            assert!(read(none).unwrap_err().to_string().contains("no password"));
        }
        assert!(read_password(&[0xff, b'\n'][..]).is_err());
    }

    #[test]
    fn causes_stand_below_the_error() {
        let error = anyhow::anyhow!("first\nsecond").context("the port is taken");
        assert_eq!(
            describe(&error),
            "error: the port is taken\n  first\n  second\n"
        );
    }
}
