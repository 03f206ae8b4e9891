//! Which handler does which job, and what the clock asks for: the jobs of all features, registered in one place.

use std::io::{self, Write};
use std::time::Duration;

use actix_web::web;
use anyhow::Context;
use sqlx::postgres::PgConnectOptions;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::build_state::build_state;
use super::config::Settings;
use super::database::with_shared_database;
use super::telemetry;
use crate::cache::PruneInvalidations;
use crate::db::{self, Db};
use crate::features::accounts::jobs::{PruneSessions, prune_sessions};
use crate::features::comments::jobs::{PruneRevisions, prune_revisions};
use crate::features::posts::jobs::{
    DeleteOld, NameTags, NoteMissedPublications, delete_old, keep_tags, note_missed_publications,
    note_planned,
};
use crate::features::posts::note_publication::NotePublication;
use crate::features::reading::jobs::{OfferPosts, RelatePosts, offer_posts, relate_posts};
use crate::features::rerender::job::{self as rerender, RenderAgain};
use crate::features::rerender::stale_typography;
use crate::features::site::StaleTypography;
use crate::jobs::{Handlers, PurgeCdn, Scheduled, Worker};
use crate::state::AppState;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// `masthead worker`: jobs and schedule without serving, until a signal ends it.
pub fn run(settings: Settings) -> anyhow::Result<()> {
    telemetry::start(&settings);
    with_shared_database(&settings, async |database, settings| {
        let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
        let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
        let app = build_state(database, settings)?;
        let looks = db::watch(&app.db);
        let worker = PrimaryFollowingWorker::start(app.clone());
        let _ = writeln!(io::stderr(), "Masthead is doing jobs.");
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        worker.stop().await;
        looks.iter().for_each(JoinHandle::abort);
        app.db.close().await;
        Ok(())
    })
}

/// Begins to do jobs in this process.
pub fn start(app: &AppState, database: &PgConnectOptions) -> Worker {
    Worker::start(database, app.db.enqueued(), handlers(app), schedule())
}

/// Jobs on the primary, whichever server that is, and on no other.
pub struct PrimaryFollowingWorker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl PrimaryFollowingWorker {
    pub fn start(app: web::Data<AppState>) -> PrimaryFollowingWorker {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(follow(app, stopped));
        PrimaryFollowingWorker { stop, task }
    }

    /// As [`Worker::stop`].
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.task.await;
    }
}

async fn follow(app: web::Data<AppState>, mut stopped: watch::Receiver<bool>) {
    loop {
        let on = tokio::select! {
            on = app.db.primary_found() => on,
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        let worker = start(&app, &on);
        ask_for_rendering(&app.db).await;
        let ends = tokio::select! {
            () = app.db.primary_lost(&on) => false,
            _ = stopped.wait_for(|stop| *stop) => true,
        };
        worker.stop().await;
        if ends {
            return;
        }
    }
}

async fn ask_for_rendering(db: &Db) {
    if let Err(error) = rerender::ask(db).await {
        tracing::warn!(
            error = format!("{:#}", anyhow::Error::from(error)),
            "texts of older versions wait for the next hour"
        );
    }
}

fn handlers(app: &AppState) -> Handlers {
    let (sessions, revisions, invalidations, cdn) = (
        app.db.clone(),
        app.db.clone(),
        app.db.clone(),
        app.cdn.clone(),
    );
    let (tags, texts) = (app.db.clone(), app.db.clone());
    let (planned, missed, old) = (app.db.clone(), app.db.clone(), app.db.clone());
    let (related, offered, styles) = (app.db.clone(), app.db.clone(), app.db.clone());
    Handlers::measured(app.job_metrics.clone())
        .on(move |_: PruneSessions| {
            let db = sessions.clone();
            async move { Ok(prune_sessions(&db).await?) }
        })
        .on(move |_: PruneRevisions| {
            let db = revisions.clone();
            async move { Ok(prune_revisions(&db).await?) }
        })
        .on(move |_: NameTags| {
            let db = tags.clone();
            async move { Ok(keep_tags(&db).await?) }
        })
        .on(move |job: NotePublication| {
            let db = planned.clone();
            async move { Ok(note_planned(&db, job).await?) }
        })
        .on(move |_: DeleteOld| {
            let db = old.clone();
            async move { Ok(delete_old(&db).await?) }
        })
        .on(move |_: NoteMissedPublications| {
            let db = missed.clone();
            async move { Ok(note_missed_publications(&db).await?) }
        })
        .on(move |_: RelatePosts| {
            let db = related.clone();
            async move { Ok(relate_posts(&db).await?) }
        })
        .on(move |_: OfferPosts| {
            let db = offered.clone();
            async move { Ok(offer_posts(&db).await?) }
        })
        .on(move |render: RenderAgain| {
            let db = texts.clone();
            async move { rerender::run(&db, render).await }
        })
        .on(move |job: StaleTypography| {
            let db = styles.clone();
            async move { stale_typography::run(&db, job).await }
        })
        .on(move |prune: PruneInvalidations| {
            let db = invalidations.clone();
            async move { prune.run(&db).await }
        })
        .on(move |purge: PurgeCdn| {
            let cdn = cdn.clone();
            async move { Ok(cdn.purge(&purge.tags, purge.hard).await?) }
        })
}

fn schedule() -> Vec<Scheduled> {
    vec![
        Scheduled::every(HOUR, PruneSessions {}),
        Scheduled::every(HOUR, PruneRevisions {}),
        Scheduled::every(HOUR, NameTags {}),
        Scheduled::every(DAY, DeleteOld {}),
        Scheduled::every(MINUTE, NoteMissedPublications {}),
        Scheduled::every(TEN_MINUTES, RelatePosts {}),
        Scheduled::every(TEN_MINUTES, OfferPosts {}),
        Scheduled::every(HOUR, RenderAgain::ALL),
        Scheduled::every(HOUR, PruneInvalidations {}),
    ]
}
