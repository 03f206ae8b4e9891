//! What must hold after every crash: everything acknowledged is there, and nothing is there by half.

use std::collections::HashMap;

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::client::patient;
use super::site::Site;
use super::writer::Writer;

/// Each counts what must not be.
pub const BROKEN: [(&str, &str); 9] = [
    (
        "posts whose revisions are not numbered from 1 to their version",
        "select count(*) from posts p where version = 0
         or version <> (select count(*) from revisions r where r.post_id = p.id)
         or version <> (select max(number) from revisions r where r.post_id = p.id)",
    ),
    (
        "posts without the text of their revision, or not rendered",
        "select count(*) from posts p left join post_bodies b on b.post_id = p.id
         left join revisions r on r.post_id = p.id and r.number = b.revision_number
         where b.post_id is null or b.html = '' or r.markdown is distinct from b.markdown",
    ),
    (
        "drafts whose text is not the newest",
        "select count(*) from posts p join post_bodies b on b.post_id = p.id
         where p.status = 'draft' and b.revision_number <> p.version",
    ),
    (
        "published posts that are not listed, or whose revision does not say so",
        "select count(*) from posts p join post_bodies b on b.post_id = p.id where p.status = 'published' and (p.listed_at is null
         or not exists (select from revisions r where r.post_id = p.id and r.number = b.revision_number and r.published))",
    ),
    (
        "posts listed at another time than their tags or authors",
        "select (select count(*) from posts p join post_tags t on t.post_id = p.id where t.listed_at is distinct from p.listed_at)
              + (select count(*) from posts p left join post_authors a on a.post_id = p.id
                 where a.post_id is null or a.listed_at is distinct from p.listed_at)",
    ),
    (
        "tags with a wrong counter",
        "select count(*) from tags t
         where post_count <> (select count(*) from post_tags p where p.tag_id = t.id and p.listed_at is not null)",
    ),
    (
        "posts with a wrong number of comments",
        "select count(*) from posts p
         where comment_count <> (select count(*) from comments c where c.post_id = p.id and c.state = 'visible')",
    ),
    (
        "saves without their line in the audit log, or the other way round",
        "select count(*) from (select p.public_id, r.number from revisions r join posts p on p.id = r.post_id) saved
         full join (select object_id, (after->>'version')::int as number from audit_log where act = 'post.save') said
         on said.object_id = saved.public_id and said.number = saved.number
         where said.number is null or saved.number is null",
    ),
    (
        "comments without their line in the audit log, or the other way round",
        "select count(*) from comments c full join (select object_id from audit_log where act = 'comment.create') said
         on said.object_id = c.public_id where said.object_id is null or c.id is null",
    ),
];

/// Everything that was ever acknowledged against the rows, and the rows against each other. Gives what is wrong.
pub fn rows(site: &Site, writers: &[Writer]) -> Vec<String> {
    site.ask(async |conn| {
        let mut wrong = Vec::new();
        for (what, count) in BROKEN {
            let count = sqlx::query_scalar::<_, i64>(count)
                .fetch_one(&mut *conn)
                .await
                .unwrap();
            if count != 0 {
                wrong.push(format!("{count} {what}"));
            }
        }
        wrong.extend(lost(conn, writers).await);
        wrong
    })
}

/// Acknowledged and not there, or there with other words.
async fn lost(conn: &mut PgConnection, writers: &[Writer]) -> Vec<String> {
    let saves = "select p.public_id, r.number, r.markdown from revisions r join posts p on p.id = r.post_id";
    let saves: Vec<(Uuid, i32, String)> =
        sqlx::query_as(saves).fetch_all(&mut *conn).await.unwrap();
    let saves: HashMap<(String, usize), String> = saves
        .into_iter()
        .map(|(id, number, text)| ((id.to_string(), usize::try_from(number).unwrap()), text))
        .collect();
    let public = "select p.public_id, b.revision_number, '' from posts p join post_bodies b on b.post_id = p.id
                  where p.status = 'published'";
    let public: Vec<(Uuid, i32, String)> =
        sqlx::query_as(public).fetch_all(&mut *conn).await.unwrap();
    let public: HashMap<String, usize> = public
        .into_iter()
        .map(|(id, number, _)| (id.to_string(), usize::try_from(number).unwrap()))
        .collect();
    let comments: Vec<(Uuid, String)> = sqlx::query_as("select public_id, markdown from comments")
        .fetch_all(conn)
        .await
        .unwrap();
    let comments: HashMap<String, String> = comments
        .into_iter()
        .map(|(id, text)| (id.to_string(), text))
        .collect();

    let mut lost = Vec::new();
    for writer in writers {
        for text in &writer.texts {
            for (index, markdown) in text.versions.iter().enumerate() {
                if saves.get(&(text.id.clone(), index + 1)) != Some(markdown) {
                    lost.push(format!(
                        "version {} of {} by {} is lost",
                        index + 1,
                        text.id,
                        writer.username
                    ));
                }
            }
            let published = text.published.as_ref().map(|published| published.version);
            // A later publication may have been committed although its answer was lost: that is not a loss.
            if published
                .is_some_and(|version| public.get(&text.id).is_none_or(|there| *there < version))
            {
                lost.push(format!(
                    "the publication of version {published:?} of {} is lost",
                    text.id
                ));
            }
        }
        for comment in &writer.comments {
            if comments.get(&comment.id) != Some(&comment.markdown) {
                lost.push(format!(
                    "comment {} by {} is lost",
                    comment.id, writer.username
                ));
            }
        }
    }
    lost
}

/// The last round of one writer as the pages show it. Gives what is wrong.
pub fn pages(site: &Site, writer: &Writer) -> Vec<String> {
    let reader = site.visitor();
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    for text in &writer.texts[writer.round.0..] {
        let editor = patient(|| writer.client.get(&format!("/p/{}/edit", text.id)));
        must(
            editor.status.as_u16() == 200
                && editor.field("markdown") == *text.versions.last().unwrap()
                && editor.field("version") == text.versions.len().to_string(),
            format!(
                "the editor of {} does not show version {}",
                text.id,
                text.versions.len()
            ),
        );
        if let Some(published) = &text.published {
            let page = patient(|| reader.get(&published.path));
            let source = patient(|| reader.get(&format!("{}.md", published.path)));
            must(
                page.status.as_u16() == 200
                    && source.text() == text.versions[published.version - 1],
                format!(
                    "{} does not show version {}",
                    published.path, published.version
                ),
            );
        }
    }
    for comment in &writer.comments[writer.round.1..] {
        let page = patient(|| writer.client.get(&format!("/comments/{}", comment.id)));
        let words = comment.markdown.split('*').next().unwrap().trim();
        must(
            page.status.as_u16() == 200 && page.text().contains(words),
            format!("comment {} is not shown", comment.id),
        );
    }
    wrong
}
