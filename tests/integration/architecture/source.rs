//! The source as `syn` reads it: every path of a file, made absolute, and its code without tests.
//!
//! Paths are taken from `use` lines, expressions, types, patterns, and from the tokens of macros and attributes, where a path is
//! names with `::` between. A first name that a `use` line brought in, or that a glob did, is put in full; `self` and `super` are
//! resolved. What the parser cannot see: a method's home, and names that a macro puts together.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Names with `::` between; those of this program begin with `crate`.
pub type Names = Vec<String>;

/// One file.
pub struct Source {
    /// Below `src`.
    pub path: String,
    pub text: String,
    /// Without what is compiled for tests alone; empty for a file of tests.
    pub code: String,
    pub references: Vec<Reference>,
    /// Every name in its code but those of `use` lines.
    pub names: BTreeSet<String>,
}

/// A path that a file writes.
pub struct Reference {
    pub path: Names,
    pub kind: Kind,
    pub is_for_tests: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Path,
    Import,
    /// `pub use`.
    Export,
    /// `use …::*`.
    Glob,
}

/// All files, and which module stands where.
pub struct House {
    pub sources: Vec<Source>,
    modules: BTreeMap<Names, Module>,
}

#[derive(Default)]
struct Module {
    file: usize,
    items: BTreeSet<String>,
    /// What `use` lines call it, and the path as it is written there.
    imported: BTreeMap<String, Names>,
    globs: Vec<Names>,
}

impl Source {
    /// The room: the first folder, or the file in `src`.
    pub fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Paths into this program, without `crate::`.
    pub fn inside(&self) -> impl Iterator<Item = String> {
        self.references
            .iter()
            .filter(|reference| reference.path.len() > 1 && reference.path[0] == "crate")
            .map(|reference| reference.path[1..].join("::"))
    }

    /// Paths of the code that serves, written in full.
    pub fn of_code(&self) -> impl Iterator<Item = String> {
        self.references
            .iter()
            .filter(|reference| !reference.is_for_tests)
            .map(|reference| reference.path.join("::"))
    }

    /// Crates, and primitive types.
    pub fn foreign(&self) -> impl Iterator<Item = &str> {
        self.references
            .iter()
            .map(|reference| reference.path[0].as_str())
            .filter(|first| *first != "crate")
    }
}

impl House {
    /// `src` as it stands.
    pub fn of_the_program() -> House {
        fn collect(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    collect(&path, found);
                } else if path.extension().is_some_and(|e| e == "rs") {
                    found.push(path);
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = Vec::new();
        collect(&root, &mut found);
        found.sort();
        let files = found.into_iter().map(|path| {
            let shown = path.strip_prefix(&root).unwrap().display().to_string();
            (shown, fs::read_to_string(&path).unwrap())
        });
        House::of(files)
    }

    /// The files of a house, by their paths below `src`.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> House {
        let mut house = House {
            sources: Vec::new(),
            modules: BTreeMap::new(),
        };
        let mut written = Vec::new();
        let mut only_for_tests = BTreeSet::new();
        for (path, text) in files {
            let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
            let module = module_of(&path);
            let mut reader = Reader::new(module.clone());
            reader.visit_file(&parsed);
            let file = house.sources.len();
            for (names, mut module) in reader.modules {
                module.file = file;
                house.modules.insert(names, module);
            }
            only_for_tests.extend(reader.files_of_tests);
            written.push((module, reader.written));
            house.sources.push(Source {
                code: without(&text, &reader.lines_of_tests),
                path,
                text,
                references: Vec::new(),
                names: reader.names,
            });
        }
        for (file, (module, written)) in written.into_iter().enumerate() {
            let is_of_tests = (0..=module.len()).any(|end| only_for_tests.contains(&module[..end]));
            let references = written.into_iter().filter_map(|path| {
                Some(Reference {
                    path: house.absolute(&path.module, &path.names, 8)?,
                    kind: path.kind,
                    is_for_tests: path.is_for_tests || is_of_tests,
                })
            });
            let references = references.collect();
            let source = &mut house.sources[file];
            source.references = references;
            if is_of_tests {
                source.code.clear();
            }
        }
        house
    }

    /// The path in full; none for a single name of the language or of the module itself.
    fn absolute(&self, module: &[String], names: &[String], depth: u8) -> Option<Names> {
        let within = |module: &[String], rest: &[String]| {
            Some([&["crate".to_owned()], module, rest].concat())
        };
        let (first, rest) = names.split_first()?;
        match first.as_str() {
            "crate" | "masthead" => return within(&[], rest),
            "self" => return within(module, rest),
            "super" => {
                let (_, parent) = module.split_last()?;
                let is_again = rest.first().is_some_and(|name| name == "super");
                return if is_again {
                    self.absolute(parent, rest, depth)
                } else {
                    within(parent, rest)
                };
            }
            _ => {}
        }
        let here = self.modules.get(module)?;
        if self.is_module(module, first) || here.items.contains(first) {
            return within(module, names);
        }
        if depth == 0 {
            return None;
        }
        if let Some(written) = here.imported.get(first)
            && written != &names[..1]
        {
            let mut found = self.absolute(module, written, depth - 1)?;
            found.extend_from_slice(rest);
            return Some(found);
        }
        for glob in &here.globs {
            if glob.first() == Some(first) {
                continue;
            }
            if let Some(from) = self.absolute(module, glob, depth - 1)
                && from[0] == "crate"
                && let Some(there) = self.modules.get(&from[1..])
                && (there.items.contains(first)
                    || there.imported.contains_key(first)
                    || self.is_module(&from[1..], first))
            {
                return self.absolute(&from[1..], names, depth - 1);
            }
        }
        Some(names.to_vec())
    }

    fn is_module(&self, parent: &[String], name: &str) -> bool {
        let names = [parent, &[name.to_owned()]].concat();
        self.modules.contains_key(&names)
    }

    /// The file that holds what an absolute path names, behind all re-exports. None for a module: its name is only an address.
    pub fn home(&self, path: &[String]) -> Option<usize> {
        self.home_within(path, 8)
    }

    fn home_within(&self, path: &[String], depth: u8) -> Option<usize> {
        let (first, names) = path.split_first()?;
        if first != "crate" || depth == 0 {
            return None;
        }
        let longest = (0..names.len())
            .rev()
            .find(|&end| self.modules.contains_key(&names[..end]))?;
        let (place, rest) = names.split_at(longest);
        let module = &self.modules[place];
        let (name, below) = rest.split_first()?;
        if module.items.contains(name) {
            return Some(module.file);
        }
        if let Some(written) = module.imported.get(name)
            && let Some(mut from) = self.absolute(place, written, 8)
        {
            from.extend_from_slice(below);
            return self.home_within(&from, depth - 1);
        }
        if self.modules.contains_key(names) {
            return None;
        }
        for glob in &module.globs {
            if let Some(mut from) = self.absolute(place, glob, 8)
                && self.names_below(&from).contains(name)
            {
                from.extend_from_slice(rest);
                return self.home_within(&from, depth - 1);
            }
        }
        Some(module.file)
    }

    /// What a glob of this module brings in.
    pub fn names_below(&self, module: &[String]) -> BTreeSet<String> {
        let found = module
            .split_first()
            .filter(|(first, _)| *first == "crate")
            .and_then(|(_, names)| self.modules.get(names));
        found.map_or_else(BTreeSet::new, |module| {
            let imported = module.imported.keys();
            module.items.iter().chain(imported).cloned().collect()
        })
    }
}

/// `db/tx.rs` is `db::tx`, `db/mod.rs` is `db`.
fn module_of(path: &str) -> Names {
    let mut names: Names = path
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if ["mod", "lib"].contains(&names.last().unwrap().as_str()) {
        names.pop();
    }
    names
}

/// The text without these lines, counted from 1.
fn without(text: &str, ranges: &[(usize, usize)]) -> String {
    let kept = text.lines().enumerate().filter(|(at, _)| {
        let is_within = |&(from, to): &(usize, usize)| (from..=to).contains(&(at + 1));
        !ranges.iter().any(is_within)
    });
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

/// A path as it is written, and in which module.
struct Written {
    module: Names,
    names: Names,
    kind: Kind,
    is_for_tests: bool,
}

struct Reader {
    module: Names,
    modules: BTreeMap<Names, Module>,
    written: Vec<Written>,
    names: BTreeSet<String>,
    /// How many items around this place are for tests alone.
    tests_around: usize,
    lines_of_tests: Vec<(usize, usize)>,
    files_of_tests: Vec<Names>,
}

impl Reader {
    fn new(module: Names) -> Reader {
        Reader {
            modules: BTreeMap::from([(module.clone(), Module::default())]),
            module,
            written: Vec::new(),
            names: BTreeSet::new(),
            tests_around: 0,
            lines_of_tests: Vec::new(),
            files_of_tests: Vec::new(),
        }
    }

    fn here(&mut self) -> &mut Module {
        self.modules.get_mut(&self.module).unwrap()
    }

    fn write(&mut self, names: Names, kind: Kind) {
        self.written.push(Written {
            module: self.module.clone(),
            names,
            kind,
            is_for_tests: self.tests_around > 0,
        });
    }

    /// What stands below an attribute for tests.
    fn within(
        &mut self,
        attributes: &[syn::Attribute],
        spanned: &impl Spanned,
        visit: impl FnOnce(&mut Self),
    ) {
        let is_for_tests = attributes.iter().any(is_for_tests);
        if is_for_tests {
            let span = spanned.span();
            let lines = (span.start().line, span.end().line);
            self.lines_of_tests.push(lines);
            self.tests_around += 1;
        }
        visit(self);
        self.tests_around -= usize::from(is_for_tests);
    }

    fn import(&mut self, tree: &syn::UseTree, mut before: Names, is_public: bool) {
        let kind = if is_public {
            Kind::Export
        } else {
            Kind::Import
        };
        let (name, path) = match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                return self.import(&path.tree, before, is_public);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before.clone(), is_public);
                }
                return;
            }
            syn::UseTree::Glob(_) => {
                self.here().globs.push(before.clone());
                return self.write(before, Kind::Glob);
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                (before.last().unwrap().clone(), before)
            }
            syn::UseTree::Name(name) => {
                before.push(name.ident.to_string());
                (name.ident.to_string(), before)
            }
            syn::UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    before.push(rename.ident.to_string());
                }
                (rename.rename.to_string(), before)
            }
        };
        self.here()
            .imported
            .entry(name)
            .or_insert_with(|| path.clone());
        self.write(path, kind);
    }

    /// Names with `::` between, in tokens that are not parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Names = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) => {
                    if self.tests_around == 0 {
                        self.names.insert(ident.to_string());
                    }
                    if colons != 2 {
                        self.end_of(&mut path);
                    }
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => self.text(&literal.to_string()),
                TokenTree::Punct(_) => {}
            }
            self.end_of(&mut path);
            colons = 0;
        }
        self.end_of(&mut path);
    }

    /// Paths in texts that a macro reads: the type of a column, the functions of a field.
    fn text(&mut self, text: &str) {
        for rest in text.split("crate::").skip(1) {
            let end = rest.find(|c: char| c != ':' && c != '_' && !c.is_alphanumeric());
            let path = &rest[..end.unwrap_or(rest.len())];
            let names = std::iter::once("crate").chain(path.split("::").filter(|n| !n.is_empty()));
            self.write(names.map(str::to_owned).collect(), Kind::Path);
        }
    }

    fn end_of(&mut self, path: &mut Names) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.write(path, Kind::Path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (name, attributes) = name_and_attributes(item);
        if let Some(name) = name {
            self.here().items.insert(name);
        }
        self.within(attributes, item, |reader| visit::visit_item(reader, item));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.within(&function.attrs, function, |reader| {
            visit::visit_impl_item_fn(reader, function);
        });
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        if item.content.is_some() {
            self.modules.entry(self.module.clone()).or_default();
            visit::visit_item_mod(self, item);
        } else if self.tests_around > 0 {
            self.files_of_tests.push(self.module.clone());
        }
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.import(&item.tree, Vec::new(), is_public);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let names = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string());
            self.write(names.collect(), Kind::Path);
        }
        visit::visit_path(self, path);
    }

    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        if self.tests_around == 0 {
            self.names.insert(ident.to_string());
        }
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.tokens(called.tokens.clone());
        visit::visit_macro(self, called);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        match &attribute.meta {
            syn::Meta::List(list) => self.tokens(list.tokens.clone()),
            // A sentence of docs may name what the file does not need.
            syn::Meta::NameValue(pair) if !pair.path.is_ident("doc") => {
                if let syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }) = &pair.value
                {
                    self.text(&text.value());
                }
            }
            _ => {}
        }
    }
}

/// `#[cfg(test)]`, `#[test]` and the tests of frameworks.
fn is_for_tests(attribute: &syn::Attribute) -> bool {
    match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        meta => meta
            .path()
            .segments
            .last()
            .is_some_and(|s| s.ident == "test"),
    }
}

/// Modules have a name of their own kind: [`House::is_module`].
fn name_and_attributes(item: &syn::Item) -> (Option<String>, &[syn::Attribute]) {
    use syn::Item::{
        Const, Enum, ExternCrate, Fn, Impl, Macro, Mod, Static, Struct, Trait, TraitAlias, Type,
        Union, Use,
    };
    let (name, attributes) = match item {
        Const(item) => (Some(&item.ident), &item.attrs),
        Enum(item) => (Some(&item.ident), &item.attrs),
        ExternCrate(item) => (None, &item.attrs),
        Fn(item) => (Some(&item.sig.ident), &item.attrs),
        Impl(item) => (None, &item.attrs),
        Macro(item) => (item.ident.as_ref(), &item.attrs),
        Mod(item) => (None, &item.attrs),
        Static(item) => (Some(&item.ident), &item.attrs),
        Struct(item) => (Some(&item.ident), &item.attrs),
        Trait(item) => (Some(&item.ident), &item.attrs),
        TraitAlias(item) => (Some(&item.ident), &item.attrs),
        Type(item) => (Some(&item.ident), &item.attrs),
        Union(item) => (Some(&item.ident), &item.attrs),
        Use(item) => (None, &item.attrs),
        _ => return (None, &[]),
    };
    (name.map(ToString::to_string), attributes)
}
