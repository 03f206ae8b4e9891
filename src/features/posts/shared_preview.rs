//! The page that a preview link leads to: the text, and where the link allows it, notes on its paragraphs.

use askama::Template;

use super::byline;
use super::draft::Draft;
use super::guest_note::{NoteForm, is_editable};
use super::naming::{self, Titled};
use super::note_anchor::{Address, Found, Paragraphs};
use super::queries::AcceptedNote;
use crate::db::public_id;
use crate::features::site::SiteTypography;
use crate::markdown::{self, MarkedPiece, RenderError, Rendered};
use crate::messages::{Message, html as t};
use crate::web::{Error, FormErrors, Frame, Result, rendering};

#[derive(Template)]
#[template(path = "posts/shared_preview.html")]
pub struct SharedPreviewPage<'a> {
    pub frame: Frame,
    pub draft: &'a Draft,
    pub names: byline::Preview,
    pub rendered: &'a Rendered,
    /// When the link ends.
    pub until: Message,
    pub pieces: Vec<MarkedPiece>,
    /// None where the link allows none.
    pub notes: Option<Notes>,
}

/// What a page shows of notes.
pub struct Notes {
    pub paragraphs: Paragraphs,
    pub open: Option<OpenForm>,
    /// The paragraph that a note was sent on a moment ago.
    pub sent: Option<usize>,
    pub accepted: Vec<AcceptedNote>,
}

/// The form of a note, below its paragraph.
pub struct OpenForm {
    pub number: usize,
    pub form: NoteForm,
    pub faults: FormErrors,
}

impl OpenForm {
    /// The suggestion's field comes open where it has something to say.
    fn is_suggesting(&self, paragraph: &str) -> bool {
        let typed = self.form.suggestion.as_deref().unwrap_or_default();
        self.faults.of("suggestion").is_some() || typed.trim_end() != paragraph.trim_end()
    }

    fn suggestion(&self) -> &str {
        self.form.suggestion.as_deref().unwrap_or_default()
    }
}

impl Notes {
    /// The number of the paragraph that an address names, as it is now.
    pub fn number_at(paragraphs: &Paragraphs, address: &Address) -> Option<usize> {
        match paragraphs.at(address)? {
            Found::Same(number) | Found::Edited(number) => Some(number),
            Found::Gone => None,
        }
    }

    fn numbers(&self) -> std::ops::Range<usize> {
        0..self.paragraphs.len()
    }

    /// How a paragraph begins, as it was typed.
    fn begin(&self, number: &usize) -> String {
        markdown::excerpt(self.text(number), 100)
    }

    fn open_at(&self, number: &usize) -> Option<&OpenForm> {
        self.open.as_ref().filter(|open| open.number == *number)
    }

    fn is_sent_at(&self, number: &usize) -> bool {
        self.sent == Some(*number)
    }

    fn text(&self, number: &usize) -> &str {
        self.paragraphs.text(*number)
    }

    fn address(&self, number: &usize) -> String {
        self.paragraphs.address(*number)
    }

    fn is_editable(&self, number: &usize) -> bool {
        is_editable(self.paragraphs.text(*number))
    }

    /// Where the form is sent to: the page's own address has the token, which no page repeats.
    fn action(&self, open: &OpenForm) -> String {
        let address = self.paragraphs.address(open.number);
        format!("{}&note={address}#note", open.form.id.action(""))
    }
}

impl AcceptedNote {
    /// How the paragraph begins that it was left on.
    fn begin(&self) -> String {
        markdown::excerpt(&self.paragraph, 60)
    }
}

impl SharedPreviewPage<'_> {
    /// The title, and the first piece without it.
    fn titled(&self) -> Titled<'_> {
        let first = self.pieces.first().map_or("", |piece| &piece.html);
        naming::titled(&self.draft.title, first)
    }

    /// The text could not be cut where its paragraphs end: the ways to notes stand below it.
    fn is_whole(&self) -> bool {
        self.pieces.iter().all(|piece| piece.ends.is_none())
    }

    fn sample(&self) -> String {
        let begin: String = self.rendered.text.chars().take(300).collect();
        format!("{} {begin}", self.draft.title)
    }
}

/// Finds the paragraphs of a text where texts are rendered.
pub async fn paragraphs(draft: &Draft) -> Result<Paragraphs> {
    let source = draft.markdown.clone();
    rendering::run(move || Paragraphs::of(&source)).await
}

/// The text in pieces, which end where its paragraphs do.
pub async fn pieces(
    draft: &Draft,
    site: &SiteTypography,
    paragraphs: &Paragraphs,
) -> Result<Vec<MarkedPiece>> {
    let (source, places) = (draft.markdown.clone(), paragraphs.places().to_vec());
    let typography = site.of_text(draft.details.typography, &draft.details.language);
    let marked = move || markdown::marked_post(&source, &typography, &places, &word());
    let marked: std::result::Result<_, RenderError> = rendering::run(marked).await?;
    marked.map_err(|error| Error::BadRequest(error.message()))
}

/// Letters that are in no text: no author can have typed them.
fn word() -> String {
    let letter = |digit: char| {
        let number = digit.to_digit(16).unwrap_or_default() as u8;
        char::from(b'a' + number)
    };
    public_id()
        .simple()
        .to_string()
        .chars()
        .map(letter)
        .collect()
}
