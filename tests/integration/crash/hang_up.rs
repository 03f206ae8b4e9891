//! Who hangs up in the middle of a write: the request ends wherever it waits just then, at every such place in turn.

use std::future::Future;
use std::task::Poll;

use super::checks::BROKEN;
use crate::support::{Actor, PATIENCE, Published, TestApp, rounds, until};

/// What is written: the form for the number of a try, and where it goes.
type Write = fn(u64, &Published) -> (String, Vec<(&'static str, String)>);

/// Place of the edit among [`WRITES`]: it is the only one that goes on from the last one.
const EDIT: usize = 2;

const WRITES: [(&str, Write); 4] = [
    ("a draft", |_, _| {
        let fields = [
            ("kind", "post"),
            ("version", "0"),
            ("title", "Draft"),
            ("markdown", "Text."),
        ];
        ("/new".into(), form(&fields, "save"))
    }),
    ("a published post", |_, _| {
        let fields = [
            ("kind", "post"),
            ("version", "0"),
            ("title", "Published"),
            ("markdown", "Text."),
            ("tags", "Harbour, Light"),
        ];
        ("/new".into(), form(&fields, "publish"))
    }),
    ("an edit", |number, post| {
        let (version, text) = (number.to_string(), format!("Text {number}."));
        let fields = [
            ("id", post.id.as_str()),
            ("kind", "post"),
            ("version", version.as_str()),
            ("title", "Edited"),
            ("markdown", text.as_str()),
            ("tags", "Harbour"),
        ];
        (format!("/p/{}/edit", post.id), form(&fields, "publish"))
    }),
    ("a comment", |_, post| {
        let fields = [("markdown", "Well said."), ("parent", "")];
        (format!("{}/comment", post.path), form(&fields, "save"))
    }),
];

fn form(fields: &[(&'static str, &str)], action: &str) -> Vec<(&'static str, String)> {
    fields
        .iter()
        .copied()
        .chain([("action", action)])
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

#[actix_web::test]
async fn prove_who_hangs_up_leaves_nothing_by_half() {
    let requests = rounds(60, 500);
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("The square", "Come and talk.").await;
    let (mut hung_up, mut places, mut edits) = (0, [0; WRITES.len()], 1);
    while hung_up < requests {
        for (kind, (what, write)) in WRITES.iter().enumerate() {
            for place in 1.. {
                let (path, mut fields) = write(edits, &post);
                if kind != EDIT {
                    fields.push(("id", ann.get(&path).await.field("id")));
                }
                let cut = hang_up(place, send(&mut ann.clone(), &path, &fields))
                    .await
                    .is_none();
                assert_nothing_by_half(&app, what, place).await;
                // The same again, as from a reader who was offline for a moment: done, and once.
                let again = send(&mut ann, &path, &fields).await;
                assert_eq!(again, 303, "{what}, cut off at place {place}");
                assert_nothing_by_half(&app, what, place).await;
                edits += u64::from(kind == EDIT);
                if !cut {
                    break;
                }
                places[kind] = places[kind].max(place);
                hung_up += 1;
            }
        }
    }
    assert!(places.iter().all(|places| *places >= 3), "{places:?}");
    assert_eq!(
        app.count("select max(version)::bigint from posts where title = 'Edited'")
            .await,
        edits as i64
    );
    until("connections are back", PATIENCE, async || {
        app.connections("in_use") == 0.0
    })
    .await;
    let open = "select count(*) from pg_stat_activity where datname = current_database()
                and application_name in ('masthead/read', 'masthead/fresh', 'masthead/write')";
    until("none was lost", PATIENCE, async || {
        app.count(open).await as f64 == app.connections("idle")
    })
    .await;
    println!(
        "{hung_up} requests cut off, at each of {places:?} places: nothing by half, 0 connections in use"
    );
}

async fn send(ann: &mut Actor, path: &str, fields: &[(&'static str, String)]) -> u16 {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    ann.post(path, &fields).await.status.as_u16()
}

/// The answer, unless the request waits as often as this: then it is dropped there, as the server does with one whose
/// connection is gone.
async fn hang_up<T>(place: u32, request: impl Future<Output = T>) -> Option<T> {
    let mut request = std::pin::pin!(request);
    let mut waited = 0;
    std::future::poll_fn(move |context| match request.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => {
            waited += 1;
            if waited == place {
                Poll::Ready(None)
            } else {
                Poll::Pending
            }
        }
    })
    .await
}

async fn assert_nothing_by_half(app: &TestApp, what: &str, place: u32) {
    for (broken, query) in BROKEN {
        assert_eq!(
            app.count(query).await,
            0,
            "{broken}, after {what} was cut off at place {place}"
        );
    }
}
