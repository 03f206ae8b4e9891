//! The tags of each template language: how one begins, what it is called, where its arguments lie.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use regex::{Captures, Regex};

/// A tag longer than this, in bytes, is text.
const TAG_LIMIT: usize = 4 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// No tags: text and code only.
    None,
    Hugo,
    Liquid,
    Zola,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) at: Range<usize>,
    pub(super) name: String,
    pub(super) args: Range<usize>,
    pub(super) form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Open,
    Close,
    /// Prints a value: `{{ … }}` in Liquid.
    Output,
    /// Says that a tag is to be shown, not run: `{{</* … */>}}`.
    Escaped,
}

/// Where each closing mark stands next. Kept between searches: looking again from every opening mark would be quadratic.
#[derive(Debug, Default)]
pub(super) struct Ends {
    found: HashMap<&'static str, Option<usize>>,
}

impl Ends {
    /// `start` must not go back between calls for one text.
    fn next(&mut self, text: &str, start: usize, closer: &'static str) -> Option<usize> {
        let is_current = self
            .found
            .get(closer)
            .is_some_and(|known| known.is_none_or(|at| at >= start));
        if !is_current {
            self.found.insert(
                closer,
                text[start..].find(closer).map(|length| start + length),
            );
        }
        self.found
            .get(closer)
            .copied()
            .flatten()
            .filter(|end| end - start <= TAG_LIMIT)
    }
}

impl Dialect {
    /// The tag that begins at `start`, where a `{` stands.
    pub(super) fn tag(self, text: &str, start: usize, ends: &mut Ends) -> Option<Tag> {
        match self {
            Self::None => None,
            Self::Hugo => hugo(text, start, ends),
            Self::Liquid => liquid(text, start, ends),
            Self::Zola => zola(text, start, ends),
        }
    }
}

static HUGO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\{\{[<%]-?\s*(/\*)?\s*(/)?\s*([\w][\w./-]*)").expect("a fixed pattern")
});

fn hugo(text: &str, start: usize, ends: &mut Ends) -> Option<Tag> {
    let closer = match text.as_bytes().get(start..start + 3)? {
        b"{{<" => ">}}",
        b"{{%" => "%}}",
        _ => return None,
    };
    let end = ends.next(text, start, closer)?;
    let found = HUGO.captures(&text[start..end])?;
    let name = found.get(3)?;
    let name_end = start + name.end();
    let args = text[name_end..end].trim_end_matches([' ', '/', '\n', '\r', '\t']);
    Some(Tag {
        at: start..end + 3,
        // `{{< name/>}}`: the slash belongs to the tag, not to its name.
        name: name.as_str().trim_end_matches('/').to_ascii_lowercase(),
        args: name_end..name_end + args.len(),
        form: hugo_form(&found),
    })
}

fn hugo_form(found: &Captures<'_>) -> Form {
    match (found.get(1), found.get(2)) {
        (Some(_), _) => Form::Escaped,
        (None, Some(_)) => Form::Close,
        (None, None) => Form::Open,
    }
}

fn liquid(text: &str, start: usize, ends: &mut Ends) -> Option<Tag> {
    match text.as_bytes().get(start..start + 2)? {
        b"{{" => liquid_output(text, start, ends),
        b"{%" => liquid_tag(text, start, ends),
        _ => None,
    }
}

fn liquid_output(text: &str, start: usize, ends: &mut Ends) -> Option<Tag> {
    let end = ends.next(text, start + 2, "}}")?;
    if text[start + 2..end].contains("{{") {
        return None;
    }
    Some(Tag {
        at: start..end + 2,
        name: String::new(),
        args: start + 2..end,
        form: Form::Output,
    })
}

fn liquid_tag(text: &str, start: usize, ends: &mut Ends) -> Option<Tag> {
    static HEAD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\{%-?\s*([A-Za-z_]\w*)").expect("a fixed pattern"));
    let end = ends.next(text, start + 2, "%}")?;
    let found = HEAD.captures(&text[start..end])?;
    let name = found.get(1)?;
    let args = start + name.end()..end;
    let (form, name) = match name.as_str().strip_prefix("end") {
        Some(opened) if !opened.is_empty() => (Form::Close, opened),
        _ => (Form::Open, name.as_str()),
    };
    Some(Tag {
        at: start..end + 2,
        name: name.to_owned(),
        args,
        form,
    })
}

static ZOLA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\{[{%]-?\s*(?:/\*\s*)?(?:([A-Za-z_]\w*)\s*\(|(end)\s*-?$|(end)\s*-?\*/)")
        .expect("a fixed pattern")
});

fn zola(text: &str, start: usize, ends: &mut Ends) -> Option<Tag> {
    let closer = match text.as_bytes().get(start..start + 2)? {
        b"{{" => "}}",
        b"{%" => "%}",
        _ => return None,
    };
    let end = ends.next(text, start + 2, closer)?;
    let inside = &text[start..end];
    let found = ZOLA.captures(inside.trim_end())?;
    let name = found.get(1).map_or("end", |name| name.as_str()).to_owned();
    let args_start = start + found.get_match().end();
    let args_end = args_start + text[args_start..end].rfind(')').unwrap_or(0);
    Some(Tag {
        at: start..end + 2,
        name,
        args: args_start..args_end.max(args_start),
        form: zola_form(inside, &found),
    })
}

fn zola_form(inside: &str, found: &Captures<'_>) -> Form {
    if inside[2..].trim_start().starts_with("/*") {
        Form::Escaped
    } else if found.get(1).is_none() {
        Form::Close
    } else if inside.starts_with("{{") {
        Form::Output
    } else {
        Form::Open
    }
}
