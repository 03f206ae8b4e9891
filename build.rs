//! Turns what `static/` holds for browsers into embedded assets: names that carry the hash of their content, brotli and
//! zstd beside the plain bytes, style sheets that name the hashed fonts, and the content security policy with the hash
//! of the one inline script. Scripts and style sheets come from `static/dist`, where `make assets` puts them. And turns the
//! message catalogues of `locales/` into tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

#[path = "build/messages.rs"]
mod catalogues;
#[path = "build/scripts.rs"]
mod scripts;

/// Inlined into the head of every page, so that the theme is right before the first paint.
const INLINE_SCRIPT: &str = "static/dist/theme_early.js";

/// What is embedded. The sources of the bundles lie beside these, with the tools that make them.
const EMBEDDED: [&str; 3] = ["static/dist", "static/fonts", "static/icon.svg"];

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let generated = catalogues::generate(Path::new("locales"));
    for (name, source) in [
        ("message_tables.rs", generated.tables),
        ("messages.rs", generated.functions),
    ] {
        fs::write(out.join(name), source).expect("OUT_DIR is writable");
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for place in EMBEDDED {
        println!("cargo::rerun-if-changed={place}");
        collect(Path::new(place), &mut files);
    }
    // Style sheets last: they name the others by their hashed names.
    files.sort_by_key(|f| (f.extension().is_some_and(|e| e == "css"), f.clone()));

    let mut urls = BTreeMap::new();
    let mut table = BTreeMap::new();
    let mut names = String::new();
    for file in &files {
        let logical = file
            .strip_prefix("static")
            .expect("collected below static")
            .to_string_lossy()
            .replace('\\', "/");
        let Some(content_type) = content_type(file) else {
            continue;
        };
        let mut bytes = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        if content_type.starts_with("text/css") {
            bytes = with_hashed_names(&logical, bytes, &urls);
        }
        if content_type.starts_with("text/javascript") {
            let script = String::from_utf8(bytes).expect("scripts are UTF-8");
            let scripts = scripts::in_each_language(&script, Path::new("locales"));
            let each: Vec<String> = scripts
                .iter()
                .map(|script| embed(file, script.as_bytes(), content_type, &out, &mut table))
                .collect();
            writeln!(
                names,
                "/// Addresses of `{}`, one for each language.\npub static {}: Script = Script(&{each:?});",
                file.display(),
                constant(file)
            )
            .expect("writing to a string");
            continue;
        }
        let url = embed(file, &bytes, content_type, &out, &mut table);
        writeln!(
            names,
            "/// Address of `{}`.\npub const {}: &str = {url:?};",
            file.display(),
            constant(file)
        )
        .expect("writing to a string");
        urls.insert(logical, url);
    }
    let inline =
        fs::read_to_string(INLINE_SCRIPT).unwrap_or_else(|e| panic!("{INLINE_SCRIPT}: {e}"));
    let inline = inline.trim();
    let hash = BASE64.encode(&Sha256::digest(inline));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'sha256-{hash}'; style-src 'self'; img-src 'self' https: data:; media-src 'self' https:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; \
         manifest-src 'self'"
    );
    let table: String = table.into_values().collect();
    let source = format!(
        "{names}\n/// Stands in each page, so that it is never shown in the wrong colours; the policy allows it by its hash.\n\
         pub const THEME_SCRIPT: &str = {inline:?};\n\
         /// For `Content-Security-Policy`.\npub const CONTENT_SECURITY_POLICY: &str = {policy:?};\n\
         static FILES: &[Asset] = &[\n{table}];\n"
    );
    fs::write(out.join("assets.rs"), source).expect("OUT_DIR is writable");
}

/// Writes a file and its compressed forms into the build, and a line for it into the table. Gives its address.
fn embed(
    file: &Path,
    bytes: &[u8],
    content_type: &str,
    out: &Path,
    table: &mut BTreeMap<String, String>,
) -> String {
    let hashed = hashed_name(file, bytes);
    fs::write(out.join(&hashed), bytes).expect("OUT_DIR is writable");
    let pressed = |suffix: &str, compress: fn(&[u8]) -> Vec<u8>| {
        if !compressible(content_type) {
            return "None".to_owned();
        }
        fs::write(out.join(format!("{hashed}.{suffix}")), compress(bytes))
            .expect("OUT_DIR is writable");
        format!("Some(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{hashed}.{suffix}\")))")
    };
    let (br, zst) = (pressed("br", brotli_of), pressed("zst", zstd_of));
    let line = format!(
        "    Asset {{ name: {hashed:?}, content_type: {content_type:?}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{hashed}\")), brotli: {br}, zstd: {zst} }},\n"
    );
    let url = format!("/assets/{hashed}");
    // A script without words is the same file in every language.
    table.insert(hashed, line);
    url
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) {
    if !place.is_dir() {
        return files.push(place.to_owned());
    }
    for entry in fs::read_dir(place).unwrap_or_else(|e| panic!("{}: {e}", place.display())) {
        collect(&entry.expect("a readable folder").path(), files);
    }
}

fn content_type(file: &Path) -> Option<&'static str> {
    Some(match file.extension()?.to_str()? {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        _ => return None,
    })
}

fn compressible(content_type: &str) -> bool {
    content_type.starts_with("text/") || content_type.ends_with("svg+xml")
}

fn with_hashed_names(logical: &str, bytes: Vec<u8>, urls: &BTreeMap<String, String>) -> Vec<u8> {
    let mut text = String::from_utf8(bytes).unwrap_or_else(|_| panic!("{logical} is not UTF-8"));
    for (name, url) in urls {
        text = text.replace(&format!("../{name}"), url);
    }
    assert!(
        !text.contains("url(\"../") && !text.contains("url(../"),
        "{logical} names a file that is not in static/"
    );
    text.into_bytes()
}

fn hashed_name(file: &Path, bytes: &[u8]) -> String {
    let stem = file
        .file_stem()
        .expect("files have names")
        .to_string_lossy();
    let extension = file
        .extension()
        .expect("checked by content_type")
        .to_string_lossy();
    format!(
        "{stem}-{}.{extension}",
        &HEXLOWER.encode(&Sha256::digest(bytes))[..12]
    )
}

fn constant(file: &Path) -> String {
    let name = file
        .file_name()
        .expect("files have names")
        .to_string_lossy();
    name.to_uppercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 19).expect("writing to memory")
}

fn brotli_of(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).expect("writing to memory");
    out
}
