//! Addresses from before an import. Some systems name a text by a parameter (`/?p=12`, `/index.php?id=7`), so an old address
//! is a path with such parameters, in one form: sorted and encoded as a form is.

/// The parameters that name a text in the systems that people come from, among them WordPress (`p`, `page_id`), Drupal (`q`)
/// and Nucleus (`itemid`). Pages are kept apart by these and by no others: what else a link carries says where a reader comes
/// from, and would fill caches with copies of one page.
pub const PARAMETERS: &[&str] = &[
    "article", "entry", "id", "itemid", "p", "page_id", "post", "q", "story",
];

/// As it stands in `redirects`. The parameters are sorted by name.
pub fn with_query(path: &str, parameters: &[(&'static str, String)]) -> String {
    if parameters.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("{path}?{query}")
}
