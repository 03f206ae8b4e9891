//! Where a form leads when it is done.

/// An address of this site to go back to, as a form brought it; anything else becomes `otherwise`.
pub fn way_back(typed: &str, otherwise: &str) -> String {
    let own = typed.starts_with('/')
        && !typed.starts_with("//")
        && typed.len() <= 300
        && typed.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if own {
        typed.to_owned()
    } else {
        otherwise.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_the_site() {
        assert_eq!(
            way_back("/dashboard/comments?show=held", "/x"),
            "/dashboard/comments?show=held"
        );
        for away in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "dashboard",
            "/a b",
            "/a\r\nSet-Cookie:x",
        ] {
            assert_eq!(way_back(away, "/x"), "/x", "{away}");
        }
    }
}
