//! The plain form of an expression: what an automaton can search for, without steps back, in a line of ASCII.
//!
//! Nearly every expression of a grammar has a word boundary or looks around, for which the library of `expression` steps
//! back through the line, from each byte anew; and most searches find nothing. In a line of ASCII a word boundary is one of
//! ASCII, and a class has 128 members at most, so the automaton is small and never has to ask again. What it cannot look
//! for is left out, or read as part of the match at its end, so that it finds a match wherever the expression has one.
//! Where nothing was left out it gives the groups too, and else the place from which the expression itself is tried.

use std::rc::Rc;

use fancy_regex::internal::FLAG_UNICODE;
use fancy_regex::{Assertion, Expr, LookAround};
use regex_automata::meta::{Config, Regex};
use regex_automata::{Input, MatchKind};
use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, Dot, Hir, HirKind, Look, Repetition,
};

/// The groups of a match, from byte to byte.
pub(super) type Groups = Rc<[Option<(usize, usize)>]>;

/// In bytes, for an automaton before its first search: nearly all need less.
const SIZE_LIMIT: usize = 64 * 1024;
/// In bytes, for what the searches of one thread may learn in each direction; what is beyond it is learnt anew.
const CACHE_LIMIT: usize = 128 * 1024;

/// In bytes. In a longer line the expression itself looks for the groups: the automaton would note each of its states at each
/// byte for that.
const LONG_LINE: usize = 500;

pub(super) struct Plain {
    regex: Regex,
    /// Whether it has the groups of the expression, and matches where the expression does.
    is_exact: bool,
    /// The group that begins where the match ends, if what comes after it was only looked at.
    ends: Vec<usize>,
    /// For each group of the expression its own.
    groups: Vec<usize>,
}

/// What the plain form says of a line.
pub(super) enum Found {
    /// There is no match.
    Nothing,
    Match(Groups),
    /// There is none before this byte.
    NotBefore(usize),
}

impl Plain {
    /// None where it would say nothing, since what is left of the expression matches everywhere.
    pub(super) fn of(text: &str) -> Option<Plain> {
        let tree = parse(text)?;
        let mut made = Making::new(true);
        let mut hir = made.hir(&tree, Place::End)?;
        if !made.is_exact {
            made = Making::new(false);
            hir = made.hir(&tree, Place::End)?;
            let matches_nothing = hir.properties().minimum_len() == Some(0);
            if matches_nothing && hir.properties().look_set().is_empty() {
                return None;
            }
        }
        let config = Config::new()
            .utf8_empty(false)
            .match_kind(MatchKind::LeftmostFirst)
            .nfa_size_limit(Some(SIZE_LIMIT))
            .onepass_size_limit(Some(SIZE_LIMIT))
            .hybrid_cache_capacity(CACHE_LIMIT);
        let regex = Regex::builder()
            .configure(config)
            .build_from_hir(&hir)
            .ok()?;
        Some(Plain {
            regex,
            is_exact: made.is_exact,
            ends: made.ends,
            groups: made.groups,
        })
    }

    /// In a line of nothing but ASCII, from a byte on.
    pub(super) fn find(&self, line: &str, at: usize) -> Found {
        let input = Input::new(line).range(at..);
        if !self.is_exact || line.len() > LONG_LINE {
            return self
                .regex
                .search(&input)
                .map_or(Found::Nothing, |found| Found::NotBefore(found.start()));
        }
        if self.groups.len() == 1 && self.ends.is_empty() {
            let groups = |found: regex_automata::Match| {
                Found::Match([Some((found.start(), found.end()))].into())
            };
            return self.regex.search(&input).map_or(Found::Nothing, groups);
        }
        let mut captures = self.regex.create_captures();
        self.regex.search_captures(&input, &mut captures);
        let group = |index: &usize| captures.get_group(*index).map(|g| (g.start, g.end));
        let Some((start, end)) = group(&0) else {
            return Found::Nothing;
        };
        let end = self.ends.iter().find_map(group).map_or(end, |(end, _)| end);
        Found::Match(
            std::iter::once(Some((start, end)))
                .chain(self.groups.iter().skip(1).map(group))
                .collect(),
        )
    }
}

/// As the expression itself is read: in the mode of Oniguruma, and with the letters of all scripts.
fn parse(text: &str) -> Option<Expr> {
    const FLAG_ONIGURUMA_MODE: u32 = 1 << 6;
    let flags = FLAG_UNICODE | FLAG_ONIGURUMA_MODE;
    Expr::parse_tree_with_flags(text, flags)
        .ok()
        .map(|tree| tree.expr)
}

/// Where a part of an expression stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Nothing comes after it.
    End,
    /// Nothing comes after it, but it is in a group, whose end is not that of the match.
    EndOfGroup,
    Amid,
}

struct Making {
    is_exact: bool,
    has_groups: bool,
    captures: u32,
    ends: Vec<usize>,
    groups: Vec<usize>,
}

impl Making {
    fn new(has_groups: bool) -> Self {
        Making {
            is_exact: has_groups,
            has_groups,
            captures: 0,
            ends: Vec::new(),
            groups: vec![0],
        }
    }

    fn hir(&mut self, expression: &Expr, place: Place) -> Option<Hir> {
        Some(match expression {
            Expr::Empty => Hir::empty(),
            Expr::Any { newline: true } => Hir::dot(Dot::AnyByte),
            Expr::Any { newline: false } => Hir::dot(Dot::AnyByteExceptLF),
            Expr::Assertion(assertion) => Hir::look(look(*assertion)?),
            Expr::Literal { .. } | Expr::Delegate { .. } => {
                let mut text = String::new();
                expression.to_str(&mut text, 0);
                in_ascii(&regex_syntax::parse(&text).ok()?)?
            }
            Expr::Concat(parts) => {
                let last = parts.len().saturating_sub(1);
                let of = |(index, part): (usize, &Expr)| {
                    self.hir(part, if index == last { place } else { Place::Amid })
                };
                Hir::concat(parts.iter().enumerate().map(of).collect::<Option<_>>()?)
            }
            Expr::Alt(branches) => {
                let of = |branch: &Expr| self.hir(branch, place);
                Hir::alternation(branches.iter().map(of).collect::<Option<_>>()?)
            }
            Expr::Group(inner) => {
                let index = self.capture();
                self.groups.push(index as usize);
                let place = match place {
                    Place::Amid => Place::Amid,
                    Place::End | Place::EndOfGroup => Place::EndOfGroup,
                };
                let inner = self.hir(inner, place)?;
                self.captured(index, inner)
            }
            Expr::Repeat {
                child,
                lo,
                hi,
                greedy,
            } => Hir::repetition(Repetition {
                min: u32::try_from(*lo).ok()?,
                max: if *hi == usize::MAX {
                    None
                } else {
                    Some(u32::try_from(*hi).ok()?)
                },
                greedy: *greedy,
                sub: Box::new(self.hir(child, Place::Amid)?),
            }),
            Expr::LookAround(inner, LookAround::LookAhead) => self.ahead(inner, place)?,
            Expr::LookAround(inner, LookAround::LookAheadNeg) => self.not_ahead(inner, place)?,
            Expr::LookAround(..) => self.left_out(),
            Expr::AtomicGroup(inner) => {
                self.is_exact = false;
                self.hir(inner, place)?
            }
            Expr::Backref { .. } => {
                self.is_exact = false;
                Hir::repetition(Repetition {
                    min: 0,
                    max: None,
                    greedy: true,
                    sub: Box::new(Hir::dot(Dot::AnyByte)),
                })
            }
            _ => return None,
        })
    }

    /// At the end it is read as if it belonged to the match.
    fn ahead(&mut self, inner: &Expr, place: Place) -> Option<Hir> {
        match place {
            Place::Amid => Some(self.left_out()),
            Place::EndOfGroup => {
                self.is_exact = false;
                self.hir(inner, place)
            }
            Place::End => {
                let end = self.end();
                Some(Hir::concat(vec![end, self.hir(inner, Place::EndOfGroup)?]))
            }
        }
    }

    /// At the end, that another character comes, or none, can be read like the match.
    fn not_ahead(&mut self, inner: &Expr, place: Place) -> Option<Hir> {
        let others = if place == Place::Amid {
            None
        } else {
            self.others(inner)
        };
        let Some(others) = others else {
            return Some(self.left_out());
        };
        let other = Hir::alternation(vec![others, Hir::look(Look::End)]);
        Some(if place == Place::End {
            Hir::concat(vec![self.end(), other])
        } else {
            self.is_exact = false;
            other
        })
    }

    /// The characters that are not this one; none where it is more than one.
    fn others(&mut self, one: &Expr) -> Option<Hir> {
        let (captures, groups) = (self.captures, self.groups.len());
        let hir = self.hir(one, Place::Amid)?;
        if (captures, groups) != (self.captures, self.groups.len()) {
            return None;
        }
        let mut class = match hir.kind() {
            HirKind::Class(Class::Bytes(class)) => class.clone(),
            HirKind::Literal(literal) if literal.0.len() == 1 => {
                ClassBytes::new([ClassBytesRange::new(literal.0[0], literal.0[0])])
            }
            _ => return None,
        };
        class.negate();
        Some(Hir::class(Class::Bytes(class)))
    }

    fn left_out(&mut self) -> Hir {
        self.is_exact = false;
        Hir::empty()
    }

    fn end(&mut self) -> Hir {
        let index = self.capture();
        self.ends.push(index as usize);
        self.captured(index, Hir::empty())
    }

    fn capture(&mut self) -> u32 {
        self.captures += 1;
        self.captures
    }

    fn captured(&self, index: u32, sub: Hir) -> Hir {
        if !self.has_groups {
            return sub;
        }
        Hir::capture(Capture {
            index,
            name: None,
            sub: Box::new(sub),
        })
    }
}

fn look(assertion: Assertion) -> Option<Look> {
    Some(match assertion {
        Assertion::StartText => Look::Start,
        Assertion::EndText => Look::End,
        Assertion::StartLine { crlf: false } => Look::StartLF,
        Assertion::EndLine { crlf: false } => Look::EndLF,
        Assertion::StartLine { crlf: true } => Look::StartCRLF,
        Assertion::EndLine { crlf: true } => Look::EndCRLF,
        Assertion::WordBoundary => Look::WordAscii,
        Assertion::NotWordBoundary => Look::WordAsciiNegate,
        Assertion::LeftWordBoundary => Look::WordStartAscii,
        Assertion::RightWordBoundary => Look::WordEndAscii,
    })
}

/// What is left of it in a text of ASCII.
fn in_ascii(hir: &Hir) -> Option<Hir> {
    let all = |parts: &[Hir]| parts.iter().map(in_ascii).collect::<Option<Vec<_>>>();
    Some(match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) if literal.0.is_ascii() => Hir::literal(literal.0.clone()),
        HirKind::Literal(_) => Hir::fail(),
        HirKind::Class(Class::Unicode(class)) => {
            let mut ascii = ClassBytes::empty();
            for range in class.iter().filter(|range| range.start().is_ascii()) {
                let end = u8::try_from(u32::from(range.end())).map_or(127, |end| end.min(127));
                ascii.push(ClassBytesRange::new(range.start() as u8, end));
            }
            Hir::class(Class::Bytes(ascii))
        }
        HirKind::Class(Class::Bytes(class)) => Hir::class(Class::Bytes(class.clone())),
        HirKind::Repetition(repetition) => {
            Hir::repetition(repetition.with(in_ascii(&repetition.sub)?))
        }
        HirKind::Concat(parts) => Hir::concat(all(parts)?),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)?),
        HirKind::Look(_) | HirKind::Capture(_) => return None,
    })
}
