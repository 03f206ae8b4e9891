use masthead::routes;

/// The table of contents as text: a change of it is seen in review.
#[test]
fn the_route_table() {
    let lines: Vec<String> = routes::table()
        .iter()
        .map(|l| format!("{} {} {:?} {:?}", l.method, l.path, l.access, l.cost))
        .collect();
    let written = lines.join("\n") + "\n";
    let kept = include_str!("routes.txt");
    assert_eq!(
        written, kept,
        "the table changed: look at the difference, then update tests/integration/routes.txt"
    );
}

#[test]
fn no_line_stands_twice() {
    let mut seen = std::collections::HashSet::new();
    for line in routes::table() {
        assert!(
            seen.insert((line.method.clone(), line.path)),
            "{} {}",
            line.method,
            line.path
        );
    }
}

/// Nobody can take a name or make a page that stands where a route does.
#[test]
fn first_words_of_routes_are_kept_from_names_and_pages() {
    use masthead::features::accounts::Username;
    use masthead::features::posts::taken_by_site;
    for line in routes::table() {
        let word = line.path.split(['/', '.']).nth(1).unwrap_or_default();
        if word.is_empty() || word.contains(['{', '@']) {
            continue;
        }
        // One letter is too short for a name by itself.
        assert!(
            word.len() < 2 || Username::parse(word).is_err(),
            "a person could be called {word}"
        );
        assert!(
            line.path.contains('.') || taken_by_site(word),
            "a page could stand at /{word}"
        );
    }
}

/// Features keep away from the words of routes by a list of their own.
#[test]
fn the_list_of_first_segments_is_that_of_the_table() {
    use masthead::web::route_words::{ROUTE_SEGMENTS, is_yielding_word};
    let first = |path: &'static str| path.split(['/', '{']).nth(1).unwrap_or_default();
    let mut segments: Vec<&str> = routes::table()
        .iter()
        .map(|line| first(line.path))
        .filter(|segment| !["", "@"].contains(segment))
        .collect();
    segments.sort_unstable();
    segments.dedup();
    segments.retain(|segment| !is_yielding_word(segment));
    assert_eq!(segments, ROUTE_SEGMENTS);
}

/// Under load, readers wait for admission; what keeps the site running, and what people with an account do, does not.
#[test]
fn only_what_readers_ask_for_waits_in_front_of_the_site() {
    let exempt = routes::exempt_from_admission();
    let of = |segment: &str| exempt.iter().find(|exempt| exempt.segment == segment);
    for (segment, and_below) in [
        ("livez", false),
        ("assets", true),
        ("me.json", false),
        ("new", false),
        ("dashboard", true),
        ("settings", true),
        // An old site may have had pages below it.
        ("feed", false),
        ("rss", false),
    ] {
        assert_eq!(of(segment).unwrap().and_below, and_below, "{segment}");
    }
    for segment in ["newest", "t", "p", "avatars", "sitemap.xml", "robots.txt"] {
        assert!(of(segment).is_none(), "{segment}");
    }
}

/// The benchmark of a large site refuses to begin where it knows no question for a route, after minutes of building.
#[test]
fn the_benchmark_asks_every_route_that_reads() {
    let questions = include_str!("../../bench/million.py");
    for line in routes::table().iter().filter(|line| line.method == "GET") {
        let key = format!("\"{}\"", line.path);
        assert!(
            questions.contains(&key),
            "bench/million.py asks nothing of {}",
            line.path
        );
    }
}
