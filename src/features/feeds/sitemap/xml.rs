//! The sitemap protocol, version 0.9.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::queries::Place;
use crate::features::feeds::content::encoded_path;
use crate::web::time;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// The addresses themselves.
pub fn url_set(origin: &str, places: &[Place]) -> io::Result<String> {
    document("urlset", |xml| {
        for place in places {
            xml.create_element("url").write_inner_content(|xml| {
                text(
                    xml,
                    "loc",
                    &format!("{origin}{}", encoded_path(&place.path)),
                )?;
                match &place.changed_at {
                    Some(at) => text(xml, "lastmod", &time::machine(at)),
                    None => Ok(()),
                }
            })?;
        }
        Ok(())
    })
}

/// Where the parts are.
pub fn index(origin: &str, paths: &[String]) -> io::Result<String> {
    document("sitemapindex", |xml| {
        for path in paths {
            xml.create_element("sitemap")
                .write_inner_content(|xml| text(xml, "loc", &format!("{origin}{path}")))?;
        }
        Ok(())
    })
}

type Xml = Writer<Vec<u8>>;

fn document(root: &str, inner: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<String> {
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element(root)
        .with_attribute(("xmlns", NAMESPACE))
        .write_inner_content(inner)?;
    String::from_utf8(xml.into_inner()).map_err(io::Error::other)
}

fn text(xml: &mut Xml, name: &str, value: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(value))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn addresses_are_escaped_and_dated() {
        let places = [
            Place {
                path: "/".into(),
                changed_at: None,
            },
            Place {
                path: "/@Ян/a&b".into(),
                changed_at: DateTime::from_timestamp(1_700_000_000, 5000),
            },
        ];
        assert_eq!(
            url_set("https://blog.example", &places).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
             <url><loc>https://blog.example/</loc></url>\
             <url><loc>https://blog.example/@%D0%AF%D0%BD/a&amp;b</loc><lastmod>2023-11-14T22:13:20Z</lastmod></url></urlset>"
        );
    }

    #[test]
    fn the_index_names_its_parts() {
        assert_eq!(
            index("https://blog.example", &["/sitemap-posts-1.xml".into()]).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
             <sitemap><loc>https://blog.example/sitemap-posts-1.xml</loc></sitemap></sitemapindex>"
        );
    }
}
