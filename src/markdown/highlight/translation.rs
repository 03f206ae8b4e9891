//! What of an expression an automaton can search for, in a text of ASCII.
//!
//! What it cannot is left out or read as part of the match, and then the translation is not exact: it matches wherever the
//! expression does, and in other places too.

use fancy_regex::internal::FLAG_UNICODE;
use fancy_regex::{Assertion, Expr, LookAround};
use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, Dot, Hir, HirKind, Look, Repetition,
};

/// An expression for an automaton.
pub(super) struct Translation {
    pub(super) hir: Hir,
    /// Whether it has the groups of the expression, and matches where the expression does.
    pub(super) is_exact: bool,
    /// Groups that begin where the match ends: what comes after them is only looked at.
    pub(super) ends: Vec<usize>,
    /// For each group of the expression its own.
    pub(super) groups: Vec<usize>,
}

impl Translation {
    /// None where the text is no expression, where a part of it has no translation, and where none is exact.
    pub(super) fn exact(text: &str) -> Option<Translation> {
        let tree = parse(text)?;
        let mut translator = Translator::new(true);
        let hir = translator.hir(&tree, Place::End)?;
        translator.is_exact.then(|| translator.done(hir))
    }

    /// Without groups, which may be left out. None also where it would match everywhere.
    pub(super) fn without_groups(text: &str) -> Option<Translation> {
        let tree = parse(text)?;
        let mut translator = Translator::new(false);
        let hir = translator.hir(&tree, Place::End)?;
        let properties = hir.properties();
        let is_everywhere = properties.minimum_len() == Some(0) && properties.look_set().is_empty();
        (!is_everywhere).then(|| translator.done(hir))
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

/// What is known while an expression is read.
struct Translator {
    is_exact: bool,
    has_groups: bool,
    captures: u32,
    ends: Vec<usize>,
    groups: Vec<usize>,
}

impl Translator {
    fn new(has_groups: bool) -> Self {
        Translator {
            is_exact: has_groups,
            has_groups,
            captures: 0,
            ends: Vec::new(),
            groups: vec![0],
        }
    }

    fn done(self, hir: Hir) -> Translation {
        Translation {
            hir,
            is_exact: self.is_exact,
            ends: self.ends,
            groups: self.groups,
        }
    }

    fn hir(&mut self, expression: &Expr, place: Place) -> Option<Hir> {
        Some(match expression {
            Expr::Empty => Hir::empty(),
            Expr::Any { newline: true } => Hir::dot(Dot::AnyByte),
            Expr::Any { newline: false } => Hir::dot(Dot::AnyByteExceptLF),
            Expr::Assertion(assertion) => Hir::look(look(*assertion)?),
            Expr::Literal { .. } | Expr::Delegate { .. } => letters(expression)?,
            Expr::Concat(parts) => self.row(parts, place)?,
            Expr::Alt(branches) => {
                let of = |branch: &Expr| self.hir(branch, place);
                Hir::alternation(branches.iter().map(of).collect::<Option<_>>()?)
            }
            Expr::Group(inner) => self.group(inner, place)?,
            Expr::Repeat {
                child,
                lo,
                hi,
                greedy,
            } => {
                let most = (*hi != usize::MAX).then_some(*hi);
                self.repeated(child, *lo, most, *greedy)?
            }
            Expr::LookAround(inner, LookAround::LookAhead) => self.ahead(inner, place)?,
            Expr::LookAround(inner, LookAround::LookAheadNeg) => self.not_ahead(inner, place)?,
            Expr::LookAround(..) => self.left_out(),
            Expr::AtomicGroup(inner) => {
                self.is_exact = false;
                self.hir(inner, place)?
            }
            Expr::Backref { .. } => {
                self.is_exact = false;
                anything()
            }
            _ => return None,
        })
    }

    fn row(&mut self, parts: &[Expr], place: Place) -> Option<Hir> {
        let last = parts.len().saturating_sub(1);
        let of = |(index, part): (usize, &Expr)| {
            self.hir(part, if index == last { place } else { Place::Amid })
        };
        let parts: Option<Vec<Hir>> = parts.iter().enumerate().map(of).collect();
        parts.map(Hir::concat)
    }

    fn group(&mut self, inner: &Expr, place: Place) -> Option<Hir> {
        let index = self.capture();
        self.groups.push(index as usize);
        let place = match place {
            Place::Amid => Place::Amid,
            Place::End | Place::EndOfGroup => Place::EndOfGroup,
        };
        let inner = self.hir(inner, place)?;
        Some(self.captured(index, inner))
    }

    fn repeated(
        &mut self,
        child: &Expr,
        least: usize,
        most: Option<usize>,
        greedy: bool,
    ) -> Option<Hir> {
        let captures = self.captures;
        let sub = self.hir(child, Place::Amid)?;
        // The expression goes once more around with nothing in the group, the automaton does not.
        let may_be_empty = sub.properties().minimum_len() == Some(0);
        if most.is_none() && may_be_empty && self.captures > captures {
            self.is_exact = false;
        }
        Some(Hir::repetition(Repetition {
            min: u32::try_from(least).ok()?,
            max: most.map(u32::try_from).transpose().ok()?,
            greedy,
            sub: Box::new(sub),
        }))
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
            Self::others(inner)
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

    /// The characters that are not this one; none where it is more than one, or has no exact translation: what stands for more
    /// than the expression has would leave out too much when it is turned around.
    fn others(one: &Expr) -> Option<Hir> {
        let mut translator = Translator::new(true);
        let hir = translator.hir(one, Place::Amid)?;
        let is_more = translator.captures > 0 || !translator.is_exact;
        let mut class = match hir.kind() {
            _ if is_more => return None,
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

fn letters(expression: &Expr) -> Option<Hir> {
    let mut text = String::new();
    expression.to_str(&mut text, 0);
    in_ascii(&regex_syntax::parse(&text).ok()?)
}

fn anything() -> Hir {
    Hir::repetition(Repetition {
        min: 0,
        max: None,
        greedy: true,
        sub: Box::new(Hir::dot(Dot::AnyByte)),
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
