//! HTML of former times and of other sites: what it says is shown, and its links work.

use super::*;

#[track_caller]
fn has(source: &str, parts: &[&str], lacks: &[&str]) {
    let html = post(source).unwrap().html;
    for part in parts {
        assert!(html.contains(part), "{part:?} is missing in:\n{html}");
    }
    for part in lacks {
        assert!(!html.contains(part), "{part:?} is in:\n{html}");
    }
    assert_eq!(clean(&clean(source).unwrap()), clean(source), "{source}");
}

#[test]
fn long_headings_keep_the_id_that_their_sign_leads_to() {
    let words = "everything that we have learned about headings ".repeat(9);
    for heading in [
        format!("# {words}"),
        format!("# {}", "標題".repeat(90)),
        format!("# a {{#{}}}", "x".repeat(199)),
    ] {
        let done = post(&format!("{heading}\n\n{heading}")).unwrap();
        for heading in &done.headings {
            assert!(
                done.html.contains(&format!("id=\"{}\"", heading.id)),
                "{}",
                done.html
            );
            assert!(
                done.html
                    .contains(&format!("href=\"#{}\"", tags::fragment(&heading.id))),
                "{}",
                done.html
            );
        }
        assert_ne!(done.headings[0].id, done.headings[1].id);
    }
    let whole = words.trim().replace(' ', "-");
    let done = post(&format!("# {words}\n\n[to](#{whole})")).unwrap();
    assert!(
        done.html
            .contains(&format!("<a href=\"#{}\">to</a>", done.headings[0].id)),
        "{}",
        done.html
    );
    let id = "y".repeat(200);
    has(
        &format!("<p id={id}>a</p> <a href='#{id}'>b</a>"),
        &[
            &format!("id=\"user-{id}\""),
            &format!("href=\"#user-{id}\""),
        ],
        &[],
    );
}

#[test]
fn named_anchors_are_found() {
    has(
        "<a name=\"top\"></a> [up](#top)",
        &["<a id=\"user-top\"></a>", "<a href=\"#user-top\">up</a>"],
        &["name="],
    );
    has(
        "<A class=x NAME=top href=/a>t</A> [up](#top)",
        &["id=\"user-top\""],
        &[],
    );
    has(
        "<a id=one name=two>t</a> [up](#one)",
        &["<a id=\"user-one\">", "href=\"#user-one\""],
        &["two"],
    );
}

#[test]
fn tables_lists_and_links_say_what_they_said() {
    has(
        "| a | b |\n|:-:|--:|\n| 1 | 2 |",
        &["<th class=\"align-center\"", "<td class=\"align-right\">2"],
        &[" align="],
    );
    has("123456789. a", &["<ol start=\"123456789\""], &[]);
    has("<ol><li value=1000000>a</ol>", &["value=\"1000000\""], &[]);
    has(
        "[file](ftp://e.example/f) and <irc://e.example>",
        &["file and irc://e.example"],
        &["<a", "</a>"],
    );
}

#[test]
fn frames_leave_a_link_and_scripts_leave_nothing() {
    has(
        "<iframe src=\"//v.example/e\"></iframe>",
        &["<a href=\"https://v.example/e\" rel"],
        &["iframe"],
    );
    has(
        "<embed src=\"http://v.example/e\">",
        &["<a href=\"http://v.example/e\" rel"],
        &["embed"],
    );
    has(
        "A <noscript><b>B</b></noscript> C",
        &["A <b>B</b> C"],
        &["noscript"],
    );
    has(
        "<noscript>\n\n*B*\n\n</noscript>",
        &["<em>B</em>"],
        &["noscript"],
    );
    has(
        "A <svg width=1><path d=\"M0\"/>x</svg> B <script>run()</script> C",
        &[">A  B  C</p>"],
        &["svg", "script", "run"],
    );
    has(
        "<svg>\n<title>T</title>\n\n<path/>\n\n</svg>\n\nB\n\nC <style> D",
        &[">B</p>", "C &lt;style&gt; D"],
        &["svg", "title"],
    );
}

#[test]
fn a_picture_in_a_sentence_stays_there() {
    has("![a](/a.png)", &["<p class=\"picture\"><img"], &[]);
    has(
        "[![a](/a.png)](/b)",
        &["<p class=\"picture\"><a href=\"/b\"><img"],
        &[],
    );
    has(
        "Press ![a](/a.png) now",
        &["<p dir=\"auto\">Press <img"],
        &["class="],
    );
}

#[test]
fn characters_that_no_page_shows_are_left_out() {
    let done = post("a\u{1}b\u{7f}c\u{85}d\u{fffe}\n\n`\u{8}e`\tf").unwrap();
    assert_eq!(done.text, "abcd\ne f");
    assert!(
        !done
            .html
            .contains(|c: char| c.is_control() && c != '\n' && c != '\t'),
        "{:?}",
        done.html
    );
}
