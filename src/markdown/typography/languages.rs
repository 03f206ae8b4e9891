//! What is customary in which language.
//!
//! The quotes are those of the Unicode CLDR, except where papers and publishers print others: Danish and Dutch have the ones that
//! readers meet. Spanish is two customs: the Academy and the presses of Spain put «these» first and “these” within, America
//! prints “these” and ‘these’; so `es` and `es-ES` have the former, every other region the latter. Portuguese is as
//! divided: `pt-PT` has «these», and where no region is named it is Brazil's.

/// The signs that open and close a quotation, with their spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair(pub(super) &'static str, pub(super) &'static str);

/// Whether `; : ! ?` and guillemets keep a distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spaces {
    /// As they were typed.
    Typed,
    /// Where a space was typed no line breaks, and it is narrow.
    NoBreak,
    /// As `NoBreak`, and there is always one.
    Always,
}

/// How a language sets its punctuation.
#[derive(Debug)]
pub(super) struct Convention {
    /// What `"` stands for, and within that the other one; `'` the other way round.
    pub(super) outer: Pair,
    pub(super) inner: Pair,
    /// What `--` is between spaces.
    pub(super) dash: &'static str,
    /// What `--` is between words without them.
    pub(super) closed_dash: &'static str,
    /// Whether a hyphen between spaces can only be a dash.
    pub(super) hyphens: bool,
    /// Whether the space before a dash keeps it at its line.
    pub(super) holds_dash: bool,
    pub(super) spaces: Spaces,
    /// Words that begin with an apostrophe, without it.
    pub(super) elisions: &'static [&'static str],
}

const EN_DASH: &str = "–";
const EM_DASH: &str = "—";

const DOUBLE: Pair = Pair("“", "”");
const SINGLE: Pair = Pair("‘", "’");
const LOW: Pair = Pair("„", "“");
const LOW_SINGLE: Pair = Pair("‚", "‘");
const LOW_HIGH: Pair = Pair("„", "”");
const GUILLEMETS: Pair = Pair("«", "»");
const SINGLE_GUILLEMETS: Pair = Pair("‹", "›");
const REVERSED_GUILLEMETS: Pair = Pair("»", "«");
const SPACED_GUILLEMETS: Pair = Pair("«\u{202f}", "\u{202f}»");
const SPACED_SINGLE_GUILLEMETS: Pair = Pair("‹\u{202f}", "\u{202f}›");
const RAISED: Pair = Pair("”", "”");
const RAISED_SINGLE: Pair = Pair("’", "’");

const fn quotes(outer: Pair, inner: Pair) -> Convention {
    Convention {
        outer,
        inner,
        dash: EN_DASH,
        closed_dash: EN_DASH,
        hyphens: false,
        holds_dash: false,
        spaces: Spaces::Typed,
        elisions: &[],
    }
}

/// Languages that set a dash between spaces and no hyphen.
const fn dashed(outer: Pair, inner: Pair) -> Convention {
    Convention {
        hyphens: true,
        ..quotes(outer, inner)
    }
}

/// Russian and its neighbours: the dash is long, and no line begins with it.
const fn cyrillic(outer: Pair, inner: Pair) -> Convention {
    Convention {
        dash: EM_DASH,
        holds_dash: true,
        ..dashed(outer, inner)
    }
}

const fn french(inner: Pair, spaces: Spaces) -> Convention {
    Convention {
        spaces,
        ..dashed(SPACED_GUILLEMETS, inner)
    }
}

static ENGLISH: Convention = Convention {
    closed_dash: EM_DASH,
    elisions: &["tis", "twas", "twere", "twill", "em", "til", "neath", "cuz"],
    ..quotes(DOUBLE, SINGLE)
};
static GERMAN: Convention = Convention {
    elisions: &["s", "n", "ne", "nen", "nem", "ner"],
    ..dashed(LOW, LOW_SINGLE)
};
static SWISS_GERMAN: Convention = Convention {
    elisions: GERMAN.elisions,
    ..dashed(GUILLEMETS, SINGLE_GUILLEMETS)
};
static FRENCH: Convention = french(DOUBLE, Spaces::Always);
static CANADIAN_FRENCH: Convention = french(DOUBLE, Spaces::NoBreak);
static SWISS_FRENCH: Convention = french(SPACED_SINGLE_GUILLEMETS, Spaces::NoBreak);
static SWISS_ITALIAN: Convention = quotes(GUILLEMETS, SINGLE_GUILLEMETS);
static DUTCH: Convention = Convention {
    elisions: &["s", "t", "n", "k", "m", "r", "ns", "ie", "tis"],
    ..quotes(DOUBLE, SINGLE)
};
static AFRIKAANS: Convention = Convention {
    elisions: &["n"],
    ..quotes(DOUBLE, SINGLE)
};
static ROMANCE: Convention = quotes(GUILLEMETS, DOUBLE);
static AMERICAN: Convention = quotes(DOUBLE, SINGLE);
static RAISED_DASHED: Convention = dashed(RAISED, RAISED_SINGLE);
static NORWEGIAN: Convention = dashed(GUILLEMETS, SINGLE);
static CENTRAL: Convention = dashed(LOW, LOW_SINGLE);
static POLISH: Convention = dashed(LOW_HIGH, GUILLEMETS);
static CROATIAN: Convention = dashed(LOW_HIGH, SINGLE);
static HUNGARIAN: Convention = dashed(LOW_HIGH, REVERSED_GUILLEMETS);
static ESTONIAN: Convention = dashed(LOW_HIGH, GUILLEMETS);
static RUSSIAN: Convention = cyrillic(GUILLEMETS, LOW);
static BULGARIAN: Convention = dashed(LOW, SINGLE);

/// Language and region; none stands for every region that has no line of its own.
static TABLE: &[(&str, &[&str], &Convention)] = &[
    ("en", &[], &ENGLISH),
    ("de", &["ch", "li"], &SWISS_GERMAN),
    ("de", &[], &GERMAN),
    ("fr", &["ch"], &SWISS_FRENCH),
    ("fr", &["ca"], &CANADIAN_FRENCH),
    ("fr", &[], &FRENCH),
    ("it", &["ch"], &SWISS_ITALIAN),
    ("it", &[], &ROMANCE),
    ("es", &["", "es"], &ROMANCE),
    ("es", &[], &AMERICAN),
    ("pt", &["pt"], &ROMANCE),
    ("pt", &[], &AMERICAN),
    ("ca", &[], &ROMANCE),
    ("gl", &[], &ROMANCE),
    ("el", &[], &ROMANCE),
    ("eu", &[], &ROMANCE),
    ("nl", &[], &DUTCH),
    ("af", &[], &AFRIKAANS),
    ("sv", &[], &RAISED_DASHED),
    ("fi", &[], &RAISED_DASHED),
    ("da", &[], &RAISED_DASHED),
    ("nb", &[], &NORWEGIAN),
    ("nn", &[], &NORWEGIAN),
    ("no", &[], &NORWEGIAN),
    ("is", &[], &CENTRAL),
    ("cs", &[], &CENTRAL),
    ("sk", &[], &CENTRAL),
    ("sl", &[], &CENTRAL),
    ("lt", &[], &CENTRAL),
    ("bg", &[], &BULGARIAN),
    ("pl", &[], &POLISH),
    ("ro", &[], &POLISH),
    ("hr", &[], &CROATIAN),
    ("bs", &[], &CROATIAN),
    ("sr", &[], &CROATIAN),
    ("hu", &[], &HUNGARIAN),
    ("et", &[], &ESTONIAN),
    ("ru", &[], &RUSSIAN),
    ("uk", &[], &RUSSIAN),
    ("be", &[], &RUSSIAN),
    ("tr", &[], &AMERICAN),
    ("id", &[], &AMERICAN),
    ("ga", &[], &AMERICAN),
    ("cy", &[], &AMERICAN),
    ("eo", &[], &AMERICAN),
];

/// The convention of a language tag such as `de` or `de-CH`.
pub(super) fn convention(tag: &str) -> Option<&'static Convention> {
    let tag = tag.to_ascii_lowercase().replace('_', "-");
    let mut parts = tag.split('-');
    let language = parts.next()?;
    let region = parts.find(|part| is_region(part)).unwrap_or_default();
    let of_region = |regions: &[&str]| regions.is_empty() || regions.contains(&region);
    let mut lines = TABLE.iter();
    lines
        .find(|(of, regions, _)| *of == language && of_region(regions))
        .map(|(_, _, convention)| *convention)
}

/// Two letters, or three digits such as 419 for Latin America.
fn is_region(part: &str) -> bool {
    part.len() == 2 || part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static Convention)> {
    TABLE
        .iter()
        .map(|(language, _, convention)| (*language, *convention))
}
