//! What texts cost: the dearest ones that were found are shown and saved, and too many at once are refused with their
//! forms.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use futures_util::future::poll_immediate;
use masthead::web::rendering;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Response, Served, TestApp, free_port, send_form, until};

const PATIENCE: Duration = Duration::from_secs(60);

/// Lines that take a highlighter seconds: language, beginning, and what is repeated.
const DEAREST: &[(&str, &str, &str)] = &[
    ("scss", "", " "),
    ("cs", "a(", "_a"),
    ("cpp", "a = ", "a::"),
    ("d", "a ", "a='"),
    ("tsx", "", "("),
    ("haskell", "", "a::"),
    ("js", "(", "A"),
    ("php source", "", "(a"),
];

fn block((language, begin, part): &(&str, &str, &str), lines: usize) -> String {
    let line = format!(
        "{begin}{}\n",
        part.repeat((1_980 - begin.len()) / part.len())
    );
    format!("```{language}\n{}```\n", line.repeat(lines))
}

#[actix_web::test]
async fn comments_with_the_dearest_code_are_shown_without_colours() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("The square", "Come and talk.").await;
    let path = format!("{}/comment", post.path);
    for (index, dear) in DEAREST.iter().enumerate() {
        let typed = format!("{}\n*Said {index}.*", block(dear, 4));
        let shown = ann
            .post(&path, &[("markdown", &typed), ("action", "preview")])
            .await;
        shown.assert_status(200);
        assert!(
            shown.text().contains(&format!("<em>Said {index}.</em>")),
            "{dear:?}"
        );
    }
}

#[actix_web::test]
async fn a_post_is_saved_whatever_its_code_costs() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let code: String = DEAREST[..4].iter().map(|dear| block(dear, 8)).collect();
    let post = ann.publish("Dear code", &format!("{code}\n*End.*")).await;
    assert!(
        app.anonymous()
            .get(&post.path)
            .await
            .text()
            .contains("<em>End.</em>")
    );
}

#[actix_web::test]
async fn what_cannot_be_rendered_says_which_part_and_why() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for (text, says) in [
        (
            format!("Fine.\n\n<p {}>", "b ".repeat(3_000)),
            "A tag &#60;p&#62; is too long",
        ),
        (
            format!("Fine.\n\nTom {}", "\u{a7}".repeat(50_000)),
            "The part that begins “Tom §",
        ),
        ("<div>".repeat(300), "where a &#60;div&#62; begins"),
    ] {
        let refused = ann
            .post(
                "/preview",
                &[("kind", "post"), ("title", "T"), ("markdown", &text)],
            )
            .await;
        refused.assert_status(422);
        assert!(refused.text().contains(says), "{says}");
    }
}

/// In a process of its own: the other tests of this one render too.
#[actix_web::test]
async fn too_many_texts_at_once_are_refused_with_their_forms() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[]);
    let ann = app.author("ann").await;
    let cookie = format!("sid={}", ann.cookie("sid").unwrap());
    let code: String = DEAREST.iter().map(|dear| block(dear, 8)).collect();
    let typed = format!("{code}\n\nEnd of what was typed.");
    // Twice as many as may wait and be under way on any machine.
    let (tell, told) = std::sync::mpsc::channel();
    for _ in 0..80 {
        let (cookie, typed, port, tell) =
            (cookie.clone(), typed.clone(), served.port, tell.clone());
        std::thread::spawn(move || {
            let form = [
                ("kind", "post"),
                ("title", "T"),
                ("markdown", typed.as_str()),
            ];
            // Turned away earlier, by the database: the same again. Without an answer the test is over.
            while let Some(answer) = send_form(port, "/preview", &cookie, &form) {
                if answer.status == 503
                    && answer
                        .text()
                        .contains("This site has too much to do right now")
                {
                    let _ = tell.send(answer);
                } else if answer.status == 503 {
                    continue;
                }
                break;
            }
        });
    }
    let refused = told.recv().unwrap();
    assert!(refused.text().contains("End of what was typed."));
    assert!(refused.headers.contains_key("retry-after"));
    app.through(served.port)
        .anonymous()
        .get("/livez")
        .await
        .assert_status(200);
}

/// Occupies all threads that render until it is dropped.
struct BusyThreads {
    _free: Vec<mpsc::Sender<()>>,
}

impl BusyThreads {
    async fn all() -> Self {
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let mut free = Vec::new();
        for _ in 0..rendering::threads() {
            let (sender, held) = mpsc::channel::<()>();
            free.push(sender);
            let (begin, held) = (begin.clone(), Arc::new(Mutex::new(held)));
            actix_web::rt::spawn(async move {
                let busy = || {
                    let (begin, held) = (begin.clone(), held.clone());
                    move || {
                        begin.send(()).unwrap();
                        let _ = held.lock().unwrap().recv();
                    }
                };
                // Refused while other tests have the threads for too long.
                while rendering::run(busy()).await.is_err() {
                    tokio::task::yield_now().await;
                }
            });
        }
        for _ in 0..rendering::threads() {
            begun.recv().await.unwrap();
        }
        BusyThreads { _free: free }
    }
}

/// Requests are answered by this very thread here, so that a text rendered by it would be shown at once.
#[actix_web::test]
async fn a_text_waits_for_one_of_the_rendering_threads_and_other_requests_do_not() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("The square", "Come and talk.").await;
    let draft = ann.draft(&[("title", "Draft")]).await;
    for (path, form, status) in [
        (
            "/preview".to_owned(),
            vec![("kind", "post"), ("title", "T"), ("markdown", "*Said.*")],
            200,
        ),
        (
            format!("{}/comment", post.path),
            vec![("markdown", "*Said.*"), ("action", "preview")],
            200,
        ),
        (
            format!("{}/comment", post.path),
            vec![("markdown", "*Said.*")],
            303,
        ),
        (format!("/p/{draft}/publish"), vec![], 303),
    ] {
        let busy = BusyThreads::all().await;
        let mut answer = Box::pin(ann.post(&path, &form));
        until(
            &format!("{path} waits for a thread"),
            PATIENCE,
            async || {
                assert!(
                    poll_immediate(&mut answer).await.is_none(),
                    "{path} was answered while all threads were busy"
                );
                rendering::waiting() > 0
            },
        )
        .await;
        app.anonymous().get(&post.path).await.assert_status(200);
        drop(busy);
        answer.await.assert_status(status);
    }
}

#[actix_web::test]
async fn a_line_that_costs_more_than_its_text_may_is_left_plain_and_so_is_what_comes_after() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("The square", "Come and talk.").await;
    let rust = "```rust\nlet a = 1;\n```\n";
    let typed = format!("{rust}\n{}\n{rust}", block(&("d", "a ", "a='"), 4));
    let shown = ann
        .post(
            &format!("{}/comment", post.path),
            &[("markdown", &typed), ("action", "preview")],
        )
        .await;
    let page = shown.assert_status(200).text();
    let coloured: Vec<bool> = page.split("<pre").skip(1).map(block_is_coloured).collect();
    assert_eq!(coloured, [true, false, false]);
}

fn block_is_coloured(after_pre: &str) -> bool {
    after_pre
        .split("</pre>")
        .next()
        .unwrap()
        .contains("<span class=\"hl-")
}

/// Languages that together hold more than the process keeps, so that each has to be compiled again.
#[actix_web::test]
async fn naming_languages_in_turn_costs_none_of_them_its_colours() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut shown = Vec::new();
    for name in ["ts", "tsx", "php", "scala", "cpp", "cs"].repeat(2) {
        let code = format!(
            "```{name}\n<?php class A {{ function f($a = 1) {{ return \"x\" . 'y'; }} }} // e\n```"
        );
        let preview = ann
            .post(
                "/preview",
                &[("kind", "post"), ("title", "T"), ("markdown", &code)],
            )
            .await;
        let page = preview.assert_status(200).text();
        let block = page
            .split("<pre")
            .nth(1)
            .unwrap()
            .split("</pre>")
            .next()
            .unwrap()
            .to_owned();
        assert!(block.contains("<span class=\"hl-"), "{name} is plain");
        shown.push(block);
    }
    assert_eq!(shown[..shown.len() / 2], shown[shown.len() / 2..]);
}

/// While a program is stopped the clock on the wall goes on, as it does while others have the machine. Its CPU time does
/// not, and that is what is limited.
#[actix_web::test]
async fn a_text_is_rendered_however_long_the_machine_does_something_else() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[]);
    let mut ann = app.author("ann").await;
    let path = format!(
        "{}/comment",
        ann.publish("The square", "Come and talk.").await.path
    );
    let cookie = format!("sid={}", ann.cookie("sid").unwrap());
    let typed = format!(
        "{}*Said.*",
        "Some *words* with `code` and [links](https://example.org/).\n\n".repeat(140)
    );
    loop {
        let (tell, told) = mpsc::channel();
        let (path, cookie, typed, port) =
            (path.clone(), cookie.clone(), typed.clone(), served.port);
        std::thread::spawn(move || {
            tell.send(send_form(
                port,
                &path,
                &cookie,
                &[("markdown", &typed), ("action", "preview")],
            ))
        });
        if let Some(answer) = stopped_while_it_renders(served.pid(), &told).await {
            answer.assert_status(200);
            assert!(answer.text().contains("<em>Said.</em>"));
            return;
        }
    }
}

/// The answer of a process that was stopped in the middle of rendering for longer than any comment may take. `None`: it
/// was too quick, or its database was busy.
async fn stopped_while_it_renders(
    process: u32,
    answer: &mpsc::Receiver<Option<Response>>,
) -> Option<Response> {
    while !renders(process) {
        if let Ok(answer) = answer.try_recv() {
            return answer.filter(|answer| answer.status != 200 && answer.status != 503);
        }
        std::thread::yield_now();
    }
    let pid = Pid::from_raw(process.cast_signed()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let stopped = Instant::now();
    until("the clock goes on", PATIENCE, async || {
        stopped.elapsed() > Duration::from_millis(1_500)
    })
    .await;
    kill_process(pid, Signal::CONT).unwrap();
    answer.recv().unwrap().filter(|answer| answer.status != 503)
}

/// Whether one of the process's rendering threads runs at this moment.
fn renders(process: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return false;
    };
    threads.flatten().any(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.contains("(render-") && stat.contains(") R ")
    })
}
