//! The only way to rendered Markdown: posts, previews, comments, imports and the sample content all queue here for the
//! same few threads. What is rendered again after an upgrade has a thread of its own, behind everything else.

use std::panic::catch_unwind;
use std::sync::LazyLock;
use std::time::Duration;

use super::cpu_pool::CpuPool;
use super::error::{Error, Result};
use super::form;
use crate::markdown::{self, RenderError, Rendered, Typography};

/// One post at a time a thread: a megabyte of Markdown takes about a hundred while it is rendered.
const MOST_THREADS: usize = 4;
/// An honest text takes milliseconds, so a queue of this length is over in a moment.
const WAITING: usize = 32;

/// A busy machine may need the longest: what waits is the text of a person.
const TIMEOUT: Duration = Duration::from_secs(10);

static POOL: LazyLock<CpuPool> = LazyLock::new(|| {
    let pool = CpuPool::new("render", threads()).expect("a process gets its first threads");
    pool.with_queue(WAITING, TIMEOUT)
});

/// A save never waits behind a text that is only rendered again. The thread begins with the first of these: by then the system
/// may give no more.
static BACKGROUND: LazyLock<std::io::Result<CpuPool>> =
    LazyLock::new(|| CpuPool::background("render-again"));

/// So many texts are rendered at the same time.
pub fn threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS)
}

/// So many texts wait for a thread.
pub fn waiting() -> usize {
    POOL.waiting()
}

/// Renders a post or page. The inner error is a sentence for its author.
///
/// # Errors
///
/// [`super::Error::Overloaded`] when too many texts wait already.
pub async fn post(source: &str, typography: &Typography) -> Result<Result<Rendered, RenderError>> {
    let (source, typography) = (source.to_owned(), typography.clone());
    POOL.run(move || markdown::post_in(&source, &typography))
        .await
}

/// Renders a post for a preview beside its source, as [`post`] does, with the lines of its blocks.
///
/// # Errors
///
/// As for [`post`].
pub async fn post_with_lines(
    source: &str,
    typography: &Typography,
) -> Result<Result<Rendered, RenderError>> {
    let (source, typography) = (source.to_owned(), typography.clone());
    POOL.run(move || markdown::post_with_lines(&source, &typography))
        .await
}

/// Renders a comment, as [`post`] does a post.
///
/// # Errors
///
/// As for [`post`].
pub async fn comment(
    source: &str,
    typography: &Typography,
) -> Result<Result<Rendered, RenderError>> {
    let (source, typography) = (source.to_owned(), typography.clone());
    POOL.run(move || markdown::comment_in(&source, &typography))
        .await
}

/// What became of a text that was rendered again, or why it keeps the HTML that it has.
pub type Again = std::result::Result<Rendered, String>;

/// A text, and how its punctuation is set.
pub type Source = (String, Typography);

type Render = fn(&str, &Typography) -> std::result::Result<Rendered, RenderError>;

/// Renders posts and pages in the background, one after the other.
///
/// # Errors
///
/// [`super::Error::Overloaded`] when texts before them take too long.
pub async fn posts_again(sources: Vec<Source>) -> Result<Vec<Again>> {
    all_again(sources, markdown::post_in).await
}

/// Renders comments in the background, as [`posts_again`] does posts.
///
/// # Errors
///
/// As for [`posts_again`].
pub async fn comments_again(sources: Vec<Source>) -> Result<Vec<Again>> {
    all_again(sources, markdown::comment_in).await
}

/// All in one piece of work: on a busy machine a thread of low priority waits for each of its turns.
async fn all_again(sources: Vec<Source>, render: Render) -> Result<Vec<Again>> {
    let pool = BACKGROUND
        .as_ref()
        .map_err(|error| Error::internal(anyhow::anyhow!("no thread to render again: {error}")))?;
    pool.run(move || sources.iter().map(|source| again(source, render)).collect())
        .await
}

/// A text that makes the renderer panic is one that it refuses: it must not stop those behind it.
fn again((source, typography): &Source, render: Render) -> Again {
    match catch_unwind(|| render(source, typography)) {
        Err(_) => Err("The renderer fails at this text; the log has its error.".to_owned()),
        Ok(rendered) => rendered.map_err(|error| error.to_string()),
    }
}

/// Whether a reader sees anything of it.
pub fn is_visible(rendered: &Rendered) -> bool {
    let pictures = ["<img", "<math", "<hr", "<input"];
    form::is_visible(&rendered.text) || pictures.iter().any(|tag| rendered.html.contains(tag))
}

/// Does other work on texts that costs milliseconds and bounds itself, such as comparing two versions.
///
/// # Errors
///
/// As for [`post`].
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    POOL.run(work).await
}
