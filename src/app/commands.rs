//! What the operator's commands do. Each goes through the verbs that the pages use.

use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;

use super::build_state::{build_pools, build_state};
use super::config::Settings;
use super::database::{with_database, with_shared_database};
use super::telemetry;
use crate::access::{Actor, Role};
use crate::db::{Db, notify_peers_now};
use crate::features::accounts::new_account::NewAccount;
use crate::features::accounts::{create, new_account};
use crate::features::setup::retry_jobs::retry_jobs;
use crate::features::site::{SignUp, SignUpRole};
use crate::features::{demo, site, transfer};
use crate::jobs::{self, DeadLetter};
use crate::web::FormErrors;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DemoAction {
    /// Add the sample authors, posts and comments
    Load,
    /// Remove what `load` added
    Remove,
}

/// An account to be created, as typed: nothing is checked yet but the role.
#[derive(Debug)]
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub password: SecretString,
}

/// `masthead migrate`
pub fn migrate(settings: Settings) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    with_database(&settings, async |_, _| Ok(()))?;
    eprintln!("The database is up to date.");
    Ok(())
}

/// `masthead user create`: also makes the owner of an empty site.
pub fn user_create(settings: Settings, user: NewUser) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    let account = parse(&user)?;
    with_shared_database(&settings, async |database, settings| {
        let app = build_state(database, settings)?;
        let hash = new_account::hash(&build_pools(settings)?.hasher, &account).await?;
        insert(&app.db, &account, &hash, user.role).await?;
        notify_peers_now(&app.db).await?;
        eprintln!(
            "Created {} ({}).",
            account.username.as_str(),
            user.role.as_str()
        );
        Ok(())
    })
}

async fn insert(db: &Db, account: &NewAccount, hash: &str, role: Role) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let actor = command_actor();
    tx.belongs_to(&actor);
    create::insert(&mut tx, account, hash, role, &actor).await?;
    if role == Role::Owner {
        // An owner made here is the owner that the set-up page would ask for.
        let name = site::load(&mut tx).await?.name;
        site::claim_set_up(&mut tx, &name, SignUp::Invite, SignUpRole::Reader).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn parse(user: &NewUser) -> anyhow::Result<new_account::NewAccount> {
    let mut faults = FormErrors::default();
    let typed = new_account::Typed {
        username: &user.name,
        email: &user.email,
        name: "",
        password: &user.password,
    };
    new_account::parse_here(&mut faults, &typed).ok_or_else(|| {
        let list: Vec<String> = faults
            .iter()
            .map(|(field, fault)| format!("{field}: {fault}"))
            .collect();
        anyhow::anyhow!("the account was not created\n{}", list.join("\n"))
    })
}

/// `masthead import markdown`
pub fn import_markdown(
    settings: Settings,
    dir: &Path,
    options: &transfer::Options,
) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    use_small_pages();
    with_shared_database(&settings, async |database: PgConnectOptions, settings| {
        let app = build_state(database, settings)?;
        let failed = transfer::import_markdown(&app.db, dir, options, &command_actor()).await?;
        notify_peers_now(&app.db).await?;
        // The others are in; a script has to learn that these are not.
        let documents = if failed == 1 { "document" } else { "documents" };
        anyhow::ensure!(
            failed == 0,
            "{failed} {documents} failed, for the reasons above; the others are dealt with."
        );
        Ok(())
    })
}

/// An import makes and drops texts of all sizes on several threads. With huge pages the allocator holds half as much memory
/// again (150 MB instead of 100 for 750 texts with code), and the kernel clears more than is ever used. Where it cannot be, the
/// import only takes more.
fn use_small_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// `masthead demo load|remove`
pub fn demo(settings: Settings, action: DemoAction) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    with_shared_database(&settings, async |database, settings| {
        let app = build_state(database, settings)?;
        let (word, count) = match action {
            DemoAction::Load => ("Loaded", demo::load(&app.db, &command_actor()).await?),
            DemoAction::Remove => ("Removed", demo::remove(&app.db, &command_actor()).await?),
        };
        notify_peers_now(&app.db).await?;
        eprintln!("{word} {} texts and {} people.", count.texts, count.people);
        Ok(())
    })
}

/// `masthead jobs failed`
pub fn jobs_failed(settings: Settings) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    with_shared_database(&settings, async |database, settings| {
        let app = build_state(database, settings)?;
        let letters = jobs::failed(&mut *app.db.fresh().await?).await?;
        let list: String = letters.iter().map(line).collect();
        match io::stdout().write_all(list.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            result => result?,
        }
        if letters.is_empty() {
            eprintln!("No job has failed for good.");
        }
        Ok(())
    })
}

/// A dead letter is one line, however its error looks.
fn line(letter: &DeadLetter) -> String {
    let DeadLetter {
        id,
        kind,
        attempts,
        created_at,
        error,
        correlation_id,
    } = letter;
    let since = created_at.format("%Y-%m-%d %H:%M:%SZ");
    let caused_by = correlation_id
        .map(|id| format!(" (correlation id {id})"))
        .unwrap_or_default();
    format!(
        "{id}  {kind}  of {since}, {attempts} attempts: {}{caused_by}\n",
        error.replace('\n', " ")
    )
}

/// `masthead jobs retry`: one, or all where none is named.
pub fn jobs_retry(settings: Settings, id: Option<i64>) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    with_shared_database(&settings, async |database, settings| {
        let app = build_state(database, settings)?;
        let count = retry_jobs(&app.db, &command_actor(), id).await?;
        if let (Some(id), 0) = (id, count) {
            anyhow::bail!(
                "no job that failed for good has the number {id}; see `masthead jobs failed`"
            );
        }
        eprintln!("{count} jobs begin again.");
        Ok(())
    })
}

/// The operator acts, not an account.
pub(super) fn command_actor() -> Actor {
    Actor::command("command line")
}
