//! Addresses of pictures, sound and films. Pages load them by https: only, so that an address with http: is shown with it.

use std::borrow::Cow;

use url::{Host, Url};

use super::tags;

/// The address that a page can load: `https:` in the place of `http:`, also where it was left to the page. What is on this
/// machine stays as it is.
pub fn secure_address(address: &str) -> Cow<'_, str> {
    if address.starts_with("//") {
        return Cow::Owned(format!("https:{address}"));
    }
    let url = Url::parse(address)
        .ok()
        .filter(|url| url.scheme() == "http" && !is_local(url));
    match url.map(|mut url| url.set_scheme("https").map(|()| url)) {
        Some(Ok(secure)) => Cow::Owned(secure.into()),
        _ => Cow::Borrowed(address),
    }
}

/// Whether an address has to be shown as another one.
pub fn is_insecure_address(address: &str) -> bool {
    matches!(secure_address(address), Cow::Owned(_))
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The tag of a picture or film with addresses that a page can load, if it had others.
pub(super) fn secured(tag: &str) -> Option<String> {
    if !matches!(tags::name(tag), "img" | "video" | "audio" | "source") {
        return None;
    }
    let mut secured = None;
    for name in ["src", "poster"] {
        let Some(address) = tags::attribute(tag, name) else {
            continue;
        };
        if let Cow::Owned(secure) = secure_address(&address) {
            let (old, new) = (tags::escape(&address), tags::escape(&secure));
            let changed = secured.as_deref().unwrap_or(tag);
            secured = Some(changed.replacen(
                &format!(" {name}=\"{old}\""),
                &format!(" {name}=\"{new}\""),
                1,
            ));
        }
    }
    secured
}

#[cfg(test)]
mod tests {
    use super::super::post;
    use super::*;

    #[test]
    fn what_pages_may_not_load_comes_by_https() {
        for (typed, shown) in [
            (
                "http://e.example/a.png?b=1&c=2",
                "https://e.example/a.png?b=1&c=2",
            ),
            ("http://e.example:80/a.png", "https://e.example/a.png"),
            ("//e.example/a.png", "https://e.example/a.png"),
            ("https://e.example/a.png", "https://e.example/a.png"),
            ("/a.png", "/a.png"),
            ("http://localhost:8080/a.png", "http://localhost:8080/a.png"),
            ("http://[::1]/a.png", "http://[::1]/a.png"),
        ] {
            assert_eq!(secure_address(typed), shown);
            assert_eq!(is_insecure_address(typed), typed != shown);
        }
    }

    #[test]
    fn pictures_sound_and_films_of_texts_are_loaded_by_https() {
        let done = post(
            "![a](http://e.example/a.png?b=1&c=2)\n\n<video src=http://e.example/v.mp4 poster=//e.example/p.png></video> \
             <audio><source src=HTTP://e.example/s.mp3></audio> [l](http://e.example/)",
        )
        .unwrap();
        for part in [
            "src=\"https://e.example/a.png?b=1&amp;c=2\"",
            "src=\"https://e.example/v.mp4\"",
            "poster=\"https://e.example/p.png\"",
            "<source src=\"https://e.example/s.mp3\"",
            "href=\"http://e.example/\"",
        ] {
            assert!(done.html.contains(part), "{part}:\n{}", done.html);
        }
        assert_eq!(
            (done.insecure_media, done.first_image.as_deref()),
            (3, Some("https://e.example/a.png?b=1&c=2"))
        );
    }
}
