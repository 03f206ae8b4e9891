//! What the grammars that two-face bundles hold in memory at most, measured.
//!
//! Method: in a program with an allocator that counts bytes, each expression of a grammar was compiled (`expressions`),
//! then one thread searched with it in 1,900 lines of Rust, JavaScript, CSS and Python and in 150 lines of 1,900 bytes
//! each made of the expression's own words, whole and cut, and of letters and signs of many scripts, which drive the lazy
//! automata into most of their states (`caches`; ordinary code fills about half of that). The counts are those of the
//! process; the allocator's own rounding and its free pages come on top.
//!
//! To be measured again with each update of two-face, fancy-regex or regex-automata: a test fails when the expressions
//! are others.

const KIB: usize = 1024;

/// In bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weight {
    /// All expressions, compiled.
    pub(super) expressions: usize,
    /// What the searches of one thread keep.
    pub(super) caches: usize,
}

/// What a grammar is charged.
pub(super) fn of(name: &str) -> Weight {
    let row = MEASURED
        .binary_search_by_key(&name, |row| row.0)
        .map(|at| MEASURED[at]);
    let (_, expressions, caches) = row.unwrap_or(("the others", 1024, 448));
    Weight {
        expressions: expressions * KIB,
        caches: caches * KIB,
    }
}

/// Sorted by name; the 93 that are not here hold less than a megabyte each.
pub(super) const MEASURED: &[(&str, usize, usize)] = &[
    ("ASP", 12_355, 670),
    ("ActionScript", 1_335, 286),
    ("Ada", 2_751, 766),
    ("Apache Conf", 663, 748),
    ("AppleScript", 11_826, 901),
    ("AsciiDoc (Asciidoctor)", 4_304, 889),
    ("Authorized Keys", 759, 484),
    ("Batch File", 6_759, 253),
    ("Bourne Again Shell (bash)", 10_299, 2_050),
    ("C", 5_614, 2_660),
    ("C#", 17_806, 7_503),
    ("C++", 18_676, 9_573),
    ("CFML", 1_221, 121),
    ("CFML Script", 34_622, 8_983),
    ("CFML Script (Tags)", 34_634, 8_983),
    ("CMake", 995, 285),
    ("CMakeCommands", 4_568, 184),
    ("CSS", 9_218, 4_063),
    ("Clojure", 513, 729),
    ("CoffeeScript", 2_189, 803),
    ("Command Help", 2_154, 298),
    ("Crontab", 872, 266),
    ("Crystal", 6_684, 1_019),
    ("D", 5_239, 4_408),
    ("Dart", 938, 187),
    ("Dockerfile (with bash)", 1_032, 361),
    ("Elixir", 3_969, 1_091),
    ("Elm", 710, 397),
    ("Email", 3_270, 674),
    ("Erlang", 5_284, 4_222),
    ("F#", 9_818, 5_223),
    ("Fish", 3_351, 897),
    ("Fortran (Fixed Form)", 6_844, 2_080),
    ("Fortran (Modern)", 26_449, 1_865),
    ("GDScript (Godot Engine)", 1_212, 117),
    ("GLSL", 4_093, 1_862),
    ("Git Attributes", 1_159, 297),
    ("Git Commit", 763, 2_637),
    ("Git Common", 863, 409),
    ("Go", 4_922, 1_869),
    ("Groovy", 3_528, 1_658),
    ("HTML", 2_958, 122),
    ("HTML (Twig)", 2_690, 116),
    ("HTTP Request and Response", 1_418, 673),
    ("Idris", 5_057, 2_390),
    ("JQ", 1_171, 546),
    ("Java", 4_061, 3_933),
    ("JavaScript", 18_250, 10_125),
    ("Javadoc", 788, 512),
    ("Julia", 4_789, 2_385),
    ("Known Hosts", 3_183, 4_412),
    ("Kotlin", 898, 685),
    ("LaTeX", 4_057, 1_479),
    ("Less", 21_823, 7_277),
    ("Lisp", 7_865, 6_934),
    ("LiveScript", 3_373, 2_175),
    ("Lua", 1_397, 210),
    ("MATLAB", 3_855, 1_023),
    ("Makefile", 6_023, 219),
    ("Manpage", 1_431, 541),
    ("Markdown", 16_040, 827),
    ("MediaWiki", 2_559, 3_486),
    ("MediawikerPanel", 577, 580),
    ("NSIS", 10_010, 1_128),
    ("Navigational Bar SV", 2_819, 1_233),
    ("Navigational Bar VHDL", 2_065, 786),
    ("Nim", 1_364, 845),
    ("Nix", 1_038, 270),
    ("OCaml", 2_046, 815),
    ("Objective-C", 7_899, 3_137),
    ("Objective-C++", 17_892, 9_500),
    ("Odin", 2_166, 1_155),
    ("OpenMP (Fortran)", 2_284, 534),
    ("PHP Source", 72_310, 11_512),
    ("Pascal", 1_817, 202),
    ("Perl", 8_366, 2_744),
    ("Puppet", 916, 191),
    ("PureScript", 2_678, 1_545),
    ("Python", 7_162, 3_610),
    ("QML", 1_504, 1_067),
    ("R", 4_234, 1_861),
    ("Rego", 997, 262),
    ("Regular Expression", 1_148, 291),
    ("Regular Expressions (Javascript)", 1_850, 430),
    ("Ruby", 12_842, 3_729),
    ("Ruby Slim", 3_285, 809),
    ("Ruby on Rails", 1_310, 337),
    ("Rust", 6_559, 3_904),
    ("SCSS", 4_094, 2_082),
    ("SQL", 4_677, 2_166),
    ("SSH Common", 1_276, 268),
    ("SSH Config", 1_870, 482),
    ("SSHD Config", 2_936, 380),
    ("Sass", 20_780, 6_401),
    ("Scala", 23_918, 14_112),
    ("Solidity", 5_638, 5_184),
    ("Stylus", 4_617, 1_797),
    ("Svelte", 4_913, 416),
    ("Swift", 2_474, 968),
    ("SystemVerilog", 6_524, 1_966),
    ("TOML", 1_043, 559),
    ("Tcl", 1_548, 1_024),
    ("Terraform", 1_211, 705),
    ("Textile", 1_482, 1_315),
    ("TypeScript", 83_377, 31_493),
    ("TypeScriptReact", 79_854, 33_263),
    ("Typst", 12_307, 2_794),
    ("VHDL", 10_107, 1_183),
    ("Vue Component", 4_130, 216),
    ("Vyper", 1_957, 1_478),
    ("XML", 3_589, 1_684),
    ("YAML", 2_278, 1_800),
    ("Zig", 2_341, 2_109),
    ("commands-builtin-shell-bash", 1_753, 422),
    ("gnuplot", 827, 377),
    ("log", 1_526, 469),
    ("orgmode", 1_153, 302),
    ("reStructuredText", 983, 589),
    ("syslog", 806, 506),
    ("x86_64 Assembly", 20_651, 1_858),
];
