//! The table of contents of a long post.
//!
//! It is made of the stored HTML when the page is, and not stored: that is one walk over its tags, short posts are not walked at
//! all, and a page is made once for all its readers. Stored beside the HTML it would have to be rendered again with it, by two
//! releases side by side.

use super::queries::Article;
use crate::markdown::{self, Heading};

/// Shorter posts are looked over by scrolling.
const FEWEST_WORDS: i32 = 900;
const FEWEST_HEADINGS: usize = 3;

/// A heading of level 2, or one of level 3 that stands under none.
#[derive(Debug, PartialEq, Eq)]
pub struct Chapter {
    pub heading: Heading,
    /// Those of level 3 under it.
    pub below: Vec<Heading>,
}

/// Empty where the post has none.
pub fn of(article: &Article) -> Vec<Chapter> {
    if article.words <= FEWEST_WORDS {
        return Vec::new();
    }
    chapters(markdown::outline(&article.html))
}

fn chapters(mut headings: Vec<Heading>) -> Vec<Chapter> {
    headings.retain(|heading| matches!(heading.level, 2 | 3) && !heading.text.is_empty());
    if headings.len() < FEWEST_HEADINGS {
        return Vec::new();
    }
    let mut chapters: Vec<Chapter> = Vec::new();
    for heading in headings {
        match chapters.last_mut() {
            Some(last) if heading.level == 3 && last.heading.level == 2 => last.below.push(heading),
            _ => chapters.push(Chapter {
                heading,
                below: Vec::new(),
            }),
        }
    }
    chapters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many stand below each chapter.
    fn below(levels: &[u8]) -> Vec<usize> {
        let heading = |(number, level): (usize, &u8)| Heading {
            level: *level,
            id: format!("h-{number}"),
            text: number.to_string(),
        };
        let headings = levels.iter().enumerate().map(heading).collect();
        chapters(headings).iter().map(|c| c.below.len()).collect()
    }

    #[test]
    fn headings_of_level_three_stand_below_their_chapter() {
        assert_eq!(below(&[2, 3, 3, 4, 2, 2]), [2, 0, 0]);
        assert_eq!(below(&[3, 3, 2, 3]), [0, 0, 1]);
        assert_eq!(below(&[1, 2, 2, 4, 5]), [] as [usize; 0], "two are few");
    }
}
