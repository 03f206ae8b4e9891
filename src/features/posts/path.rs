//! Where readers find a post or page. Queries have the same from the function `post_path` of the database.

/// The address of a post by its owner's handle and its slug.
pub fn post_path(owner: &str, slug: &str) -> String {
    format!("{}/{slug}", author_path(owner))
}

/// The address of a page by its path without the leading slash.
pub fn page_path(path: &str) -> String {
    format!("/{path}")
}

/// The address of a page where there is a path, else that of a post.
pub fn path_for(page: Option<&str>, owner: &str, slug: &str) -> String {
    page.map_or_else(|| post_path(owner, slug), page_path)
}

/// The address of the list of an author's posts.
pub fn author_path(username: &str) -> String {
    format!("/@{username}")
}
