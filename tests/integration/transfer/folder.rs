//! Folders to be imported, and the two doors to an import: the function and the built program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use masthead::access::Actor;
use masthead::db::public_id;
use masthead::features::transfer::{Options, import_markdown};

use crate::support::TestApp;

/// A folder that goes away with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(files: &[(&str, &str)]) -> Folder {
        let folder =
            Folder(std::env::temp_dir().join(format!("masthead-import-{}", public_id().simple())));
        fs::create_dir_all(&folder.0).unwrap();
        for (path, text) in files {
            folder.write(path, text.as_bytes());
        }
        folder
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub async fn import_with(app: &TestApp, folder: &Path, options: &Options) -> anyhow::Result<()> {
    let actor = Actor::command("test");
    import_markdown(&app.db(), folder, options, &actor)
        .await
        .map(|_| ())
}

pub async fn import(app: &TestApp, folder: &Path) {
    import_with(app, folder, &Options::default()).await.unwrap();
}

/// What the built program answered.
pub struct Told {
    pub code: Option<i32>,
    pub items: String,
    pub summary: String,
}

impl Told {
    /// The line of a document, with its notes.
    pub fn of(&self, path: &str) -> String {
        let mut lines = self
            .items
            .lines()
            .skip_while(|line| !line.contains(&format!(" {path} ")));
        let first = lines
            .next()
            .unwrap_or_else(|| panic!("no {path} in\n{}", self.items));
        let notes = lines.take_while(|line| line.starts_with("          note:"));
        std::iter::once(first)
            .chain(notes)
            .collect::<Vec<_>>()
            .join("\n")
    }

    pub fn first_line(&self) -> &str {
        self.summary.lines().next().unwrap_or_default()
    }
}

/// `masthead ARGS` on the database of the test, and the folder that it runs in.
pub fn command(app: &TestApp, args: &[&str]) -> (Command, Folder) {
    let data = Folder::new(&[]);
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MASTHEAD_") {
            program.env_remove(name);
        }
    }
    let (serving, owner) = app.database_urls();
    program
        .args(args)
        .arg("--data-dir")
        .arg(&data.0)
        .env("MASTHEAD_DATABASE_URL", serving)
        .env("MASTHEAD_MIGRATION_DATABASE_URL", owner)
        .env("MASTHEAD_LOG", "error")
        .current_dir(&data.0)
        .stdin(Stdio::null());
    (program, data)
}

/// Runs `masthead ARGS` on the database of the test.
pub fn masthead(app: &TestApp, args: &[&str]) -> Told {
    let (mut program, _data) = command(app, args);
    let done = program.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told {
        code: done.status.code(),
        items: text(done.stdout),
        summary: text(done.stderr),
    }
}
