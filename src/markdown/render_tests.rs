//! What Markdown turns into.

use super::*;

fn html(source: &str) -> String {
    post(source).unwrap().html
}

fn comment_html(source: &str) -> String {
    comment(source).unwrap().html
}

/// Without the directions of blocks and code, which have tests of their own.
fn undirected(html: &str) -> String {
    ["auto", "ltr", "rtl"]
        .iter()
        .fold(html.to_owned(), |html, dir| {
            html.replace(&format!(" dir=\"{dir}\""), "")
        })
}

#[track_caller]
fn has(html: &str, part: &str) {
    let html = if part.contains("dir=") {
        html.to_owned()
    } else {
        undirected(html)
    };
    assert!(html.contains(part), "{part:?} is missing in:\n{html}");
}

#[track_caller]
fn lacks(html: &str, part: &str) {
    assert!(!html.contains(part), "{part:?} is in:\n{html}");
}

#[test]
fn plain_paragraphs_keep_every_character() {
    assert_eq!(
        html("\"It's\" -- fine... (c)"),
        "<p dir=\"auto\">\"It's\" -- fine... (c)</p>\n"
    );
    let joined = "क्\u{200d}ष 👩\u{200d}🚀";
    let done = post(joined).unwrap();
    has(&done.html, joined);
    assert_eq!(done.text, joined);
}

#[test]
fn pictures_that_stand_alone_can_be_wider_than_the_text() {
    for width in ["measure", "wide", "full"] {
        has(
            &html(&format!("![a](/b.png?c#{width} \"Words\")")),
            &format!("<figure class=\"{width}\"><img src=\"/b.png?c\" alt=\"a\""),
        );
        for source in [
            format!("![a](/b.png#{width})"),
            format!("[![a](/b.png#{width})](/c)"),
        ] {
            let html = html(&source);
            has(&html, &format!("<p class=\"picture {width}\">"));
            has(&html, "src=\"/b.png\"");
        }
        has(
            &html(&format!(
                "<figure class=\"{width} other\"><img src=/b.png></figure>"
            )),
            &format!("<figure class=\"{width}\"><img src=\"/b.png\""),
        );
    }
    // A place in a drawing, a picture in its sentence, and a comment stay as they are typed.
    has(
        &html("![a](/b.svg#view)"),
        "<p class=\"picture\"><img src=\"/b.svg#view\"",
    );
    has(&html("So ![a](/b.png#wide)"), "src=\"/b.png#wide\"");
    has(
        &html("![a](#wide)"),
        "<p class=\"picture\"><img src=\"#wide\"",
    );
    lacks(&html("<p class=\"full other\">a</p>"), "other");
    has(&comment_html("![a](/b.png#wide)"), "href=\"/b.png#wide\"");
}

#[test]
fn tables_scroll_in_a_box_of_their_own() {
    let html = html("| a | b |\n|:--|--:|\n| 1 | ~~2~~ |");
    has(
        &html,
        "<div class=\"table-scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table\"><table>",
    );
    has(&html, "<td class=\"align-right\"><del>2</del></td>");
    has(&html, "</table></div>");
}

#[test]
fn task_lists_keep_their_boxes_and_authors_get_no_inputs() {
    let html = html("- [x] done\n- [ ] open\n\n<input type=checkbox checked> <input name=q>");
    has(
        &html,
        "<li class=\"task-list-item\"><input type=\"checkbox\" disabled checked aria-label=\"Done\"> done",
    );
    has(
        &html,
        "<input type=\"checkbox\" disabled aria-label=\"Done\"> open",
    );
    assert_eq!(html.matches("<input").count(), 2);
}

#[test]
fn headings_get_prefixed_unique_ids_and_an_anchor() {
    let done = post("# Über *uns*\n\n## Same\n\n## Same\n\n## !!\n\nSame\n====").unwrap();
    has(
        &done.html,
        "<h1 id=\"h-über-uns\">Über <em>uns</em><a class=\"anchor\" href=\"#h-%C3%BCber-uns\" aria-label=\"Link to “Über uns”\"></a></h1>",
    );
    let all: Vec<_> = done
        .headings
        .iter()
        .map(|h| (h.level, h.id.as_str(), h.text.as_str()))
        .collect();
    assert_eq!(
        all,
        [
            (1, "h-über-uns", "Über uns"),
            (2, "h-same", "Same"),
            (2, "h-same-1", "Same"),
            (2, "h-section", "!!"),
            (1, "h-same-2", "Same"),
        ]
    );
    assert_eq!(done.text, "Über uns\nSame\nSame\n!!\nSame");
}

#[test]
fn explicit_heading_ids_work_and_old_links_find_them() {
    let done = post("## Set up {#install_it}\n## B {: #b .x}\n## C {curly}\n[a](#install_it) [b](#b) [c](#c-curly) [d](#comments) <a href='#B'>e</a>").unwrap();
    assert_eq!(
        done.headings[0],
        Heading {
            level: 2,
            id: "h-install_it".into(),
            text: "Set up".into()
        }
    );
    assert_eq!(done.headings[2].text, "C {curly}");
    has(&done.html, "<a href=\"#h-install_it\">a</a>");
    has(&done.html, "<a href=\"#h-b\">b</a>");
    has(&done.html, "<a href=\"#h-c-curly\">c</a>");
    has(&done.html, "<a href=\"#comments\">d</a>");
    has(&done.html, "<a href=\"#h-b\">e</a>");
    lacks(&done.html, "{#");
}

#[test]
fn unicode_fragments_find_their_heading() {
    let html = html("# Überblick & mehr\n\n[hin](#überblick--mehr)");
    has(&html, "<a href=\"#h-%C3%BCberblick--mehr\">hin</a>");
}

#[test]
fn footnotes_link_there_and_back() {
    let done =
        post("One[^a] two[^b<x>][^a].\n\n[^a]: First *note*.\n\n    More.\n\n[^b<x>]: Second.")
            .unwrap();
    has(
        &done.html,
        "<sup class=\"footnote-ref\"><a href=\"#fn-1\" id=\"fnref-1\" aria-label=\"Footnote 1\">1</a></sup>",
    );
    has(&done.html, "id=\"fnref-1-2\"");
    has(
        &done.html,
        "<section class=\"footnotes beside\">\n<ol>\n<li id=\"fn-1\">",
    );
    has(
        &done.html,
        "More. <a class=\"footnote-backref\" href=\"#fnref-1\" aria-label=\"Back to reference 1\">↩</a> <a class=\"footnote-backref\" href=\"#fnref-1-2\" aria-label=\"Back to reference 1-2\">↩</a></p>",
    );
    lacks(&done.text, "↩");
    assert!(done.text.starts_with("One two"), "{}", done.text);
}

#[test]
fn a_footnote_that_ends_in_a_list_has_its_link_too() {
    let html = html("x[^1]\n\n[^1]: - item\n\ny[^2]\n\n[^2]: z");
    assert_eq!(html.matches("footnote-backref").count(), 2, "{html}");
    assert_eq!(html.matches("<li id=\"fn-").count(), 2, "{html}");
}

#[test]
fn alerts_and_description_lists() {
    let html = html("> [!WARNING]\n> Careful\n\nTerm\n\n: Details");
    has(
        &html,
        "<div class=\"markdown-alert markdown-alert-warning\">",
    );
    has(&html, "<p class=\"markdown-alert-title\">Warning</p>");
    has(&html, "<dt>Term</dt>");
}

#[test]
fn code_is_coloured_with_short_classes() {
    let done =
        post("```rust,ignore\nfn main() {}\n```\n\n    a < b\n\n```nosuch\n<x>\n```").unwrap();
    has(
        &done.html,
        "<pre class=\"code\" tabindex=\"0\"><code class=\"language-rust\"><span class=\"hl-k\">fn </span>",
    );
    has(
        &done.html,
        "<pre class=\"code\" tabindex=\"0\"><code>a &lt; b\n</code></pre>",
    );
    has(
        &done.html,
        "<code class=\"language-nosuch\">&lt;x&gt;\n</code>",
    );
    assert_eq!(done.text, "fn main() {}\na < b\n<x>");
}

#[test]
fn odd_fence_infos_give_a_language_or_none() {
    has(&html("```{.python}\nx\n```"), "class=\"language-python\"");
    has(&html("``` js:app.js\nx\n```"), "class=\"language-js\"");
    has(
        &html("``` Rust {hl_lines=[1]}\nx\n```"),
        "class=\"language-rust\"",
    );
    has(&html("```x\"onclick=alert(1)\nx\n```"), "<code>x\n</code>");
}

#[test]
fn math_becomes_mathml_or_shows_its_source() {
    let done =
        post("Euler: $e^{i\\pi}=-1$, costs $5 and $10.\n\n$$\\frac12$$\n\n```math\nx^2\n```")
            .unwrap();
    assert!(done.has_math);
    assert_eq!(done.html.matches("<math").count(), 3, "{}", done.html);
    has(&done.html, "costs $5 and $10.");
    has(&done.html, "display=\"block\"");
    has(&done.text, "e^{i\\pi}=-1");
    let broken = post("$\\frac{1$ and $\\nope<b>$").unwrap();
    has(&broken.html, "<code class=\"math-error\">\\frac{1</code>");
    has(&broken.html, "\\nope&lt;b&gt;");
    assert!(!broken.has_math);
}

#[test]
fn images_load_lazily_and_titled_ones_are_figures() {
    let done = post("![a *b*](/x.png \"The *title*\")\n\ntext ![c](https://e.example/y.png \"t\") <img src=z.png width=10 height=2em onerror=x>").unwrap();
    has(
        &done.html,
        "<figure><img src=\"/x.png\" alt=\"a b\" loading=\"lazy\" decoding=\"async\"><figcaption>The *title*</figcaption></figure>",
    );
    has(&done.html, "title=\"t\" loading=\"lazy\"");
    has(&done.html, "width=\"10\"");
    lacks(&done.html, "2em");
    lacks(&done.html, "onerror");
    assert_eq!(done.first_image.as_deref(), Some("/x.png"));
    assert_eq!(
        post("![x](data:image/png;base64,AAAA)")
            .unwrap()
            .first_image,
        None
    );
}

#[test]
fn links_that_leave_carry_rel() {
    for target in [
        "https://e.example/",
        "//e.example",
        "mailto:a@e.example",
        "/\\e.example",
        "https:e.example",
    ] {
        has(
            &html(&format!("<a href='{target}'>x</a>")),
            "rel=\"ugc nofollow noopener\"",
        );
    }
    for target in ["/a", "b?c=d", "#x", "../up", "?q"] {
        lacks(&html(&format!("[x]({target})")), "rel=");
    }
    has(
        &html("see www.example.com"),
        "<a href=\"http://www.example.com\" rel=\"ugc nofollow noopener\">",
    );
}

#[test]
fn raw_html_is_kept_where_it_is_harmless() {
    let source = "<details open id=more><summary>S</summary>\n\n*in*\n\n</details>\n\n<kbd>K</kbd> <mark style='color:red' class='x'>m</mark> H<sub>2</sub>O <abbr title=t>A</abbr> <p dir=rtl lang=ar>ع</p> [to](#more)";
    let html = html(source);
    has(
        &html,
        "<details open=\"\" id=\"user-more\"><summary>S</summary>",
    );
    has(&html, "<p><em>in</em></p>");
    has(
        &html,
        "<kbd>K</kbd> <mark>m</mark> H<sub>2</sub>O <abbr title=\"t\">A</abbr>",
    );
    has(&html, "lang=\"ar\"");
    has(&html, "dir=\"rtl\"");
    has(&html, "<a href=\"#user-more\">to</a>");
}

#[test]
fn embeds_become_links_and_scripts_do_not_swallow_the_rest() {
    let html = html(
        "<iframe src=\"https://v.example/e/1\" allowfullscreen></iframe>\n\nA <script>alert(1)</script> B\n\n<script>\nx\n\n</script>\n\nC",
    );
    has(
        &html,
        "<a href=\"https://v.example/e/1\" rel=\"ugc nofollow noopener\">https://v.example/e/1</a>",
    );
    has(&html, "<p>C</p>");
    lacks(&html, "<script");
    lacks(&html, "<iframe");
}

#[test]
fn media_always_have_controls() {
    let html = html("<video src=/a.mp4 autoplay onplay=x></video>");
    has(&html, "<video src=\"/a.mp4\" controls preload=\"none\">");
    lacks(&html, "autoplay");
}

#[test]
fn a_pre_keeps_its_empty_first_line() {
    let html = html("<pre>\n\nx</pre>");
    has(&html, "<pre class=\"code\" tabindex=\"0\">\n\nx</pre>");
}

#[test]
fn comments_are_a_subset() {
    let html = comment_html(
        "# Big\n\n![alt](https://e.example/i.png) ![](/j.png)\n\n<b>raw</b>\n\n<div>\nblock\n</div>\n\nx[^1]\n\n[^1]: y\n\n**bold** `c` $x$",
    );
    has(&html, "<p><strong>Big</strong></p>");
    has(
        &html,
        "<a href=\"https://e.example/i.png\" rel=\"ugc nofollow noopener\">alt</a> <a href=\"/j.png\">/j.png</a>",
    );
    has(&html, "&lt;b&gt;raw&lt;/b&gt;");
    has(&html, "<p>&lt;div&gt;\nblock\n&lt;/div&gt;</p>");
    has(&html, "<strong>bold</strong>");
    has(&html, "<math");
    for part in ["<img", "<h1", "id=", "footnote"] {
        lacks(&html, part);
    }
    assert!(comment("# Big").unwrap().headings.is_empty());
}

#[test]
fn words_and_minutes_come_from_what_is_read() {
    let done = post(&format!(
        "# Title\n\n{}\n\n<p>raw words</p>",
        "word ".repeat(440)
    ))
    .unwrap();
    assert_eq!((done.words, done.minutes), (443, 3));
    let done = post("[link](https://long.example/not/counted) 北京").unwrap();
    assert_eq!((done.words, done.minutes), (3, 1));
    let done = post("\n\n---\n").unwrap();
    assert_eq!((done.words, done.minutes, done.text.as_str()), (0, 0, ""));
}

#[test]
fn right_to_left_text_passes() {
    let done = post("# مرحبا بالعالم\n\nنص **عريض** مع [رابط](/ar)").unwrap();
    assert_eq!(done.headings[0].id, "h-مرحبا-بالعالم");
    has(&done.html, "<strong>عريض</strong>");
    assert_eq!(done.words, 6);
}

#[test]
fn emphasis_works_beside_cjk_punctuation() {
    has(&html("**重要。**次"), "<strong>重要。</strong>次");
}

#[test]
fn too_long_and_too_deep_are_refused_with_their_reason() {
    assert_eq!(
        comment(&"x".repeat(COMMENT_LIMIT_BYTES + 1)),
        Err(RenderError::TooLong {
            limit_bytes: COMMENT_LIMIT_BYTES
        })
    );
    assert!(comment(&"x".repeat(COMMENT_LIMIT_BYTES)).is_ok());
    assert!(matches!(
        post(&"> ".repeat(101)),
        Err(RenderError::QuotesTooDeep { line: 1, .. })
    ));
    assert!(matches!(
        post(&"#\n".repeat(15_001)),
        Err(RenderError::TooManyElements { .. })
    ));
    assert!(post(&(">".repeat(100) + " x")).is_ok());
    assert!(matches!(
        post(&"<div>".repeat(300)),
        Err(RenderError::TooDeep { .. })
    ));
    assert_eq!(
        post(&"x".repeat(POST_LIMIT_BYTES + 1))
            .unwrap_err()
            .to_string(),
        "The text is longer than 1024 KiB. Shorten it or split it into several parts."
    );
}

#[test]
fn a_preview_names_the_lines_of_blocks_and_is_else_the_same() {
    let source = "# One\n\ntwo\nmore\n\n- a\n\n  b\n- c\n\n```rust\nlet a;\n```\n\n<div>raw</div>\n\nnote[^1]\n\n[^1]: below\n\n---\n";
    let marked = post_with_lines(source, &Typography::OFF).unwrap();
    let lines: Vec<&str> = marked
        .html
        .split("<span data-line=\"")
        .skip(1)
        .map(|rest| rest.split_once('"').unwrap().0)
        .collect();
    assert_eq!(lines, ["3", "6", "11", "15", "17", "21"]);
    let plain = post(source).unwrap();
    let mut without = marked.html.clone();
    for line in lines {
        without = without.replace(&format!("<span data-line=\"{line}\"></span>\n"), "");
    }
    assert_eq!(without, plain.html);
    assert_eq!((marked.text, marked.words), (plain.text, plain.words));
}

#[test]
fn rendering_twice_gives_the_same_html() {
    let source = "# A\n\n$x$ `y`\n\n```rust\nfn a() {}\n```\n\n<div title=\"\n\n# B\n\n```rust\nfn b() {}\n```\n\n\">z</div>";
    assert_eq!(post(source), post(source));
}
