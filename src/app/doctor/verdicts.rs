//! What the answers of a database mean for an operator.

use std::time::Duration;

use super::Finding;
use crate::db::diagnostics::{Migrations, Rights, Staff};
use crate::jobs::Health;

/// A job is taken within a second of its time, or within a few minutes of a day's rush.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

pub(super) fn judge_rights(rights: &Rights) -> Vec<Finding> {
    let name = &rights.name;
    if rights.superuser {
        return vec![Finding::problem(
            format!(
                "the serving role `{name}` is a superuser: a hole in the site would be a hole in the whole server"
            ),
            "serve as a role with login and nothing else; docs/operating.md, \"Your own PostgreSQL\", has the SQL",
        )];
    }
    let mut found = Vec::new();
    if rights.creates {
        found.push(Finding::warning(
            format!("the serving role `{name}` may create databases or roles"),
            format!("alter role {name} nocreatedb nocreaterole"),
        ));
    }
    if rights.owns_tables {
        found.push(Finding::warning(
            format!("the role `{name}` serves and owns the tables: it can change the schema and the audit log"),
            "give migrations a role of their own (MASTHEAD_MIGRATION_DATABASE_URL)",
        ));
    } else if rights.rewrites_audit_log {
        found.push(Finding::problem(
            format!("the serving role `{name}` can change the audit log"),
            "run `masthead migrate`, which takes that right away; if it comes back, look who grants it",
        ));
    }
    if found.is_empty() {
        found.push(Finding::ok(format!(
            "the serving role `{name}` owns nothing and cannot change the audit log"
        )));
    }
    found
}

pub(super) fn judge_migrations(migrations: &Migrations) -> Finding {
    if !migrations.unknown.is_empty() {
        return Finding::problem(
            format!(
                "the database was migrated by a newer Masthead ({} is unknown here)",
                list(&migrations.unknown)
            ),
            "start that version or a newer one",
        );
    }
    if !migrations.changed.is_empty() {
        return Finding::problem(
            format!(
                "migrations were applied with another text than this version has: {}",
                list(&migrations.changed)
            ),
            "start the version that made this database",
        );
    }
    judge_waiting(migrations)
}

fn list(versions: &[i64]) -> String {
    versions
        .iter()
        .map(i64::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn judge_waiting(migrations: &Migrations) -> Finding {
    match migrations.waiting.len() {
        0 => Finding::ok(format!("all {} migrations are applied", migrations.applied)),
        waiting => Finding::warning(
            format!("{waiting} migrations are not applied yet"),
            "run `masthead migrate`; the next `masthead serve` does it too",
        ),
    }
}

pub(super) fn judge_staff(staff: Staff, origin: &str) -> Finding {
    match (staff.set_up, staff.owners) {
        (false, _) => Finding::warning(
            "the site is not set up: it has no owner yet",
            format!(
                "open {origin}/setup with the code that `masthead serve` prints at its start, or run `masthead user create NAME --email ADDR --role owner --password-stdin`"
            ),
        ),
        (true, 0) => Finding::problem(
            "the site has no owner who can sign in",
            "run `masthead user create NAME --email ADDR --role owner --password-stdin`",
        ),
        (true, 1) => Finding::ok("the site is set up and has 1 owner"),
        (true, owners) => Finding::ok(format!("the site is set up and has {owners} owners")),
    }
}

pub(super) fn judge_jobs(health: Option<Health>) -> Finding {
    let Some(Health {
        failed,
        oldest_runnable,
    }) = health
    else {
        return Finding::warning(
            "the table of jobs is not there yet",
            "run `masthead migrate`; the next `masthead serve` does it too",
        );
    };
    judge_waits_and_failures(oldest_runnable.unwrap_or_default(), failed)
}

fn judge_waits_and_failures(waited: Duration, failed: i64) -> Finding {
    let seconds = waited.as_secs();
    if waited > LONGEST_WAIT {
        return Finding::warning(
            format!("the oldest job has waited for {seconds} s, and {failed} failed for good"),
            "let `masthead serve` run, or `masthead worker` where the setting `jobs` is `external`",
        );
    }
    if failed > 0 {
        return Finding::warning(
            format!("{failed} jobs failed for good"),
            "see why with `masthead jobs failed`, then `masthead jobs retry --all`",
        );
    }
    Finding::ok(format!(
        "no job failed for good, the oldest has waited for {seconds} s"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn rights() {
        let levels = |rights: Rights| {
            judge_rights(&rights)
                .iter()
                .map(|f| f.level)
                .collect::<Vec<_>>()
        };
        let none = Rights::default();
        assert_eq!(levels(none.clone()), [Level::Ok]);
        assert_eq!(
            levels(Rights {
                rewrites_audit_log: true,
                ..none.clone()
            }),
            [Level::Problem]
        );
        let owner = Rights {
            owns_tables: true,
            rewrites_audit_log: true,
            ..none.clone()
        };
        assert_eq!(levels(owner.clone()), [Level::Warning]);
        assert_eq!(
            levels(Rights {
                superuser: true,
                ..owner
            }),
            [Level::Problem]
        );
        assert_eq!(
            levels(Rights {
                creates: true,
                ..none
            }),
            [Level::Warning]
        );
    }

    #[test]
    fn migrations() {
        let applied = Migrations {
            applied: 4,
            ..Migrations::default()
        };
        assert_eq!(judge_migrations(&applied).level, Level::Ok);
        assert_eq!(
            judge_migrations(&Migrations {
                waiting: vec![5],
                ..applied.clone()
            })
            .level,
            Level::Warning
        );
        assert_eq!(
            judge_migrations(&Migrations {
                changed: vec![4],
                ..applied.clone()
            })
            .level,
            Level::Problem
        );
        assert_eq!(
            judge_migrations(&Migrations {
                unknown: vec![9],
                waiting: vec![5],
                ..applied
            })
            .level,
            Level::Problem
        );
    }

    #[test]
    fn staff() {
        assert_eq!(
            judge_staff(
                Staff {
                    set_up: false,
                    owners: 0
                },
                ""
            )
            .level,
            Level::Warning
        );
        assert_eq!(
            judge_staff(
                Staff {
                    set_up: true,
                    owners: 0
                },
                ""
            )
            .level,
            Level::Problem
        );
        assert_eq!(
            judge_staff(
                Staff {
                    set_up: true,
                    owners: 2
                },
                ""
            )
            .level,
            Level::Ok
        );
    }

    #[test]
    fn job_queues() {
        let level = |failed, waited| {
            judge_jobs(Some(Health {
                failed,
                oldest_runnable: Some(Duration::from_secs(waited)),
            }))
            .level
        };
        assert_eq!(
            (level(0, 3), level(1, 3), level(0, 301)),
            (Level::Ok, Level::Warning, Level::Warning)
        );
        assert_eq!(
            judge_jobs(Some(Health {
                failed: 0,
                oldest_runnable: None
            }))
            .level,
            Level::Ok
        );
        assert_eq!(judge_jobs(None).level, Level::Warning);
    }
}
