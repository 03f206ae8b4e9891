use masthead::routes;

/// The table of contents as text: a change of it is seen in review.
#[test]
fn the_route_table() {
    let lines: Vec<String> = routes::table().iter().map(|l| format!("{} {} {:?}", l.method, l.path, l.policy)).collect();
    let written = lines.join("\n") + "\n";
    let kept = include_str!("routes.txt");
    assert_eq!(written, kept, "the table changed: look at the difference, then update tests/integration/routes.txt");
}

#[test]
fn no_line_stands_twice() {
    let mut seen = std::collections::HashSet::new();
    for line in routes::table() {
        assert!(seen.insert((line.method.clone(), line.path)), "{} {}", line.method, line.path);
    }
}
