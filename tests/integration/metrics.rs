//! What a scraper gets: names, types and labels that dashboards and alerts are made of.

use std::collections::BTreeMap;

use super::support::TestApp;

/// Accept a new metric with `UPDATE=1`. One that leaves the list breaks dashboards: the changelog says so.
#[tokio::test]
async fn every_metric_is_in_the_list_with_its_type() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/metrics.txt");
    let families = families(&TestApp::empty().await.scrape());
    let listed: String = families
        .iter()
        .map(|(name, kind)| format!("{name} {kind}\n"))
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &listed).unwrap();
    }
    let expected = std::fs::read_to_string(FILE).unwrap();
    assert_eq!(
        listed, expected,
        "metrics.txt is not what is scraped: run this test with UPDATE=1"
    );
}

/// Names and types. Each has a help text and stands once, and every value belongs to the family above it.
fn families(scrape: &str) -> BTreeMap<String, String> {
    let mut families = BTreeMap::new();
    let mut lines = scrape.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line
            .strip_prefix("# HELP ")
            .and_then(|rest| rest.split_once(' '))
            .unwrap_or_else(|| panic!("{line} has no help text"));
        assert!(help.ends_with('.') && !help.ends_with(".."), "{line}");
        let typed = lines.next().unwrap();
        let kind = typed
            .strip_prefix(&format!("# TYPE {name} "))
            .unwrap_or_else(|| panic!("{name} has no type: {typed}"));
        while let Some(value) = lines.next_if(|line| !line.starts_with('#')) {
            let own = value.split(['{', ' ']).next().unwrap();
            let suffixes: &[&str] = match kind {
                "histogram" => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            let is_own = |suffix: &&str| own.strip_suffix(*suffix) == Some(name);
            assert!(suffixes.iter().any(is_own), "{value}");
            assert!(value.rsplit(' ').next().unwrap().parse::<f64>().is_ok());
        }
        let before = families.insert(name.to_owned(), kind.to_owned());
        assert!(before.is_none(), "{name} stands twice");
    }
    families
}
