//! Puts the words of the catalogues into the scripts of pages. A script names a message as `"ftl:layout-write"`; here each
//! language gets a copy of the script with its words in that place, so that a page and its script come from one binary and a
//! script asks for no words. What is wrong stops the build and names the key.

use std::path::Path;

use super::catalogues::{self, Catalogue, Piece};

const MARK: &str = "\"ftl:";

/// The script in each language, the complete language first; one that names no message is the same in all.
pub fn in_each_language(script: &str, locales: &Path) -> Vec<String> {
    let complete = catalogues::read(&locales.join(catalogues::COMPLETE));
    catalogues::codes(locales)
        .into_iter()
        .map(|code| {
            let own = catalogues::read(&locales.join(&code));
            let words = Words {
                code: &code,
                own: &own,
                complete: &complete,
            };
            words
                .put_into(script)
                .unwrap_or_else(|fault| panic!("a script, in {code}: {fault}"))
        })
        .collect()
}

/// The words of one language, and those of the complete one for what it lacks.
pub struct Words<'a> {
    pub code: &'a str,
    pub own: &'a Catalogue,
    pub complete: &'a Catalogue,
}

impl Words<'_> {
    /// # Errors
    ///
    /// A sentence with the key that is wrong.
    pub fn put_into(&self, script: &str) -> Result<String, String> {
        let mut parts = script.split(MARK);
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (key, rest) = part.split_once('"').ok_or("a key does not end")?;
            filled.push_str(&self.literal(key)?);
            filled.push_str(rest);
        }
        // In other quotes, or joined with what stood beside it.
        match filled.split_once("ftl:") {
            Some((_, rest)) => Err(format!(
                "ftl:{:.40}: a key stands alone, in double quotes",
                rest
            )),
            None => Ok(filled),
        }
    }

    /// What stands for the key: a string, whose variables are `{name}`; an object of strings by plural category where the
    /// message is a choice by one number.
    fn literal(&self, key: &str) -> Result<String, String> {
        let (code, pieces) = match (self.own.get(key), self.complete.get(key)) {
            (Some(own), _) => (self.code, own),
            (None, Some(pieces)) => (catalogues::COMPLETE, pieces),
            (None, None) => return Err(format!("{key}: there is no such message")),
        };
        let [
            Piece::Select {
                variants, default, ..
            },
        ] = &pieces[..]
        else {
            return Ok(quoted(&text(key, pieces)?));
        };
        let mut forms = vec![
            format!("language:{}", quoted(code)),
            format!("other:{}", quoted(&text(key, default)?)),
        ];
        for (category, pieces) in variants {
            forms.push(format!(
                "{}:{}",
                quoted(category),
                quoted(&text(key, pieces)?)
            ));
        }
        Ok(format!("{{{}}}", forms.join(",")))
    }
}

fn text(key: &str, pieces: &[Piece]) -> Result<String, String> {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Ok(text.clone()),
            Piece::Value(name) => Ok(format!("{{{name}}}")),
            Piece::Tag(name, _) => Err(format!("{key}: a script has no place for <{name}>")),
            Piece::Select { .. } => Err(format!("{key}: a choice that a script cannot make")),
        })
        .collect()
}

/// A string of JavaScript.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}
