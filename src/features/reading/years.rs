//! The index of the archive: years, and in each all months, of which those with posts are links.

use chrono::{Datelike, NaiveDate};

use crate::messages::{Message, text};

pub struct Year {
    pub year: i32,
    /// January to December.
    pub months: Vec<MonthOfYear>,
}

pub struct MonthOfYear {
    number: u32,
    /// Its address; none for a month without posts.
    pub path: Option<String>,
}

impl MonthOfYear {
    pub fn name(&self) -> Message {
        text::layout_month(self.number)
    }
}

/// `months` are the first days of those that have posts, newest first.
pub fn of(months: &[NaiveDate]) -> Vec<Year> {
    months
        .chunk_by(|one, next| one.year() == next.year())
        .map(|of_year| {
            let year = of_year[0].year();
            let month = |number| MonthOfYear {
                number,
                path: of_year
                    .iter()
                    .any(|month| month.month() == number)
                    .then(|| format!("/archive/{year:04}/{number:02}")),
            };
            Year {
                year,
                months: (1..=12).map(month).collect(),
            }
        })
        .collect()
}
