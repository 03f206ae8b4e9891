//! The words of pages stand in the catalogues and nowhere else, and every word that stands there is shown somewhere. That a
//! message exists and gets what it names is the compiler's to say: each is a function.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use catalogues::{Catalogue, compare, parse, variables};

#[path = "../../build/messages.rs"]
mod catalogues;
#[path = "../../build/scripts.rs"]
mod scripts;

fn root(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// All files with this ending, by their path below the folder.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root(folder)).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|end| end == ending) {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root(folder)).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
    found
}

fn catalogue(language: &str) -> Catalogue {
    let mut found = Catalogue::new();
    for (path, text) in files(&format!("locales/{language}"), "ftl") {
        found.extend(parse(path.trim_end_matches(".ftl"), &text).unwrap());
    }
    found
}

#[test]
fn every_message_is_shown_somewhere() {
    static CALLED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(?:t|text)::([a-z0-9_]+)").unwrap());
    let mut called = BTreeSet::new();
    static NOTE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*//.*|(?s)\{#.*?#\}").unwrap());
    for (_, text) in files("src", "rs").iter().chain(&files("templates", "html")) {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code = NOTE.replace_all(code, "");
        called.extend(CALLED.captures_iter(&code).map(|name| name[1].to_owned()));
    }
    for (_, script) in files("static/js", "js") {
        called.extend(keys_of(&script).map(|key| key.replace('-', "_")));
    }
    let english = catalogue("en");
    assert!(english.len() > 500, "{}", english.len());
    let idle: Vec<&String> = english
        .keys()
        .filter(|key| !called.contains(&key.replace('-', "_")))
        .collect();
    assert!(idle.is_empty(), "no page shows these: {idle:?}");
}

/// The messages that a script names.
fn keys_of(script: &str) -> impl Iterator<Item = &str> {
    static KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""ftl:([a-z0-9-]+)""#).unwrap());
    KEY.captures_iter(script).map(|key| key.extract::<1>().1[0])
}

/// A translator does not see them, and copies or loses them. One that is meant is written as an escape, `{"\u00A0"}`.
#[test]
fn messages_have_no_signs_that_are_not_seen() {
    for (path, text) in files("locales", "ftl") {
        let hidden = text
            .chars()
            .find(|c| matches!(c, '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'));
        assert_eq!(hidden, None, "{path}");
    }
}

/// The build compares every language that has a folder in this way, and stops where one differs.
#[test]
fn a_language_has_the_keys_variables_and_links_of_english() {
    let english = parse(
        "comments",
        "comments-count = { $count ->\n    [one] { $count } comment\n   *[other] { $count } comments\n}\n\
         comments-by = by <a><bdi>{ $name }</bdi></a>\ncomments-closed = Closed.\n",
    )
    .unwrap();
    let german = |text: &str| compare(&english, &parse("comments", text).unwrap());
    // A part of the messages, in another order of words, with other plurals, is a language.
    for fine in [
        "",
        "comments-closed = Fermé{\"\\u00A0\"}!\n",
        "comments-closed = Geschlossen.\n",
        "comments-by = <a>Von <bdi>{ $name }</bdi></a>\n",
        "comments-by = <a>Wer?</a>\n",
        "comments-count = { $count ->\n    [0] nichts\n    [few] { $count } par\n   *[other] viele\n}\n",
    ] {
        assert_eq!(german(fine), Ok(()), "{fine}");
    }
    for (wrong, named) in [
        ("comments-open = Offen.\n", "comments-open"),
        ("comments-closed = { $name } hat geschlossen.\n", "$name"),
        (
            "comments-count = { $number ->\n   *[other] viele\n}\n",
            "$number",
        ),
        ("comments-closed = <b>Geschlossen.</b>\n", "<b>"),
        ("comments-by = von { $name }\n", "<a>"),
    ] {
        let fault = german(wrong).unwrap_err();
        assert!(fault.contains(named), "{fault}");
    }
    assert_eq!(
        variables(&english["comments-count"])
            .into_iter()
            .collect::<Vec<_>>(),
        ["count"]
    );
}

#[test]
fn catalogues_are_read_as_fluent_has_them() {
    let found = parse("a", "a-b = Fermé{\"\\u00A0\"}!\n").unwrap();
    assert_eq!(
        found["a-b"],
        [catalogues::Piece::Text("Fermé\u{a0}!".into())]
    );
    for (wrong, named) in [
        ("a-b = { $link }\n", "$link"),
        ("a-b = { $max-uses }\n", "$max-uses"),
        ("b-c = Words\n", "b-c"),
        ("a-b = <u>Words</u>\n", "<u>"),
        ("a-b = <b>Words\n", "<b>"),
        ("-a-term = Words\n", "a term"),
    ] {
        let fault = parse("a", wrong).unwrap_err();
        assert!(fault.contains(named), "{fault}");
    }
}

/// All that a second language takes, in a folder of its own; what it leaves out is English.
#[test]
fn another_language_is_only_files() {
    let folder = std::env::temp_dir().join(format!("masthead-locales-{}", uuid::Uuid::new_v4()));
    for (language, text) in [
        ("en", "layout-by = By { $name }\nlayout-write = Write\n"),
        ("de", "layout-by = Von { $name }\n"),
    ] {
        fs::create_dir_all(folder.join(language)).unwrap();
        fs::write(folder.join(language).join("layout.ftl"), text).unwrap();
    }
    let catalogues::Generated { tables, functions } = catalogues::generate(&folder);
    let scripts = scripts::in_each_language(r#"a("ftl:layout-by")"#, &folder);
    assert_eq!(scripts, [r#"a("By {name}")"#, r#"a("Von {name}")"#]);
    fs::write(folder.join("de/layout.ftl"), "layout-for = Für { $name }\n").unwrap();
    let unknown = std::panic::catch_unwind(|| catalogues::generate(&folder));
    fs::remove_dir_all(&folder).unwrap();
    assert!(functions.contains("fn layout_by("), "{functions}");
    let (english, german) = tables.split_once("code: \"de\"").unwrap();
    assert!(english.contains("By ") && english.contains("\"Write\"") && !english.contains("Von "));
    assert!(german.contains("Von ") && german.contains("\"Write\""));
    let fault = *unknown.unwrap_err().downcast::<String>().unwrap();
    assert!(fault.contains("de/layout-for"), "{fault}");
}

/// A script has the words of each language, with English where one lacks them, and the plurals of the language that it got.
#[test]
fn scripts_speak_every_language() {
    let english = "posts-saved = Saved { $time }\nposts-close = Close\nposts-words = { $count ->\n    [one] { $count } word\n   *[other] { $count } words\n}\n";
    let polish = "posts-close = \"Zamknij\"\nposts-words = { $count ->\n    [one] { $count } słowo\n    [few] { $count } słowa\n   *[other] { $count } słów\n}\n";
    let (complete, own) = (
        parse("posts", english).unwrap(),
        parse("posts", polish).unwrap(),
    );
    let (code, own, complete) = ("pl", &own, &complete);
    let words = scripts::Words {
        code,
        own,
        complete,
    };
    let script = r#"a("ftl:posts-close");b("ftl:posts-saved",{time:t});c("ftl:posts-words",n)"#;
    assert_eq!(
        words.put_into(script).unwrap(),
        r#"a("\"Zamknij\"");b("Saved {time}",{time:t});c({language:"pl",other:"{count} słów","one":"{count} słowo","few":"{count} słowa"},n)"#
    );
    let own = &Catalogue::new();
    let lacking = scripts::Words {
        code,
        own,
        complete,
    };
    let in_english = lacking.put_into(script).unwrap();
    assert!(in_english.contains(r#"{language:"en",other:"{count} words""#));
    for (wrong, named) in [
        (r#"a("ftl:posts-open")"#, "posts-open"),
        ("a('ftl:posts-close')", "posts-close"),
        (r#"a("Not: ftl:posts-close")"#, "posts-close"),
    ] {
        let fault = words.put_into(wrong).unwrap_err();
        assert!(fault.contains(named), "{fault}");
    }
}

#[test]
fn a_catalogue_that_could_not_be_shown_is_refused_with_its_key() {
    for (wrong, named) in [
        ("posts-title = Title\n", "posts-title"),
        ("comments-a = A\ncomments-a = B\n", "twice"),
        ("comments-Big = A\n", "comments-Big"),
        ("comments-a =\n    .title = A\n", "comments-a"),
        ("-comments-term = A\n", "term"),
        ("comments-a = { DATETIME($at) }\n", "comments-a"),
        ("comments-a = { comments-b }\n", "comments-a"),
        ("comments-a = <script>\n", "script"),
        ("comments-a = <a href=\"x\">y</a>\n", "href"),
        ("comments-a = <b>bold\n", "<b>"),
        ("comments-a = bold</b>\n", "</b>"),
        ("comments-a = <b>{ $n ->\n   *[other] x</b>\n}\n", "b>"),
        ("comments-a = 1 < 2\n", "<"),
        ("comments-a = { $n\n", "comments"),
    ] {
        let fault = parse("comments", wrong).unwrap_err();
        assert!(fault.contains(named), "{wrong}: {fault}");
    }
}

/// Words that are names.
const NAMES: &[&str] = &["Atom", "RSS", "JSON"];
/// Attributes that are read out or shown.
const SHOWN: &str = r#"(?:aria-label|placeholder|alt|title|data-label)="([^"]*)""#;

/// What a page of this template would say without any message.
fn words_of(template: &str) -> Vec<String> {
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)\{#.*?#\}").unwrap());
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)\{%.*?%\}|\{\{.*?\}\}").unwrap());
    static LITERAL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""([^"]*)""#).unwrap());
    static SCRIPT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)<script[^>]*>.*?</script>").unwrap());
    static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<[^>]*>").unwrap());
    static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?s)[a-z-]+="[^"]*"?|\b(?:required|checked|selected|open|data-[a-z]+)\b"#)
            .unwrap()
    });
    static SHOWN_ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| Regex::new(SHOWN).unwrap());
    let has_letters = |text: &str| text.chars().any(char::is_alphabetic);
    let template = COMMENT.replace_all(template, "");
    let mut found = Vec::new();
    for code in CODE.find_iter(&template) {
        // Names of fields and classes are small letters without blanks between them.
        let words = LITERAL
            .captures_iter(code.as_str())
            .map(|text| text[1].to_owned());
        found.extend(words.filter(|text| {
            text.starts_with(char::is_uppercase) || text.trim().contains(' ') && has_letters(text)
        }));
    }
    let html = CODE.replace_all(&template, "\u{1}");
    let html = SCRIPT.replace_all(&html, "");
    for attribute in SHOWN_ATTRIBUTE.captures_iter(&html) {
        if !attribute[1].starts_with("https://") && has_letters(&attribute[1]) {
            found.push(attribute[1].to_owned());
        }
    }
    let text = TAG.replace_all(&html, "\u{1}");
    let text = ATTRIBUTE.replace_all(&text, "");
    found.extend(
        text.split('\u{1}')
            .map(str::trim)
            .filter(|text| has_letters(text) && !NAMES.contains(text))
            .map(str::to_owned),
    );
    found
}

#[test]
fn templates_hold_no_words() {
    let templates = files("templates", "html");
    assert!(templates.len() > 30, "{}", templates.len());
    for (path, template) in templates {
        let words = words_of(&template);
        assert!(
            words.is_empty(),
            "{path} says {words:?}: put it into locales/en"
        );
    }
}

#[test]
fn words_of_a_template_are_found_wherever_they_stand() {
    for (template, words) in [
        ("<p>Hello</p>", "Hello"),
        ("{% if x %}yes{% endif %}", "yes"),
        ("<p>{{ n }} posts</p>", "posts"),
        (r#"<a aria-label="Main" href="/x">{{ t::x() }}</a>"#, "Main"),
        (
            r#"{% call form::input("name", "Name", v) %}required{% endcall %}"#,
            "Name",
        ),
        (
            r#"{% call form::input("name", t::x(), hint="as you like") %}{% endcall %}"#,
            "as you like",
        ),
        (r#"{{ part::tab("posts", "Published") }}"#, "Published"),
        (
            r#"{% call form::input("x") %}min="1" required{% endcall %} more"#,
            "more",
        ),
    ] {
        assert_eq!(words_of(template), [words], "{template}");
    }
    let none = r#"{# Not shown. #}<a class="button quiet" href="/new?kind=page">{{ t::layout_write() }}</a> · ({{ n }}) <b>Atom</b>"#;
    assert!(words_of(none).is_empty());
}

/// What a script would say without any message.
fn words_of_script(script: &str) -> Vec<&str> {
    static NOTE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\s*(//|\*|/\*).*").unwrap());
    static LITERAL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""([^"\n]*)"|'([^'\n]*)'|`([^`]*)`"#).unwrap());
    // Begins like a sentence, has a mark that only sentences have, or four words.
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\p{Lu}\p{Ll}+(?:$|\P{L})|[…–]|(?:\p{L}+ ){3}\p{L}").unwrap()
    });
    // Of headers, of keys, and of the nodes that a text is parsed into.
    const NAMES: &[&str] = &[
        "Accept",
        "Document",
        "Enter",
        "Escape",
        "Home",
        "Paragraph",
        "Shift-Tab",
        "Tab",
        "Table",
    ];
    script
        .lines()
        .filter(|line| !NOTE.is_match(line) && !line.starts_with("import "))
        .flat_map(|line| LITERAL.captures_iter(line))
        .filter_map(|text| text.iter().skip(1).flatten().next())
        .map(|text| text.as_str())
        .filter(|text| WORDS.is_match(text) && !NAMES.contains(text))
        .collect()
}

#[test]
fn scripts_hold_no_words() {
    for (path, script) in files("static/js", "js") {
        let words = words_of_script(&script);
        assert!(
            words.is_empty(),
            "{path} says {words:?}: put it into locales/en"
        );
    }
    for words in [
        "\"Copy\"",
        "`Saved ${time}`",
        "'not saved – again'",
        "`sign in again in ${tab}`",
    ] {
        assert_eq!(words_of_script(words).len(), 1, "{words}");
    }
    let none = "// \"Copy\"\nel(\"p\", { class: \"button quiet\" }, \"ftl:reading-copy\", '.bar a[href=\"/search\"]')\n";
    assert_eq!(words_of_script(none).len(), 0);
}

/// Sentences in code that no page shows.
const FOR_OPERATORS: &[(&str, &str)] = &[
    ("features/transfer/", "what `masthead import` reports"),
    (
        "features/rerender/",
        "metrics, and what `masthead doctor` reports",
    ),
    ("web/rendering.rs", "what `masthead doctor` reports"),
    ("web/request_durations.rs", "metrics"),
    ("web/middleware/read_your_writes.rs", "metrics"),
];

/// Texts that begin as a sentence and have several words.
fn sentences_of(code: &str) -> Vec<String> {
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\s*//.*$").unwrap());
    static LITERAL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?s)"((?:[^"\\]|\\.)*)""#).unwrap());
    static SENTENCE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)^[“\p{Lu}].*\s\p{Ll}{2,}").unwrap());
    let code = COMMENT.replace_all(code.split("#[cfg(test)]\nmod tests {").next().unwrap(), "");
    LITERAL
        .captures_iter(&code)
        .map(|text| text[1].to_owned())
        .filter(|text| SENTENCE.is_match(text))
        .collect()
}

#[test]
fn code_of_pages_holds_no_sentences() {
    let mut idle: Vec<&str> = FOR_OPERATORS.iter().map(|(path, _)| *path).collect();
    for (path, code) in files("src", "rs") {
        let is_of_pages = path.starts_with("features/") || path.starts_with("web/");
        if !is_of_pages || path.contains("/tests") {
            continue;
        }
        let sentences = sentences_of(&code);
        if let Some((excepted, _)) = FOR_OPERATORS
            .iter()
            .find(|(known, _)| path.starts_with(known))
        {
            if !sentences.is_empty() {
                idle.retain(|known| known != excepted);
            }
            continue;
        }
        assert!(
            sentences.is_empty(),
            "{path} says {sentences:?}: put it into locales/en"
        );
    }
    assert!(idle.is_empty(), "{idle:?} need no exception");
    assert_eq!(
        sentences_of("f(\"Choose a picture first.\".into())").len(),
        1
    );
    assert_eq!(sentences_of("format!(\"“{name}” is not here.\")").len(), 1);
    let none = "g(\"session is over\", \"Retry-After\", \"Mac OS X\")\n    // Not \"As it is.\"\n";
    assert_eq!(sentences_of(none).len(), 0);
}
