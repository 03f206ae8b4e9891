//! `masthead dev-cluster`: a primary and two replicas on this machine, to see what a site does when they fail. Each line
//! typed is one switch.

use std::io::{self, BufRead, Write};
use std::path::Path;

use actix_web::rt::SystemRunner;
use anyhow::{Context, bail};

use super::config::Settings;
use crate::db::embedded::{Durability, PRIMARY, Replicated, Role};
use crate::db::migrate;

const HELP: &str = "\
lag N MS     server N applies changes MS milliseconds late (0: at once)
pause N      it receives and applies nothing        resume N
freeze N     it stands still, connections stay open   thaw N
kill N       kill -9                                start N
promote N    it becomes the primary                 follow N M   N follows M
status       what runs                              quit         all end";

/// Runs the servers until `quit` or the end of the input. Their data lie below `dir` and are used again.
pub fn run(settings: &Settings, dir: &Path) -> anyhow::Result<()> {
    let dir = std::path::absolute(dir).context("the directory has no absolute path")?;
    let mut cluster = Replicated::start(
        &dir,
        settings.postgres_bin_dir.clone(),
        Durability::Durable,
        2,
    )?;
    let runtime = actix_web::rt::System::new();
    let app_role = Role::App.name();
    runtime.block_on(migrate::run(
        &cluster.connect_options(PRIMARY, Role::Owner),
        app_role,
    ))?;
    runtime.block_on(cluster.show_replication_to_app_role())?;
    introduce(&cluster)?;
    obey(&mut cluster, &runtime)
}

/// Each line of the input is a switch.
fn obey(cluster: &mut Replicated, runtime: &SystemRunner) -> anyhow::Result<()> {
    for line in io::stdin().lock().lines() {
        let line = line.context("standard input cannot be read")?;
        let words: Vec<&str> = line.split_whitespace().collect();
        if words == ["quit"] {
            break;
        }
        match runtime.block_on(switch(cluster, &words)) {
            Ok(()) => say("ok"),
            Err(error) => say(&format!("{error:#}")),
        }?;
    }
    Ok(())
}

fn introduce(cluster: &Replicated) -> anyhow::Result<()> {
    let replicas: Vec<String> = (1..cluster.len())
        .map(|number| cluster.url(number, Role::App))
        .collect();
    say(&format!(
        "Server 0 is the primary, 1 and 2 are its replicas. In another terminal:\n\n\
         export MASTHEAD_DATABASE_URL='{}'\n\
         export MASTHEAD_MIGRATION_DATABASE_URL='{}'\n\
         export MASTHEAD_DATABASE_REPLICAS='{}'\n\
         masthead serve\n\n{HELP}",
        cluster.url(PRIMARY, Role::App),
        cluster.url(PRIMARY, Role::Owner),
        replicas.join(","),
    ))
}

async fn switch(cluster: &mut Replicated, words: &[&str]) -> anyhow::Result<()> {
    let number = |word: &str| match word.parse() {
        Ok(number) if number < cluster.len() => Ok(number),
        _ => bail!("there is no server {word}"),
    };
    match words {
        [] => {}
        ["lag", n, ms] => {
            cluster
                .lag(number(n)?, ms.parse().context("milliseconds are a number")?)
                .await?
        }
        ["pause", n] => cluster.pause(number(n)?).await?,
        ["resume", n] => cluster.resume(number(n)?).await?,
        ["freeze", n] => cluster.freeze(number(n)?),
        ["thaw", n] => cluster.thaw(number(n)?),
        ["promote", n] => cluster.promote(number(n)?).await?,
        ["follow", n, m] => cluster.follow(number(n)?, number(m)?).await?,
        ["kill", n] => {
            let number = number(n)?;
            cluster.kill(number);
        }
        ["start", n] => {
            let number = number(n)?;
            cluster.start_again(number)?;
        }
        ["status"] => {
            for number in 0..cluster.len() {
                say(&format!(
                    "server {number}: {}",
                    if cluster.is_up(number) { "up" } else { "down" }
                ))?;
            }
        }
        _ => bail!("unknown; the switches are\n{HELP}"),
    }
    Ok(())
}

fn say(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{text}").context("nobody reads the output")
}
