//! What people send stays out of the logs: of the private Postgres, and of the site.

use super::root::wait_until;
use super::set_up;
use super::site::Site;

const SECRET: &str = "correct-horse-battery-staple";
const ADDRESS: &str = "ann.secret@example.org";

#[test]
fn neither_a_slow_statement_nor_an_address_that_is_taken_leaves_a_trace_in_a_log() {
    let mut site = Site::new();
    site.start();
    set_up(&site);
    let create = |name: &str| {
        let arguments = [
            "user",
            "create",
            name,
            "--email",
            ADDRESS,
            "--role",
            "author",
            "--password-stdin",
        ];
        site.command(&arguments, "nine quiet lanterns\n")
    };
    let (done, said) = create("ann");
    assert!(done, "{said}");
    let (done, said) = create("bea");
    assert!(!done, "{said}");
    site.ask(async |conn| {
        sqlx::query("select pg_sleep(0.4), $1::text").bind(SECRET).execute(&mut *conn).await.unwrap();
        // An error that shows its parameters, and one that shows a row.
        sqlx::query("select 1 / length(substr($1::text, 100))").bind(SECRET).execute(&mut *conn).await.unwrap_err();
        let same =
            "insert into users (public_id, username, username_key, email) select gen_random_uuid(), $1, $1, email from users";
        sqlx::query(same).bind(SECRET).execute(&mut *conn).await.unwrap_err();
        sqlx::raw_sql("do $$ begin raise log '%', 'the last ' || 'line'; end $$").execute(&mut *conn).await.unwrap();
    });
    // It is written by a thread of the site.
    let mut database = String::new();
    wait_until("the last line is not written", || {
        database = std::fs::read_to_string(site.data_dir().join("postgres/postgres.log")).unwrap();
        database.contains("the last line")
    });
    for line in ["duration: ", "division by zero"] {
        assert!(
            database.contains(line),
            "no {line:?}, so nothing was proved:\n{database}"
        );
    }
    for (name, log) in [("database", database), ("site", site.log())] {
        for secret in [SECRET, ADDRESS, "$argon2id$", "olga@example.org"] {
            assert!(
                !log.contains(secret),
                "{secret} stands in the log of the {name}:\n{log}"
            );
        }
    }
}
