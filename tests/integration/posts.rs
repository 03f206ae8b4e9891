use crate::support::{Actor, PATIENCE, Published, Response, TestApp, until};

#[actix_web::test]
async fn from_the_first_save_to_the_public_page() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut reader = app.anonymous();
    let id = ann
        .draft(&[
            ("title", "Slow bread"),
            ("markdown", "Flour & *time*."),
            ("tags", "Bread, Kitchen"),
        ])
        .await;
    assert_eq!(
        app.count("select count(*) from posts where status = 'draft'")
            .await,
        1
    );
    reader.get("/@ann/slow-bread").await.assert_status(404);
    reader.get(&format!("/p/{id}")).await.assert_status(404);
    assert!(
        ann.get(&format!("/p/{id}/preview"))
            .await
            .text()
            .contains("<em>time</em>")
    );
    let step = ann.get(&format!("/p/{id}/publish")).await;
    step.assert_status(200);
    let done = ann.post(&format!("/p/{id}/publish"), &[]).await;
    assert_eq!(done.location(), "/@ann/slow-bread#published");
    let page = reader.get("/@ann/slow-bread").await;
    page.assert_status(200);
    assert_eq!(page.one("h1"), "Slow bread");
    assert!(page.text().contains("Flour &amp; <em>time</em>."));
    assert_eq!(
        reader.get(&format!("/p/{id}")).await.location(),
        "/@ann/slow-bread"
    );
    assert_eq!(
        reader.get("/@ann/slow-bread.md").await.text(),
        "Flour & *time*."
    );
    for list in ["/", "/newest", "/@ann", "/t/bread", "/t/kitchen"] {
        assert!(
            reader.get(list).await.text().contains("Slow bread"),
            "{list}"
        );
    }
}

#[actix_web::test]
async fn saving_the_empty_editor_twice_makes_one_draft() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.get("/new").await.field("id");
    assert_eq!(
        app.count("select count(*) from posts").await,
        0,
        "a GET changes nothing"
    );
    let form = [
        ("id", id.as_str()),
        ("version", "0"),
        ("title", "Once"),
        ("markdown", "a"),
        ("action", "save"),
    ];
    ann.post("/new", &form).await.assert_status(303);
    ann.post("/new", &form).await.assert_status(303);
    assert_eq!(
        app.count("select count(*) from revisions").await,
        1,
        "the same text twice is one save"
    );
    assert_eq!(app.count("select count(*) from posts").await, 1);
    let mut ben = app.author("ben").await;
    let foreign = ben.post("/new", &form).await;
    foreign.assert_status(422);
    assert_eq!(foreign.field("markdown"), "a", "what was typed comes back");
    assert_eq!(app.count("select count(*) from posts").await, 1);
}

#[actix_web::test]
async fn saves_of_a_published_post_stay_private_until_update() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut reader = app.anonymous();
    let post = ann.publish("First title", "First text.").await;
    ann.edit(
        &post.id,
        &[
            ("title", "Second title"),
            ("markdown", "Second text."),
            ("tags", "late"),
        ],
        "save",
    )
    .await
    .assert_status(303);
    let page = reader.get(&post.path).await;
    assert_eq!(page.one("h1"), "First title");
    assert!(page.text().contains("First text."));
    reader.get("/t/late").await.assert_status(404);
    assert_eq!(
        ann.get(&format!("/p/{}/edit", post.id))
            .await
            .field("markdown"),
        "Second text."
    );
    let updated = ann.edit(&post.id, &[], "publish").await;
    assert_eq!(
        updated.location(),
        format!("{}#updated", post.path),
        "a new title does not move a published post"
    );
    let page = reader.get(&post.path).await;
    assert_eq!(page.one("h1"), "Second title");
    reader.get("/t/late").await.assert_status(200);
    assert_eq!(
        app.count("select count(*) from audit_log where act = 'post.update' and actor = 'ann'")
            .await,
        1
    );
}

#[actix_web::test]
async fn every_save_is_a_revision() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "One"), ("markdown", "a")]).await;
    for text in ["b", "c", "d"] {
        ann.edit(&id, &[("markdown", text)], "save")
            .await
            .assert_status(303);
    }
    let kept = app
        .text("select string_agg(number || markdown, ' ' order by number) from revisions")
        .await;
    assert_eq!(kept, "1a 2b 3c 4d");
}

#[actix_web::test]
async fn a_save_over_somebody_elses_version_loses_neither_text() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann
        .draft(&[("title", "Two tabs"), ("markdown", "base")])
        .await;
    let path = format!("/p/{id}/edit");
    let tab = [
        ("id", id.as_str()),
        ("version", "1"),
        ("title", "Two tabs"),
        ("action", "save"),
    ];
    let mut first = tab.to_vec();
    first.push(("markdown", "first tab"));
    let mut second = tab.to_vec();
    second.push(("markdown", "second tab"));
    ann.post(&path, &first).await.assert_status(303);
    let refused = ann.post(&path, &second).await;
    refused.assert_status(409);
    assert_eq!(refused.field("markdown"), "second tab");
    assert_eq!(refused.field("version"), "2", "saving again goes through");
    assert_eq!(
        refused.one(".conflict .saved-text"),
        "first tab",
        "the other text is on the page"
    );
    assert!(refused.one(".conflict .diff .minus").ends_with("first tab"));
    assert!(refused.one(".conflict .diff .plus").ends_with("second tab"));
    assert!(refused.one(".errors li").contains("version 2, by @ann"));
    let by_script = ann.post_json(&path, &second).await;
    by_script.assert_status(409);
    let told = by_script.json();
    assert_eq!(
        (&told["version"], &told["saved"]["version"]),
        (&2.into(), &2.into())
    );
    assert_eq!(told["saved"]["markdown"], "first tab");
    assert!(
        told["saved"]["html"]
            .as_str()
            .unwrap()
            .contains("first tab")
    );
    assert_eq!(
        app.text("select markdown from revisions order by number desc limit 1")
            .await,
        "first tab"
    );
}

#[actix_web::test]
async fn wrong_input_comes_back_beside_its_field() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "Fine"), ("markdown", "a")]).await;
    let long = "x".repeat(301);
    let wrong = [
        ("title", long.as_str()),
        ("markdown", "kept text"),
        ("cover_url", "javascript:alert(1)"),
        ("canonical_url", "nowhere"),
        ("language", "klingon!"),
        ("authors", "ann, nobody-here"),
    ];
    let again = ann.edit(&id, &wrong, "save").await;
    again.assert_status(422);
    assert_eq!(again.field("markdown"), "kept text");
    assert_eq!(again.field("cover_url"), "javascript:alert(1)");
    for field in ["title", "cover_url", "canonical_url", "language"] {
        assert_eq!(
            again
                .attribute(&format!("[name={field}]"), "aria-invalid")
                .as_deref(),
            Some("true"),
            "{field}"
        );
    }
    let named = ann
        .edit(&id, &[("authors", "ann, nobody-here")], "save")
        .await;
    named.assert_status(422);
    assert_eq!(
        named.attribute("[name=authors]", "aria-invalid").as_deref(),
        Some("true")
    );
    let by_script = ann
        .post_json(
            &format!("/p/{id}/edit"),
            &[("id", &id), ("version", "1"), ("title", &long)],
        )
        .await;
    by_script.assert_status(422);
    assert!(by_script.json()["errors"]["title"].is_string());
}

#[actix_web::test]
async fn broken_requests_are_a_clear_400_and_never_a_500() {
    use actix_web::test::TestRequest;
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "Fine"), ("markdown", "a")]).await;
    let path = format!("/p/{id}/edit");
    for (body, named) in [
        (&b"title=%00"[..], "title"),
        (b"markdown=%ED%A0%80", "markdown"),
        (b"markdown=%FF%FE", "markdown"),
        (b"title=a&title=b", "title"),
        (b"is_admin=1", "is_admin"),
    ] {
        let request = TestRequest::post()
            .uri(&path)
            .insert_header(("content-type", "application/x-www-form-urlencoded"))
            .insert_header(("sec-fetch-site", "same-origin"))
            .set_payload(body);
        let refused = ann.send(request).await;
        refused.assert_status(400);
        assert!(refused.text().contains(named), "{named}");
    }
    let huge = TestRequest::post()
        .uri(&path)
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload(vec![b'a'; 5 * 1024 * 1024]);
    ann.send(huge).await.assert_status(413);
    let json = TestRequest::post()
        .uri(&path)
        .insert_header(("content-type", "application/json"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload("{}");
    ann.send(json).await.assert_status(400);
    ann.edit(&id, &[("markdown", &"word ".repeat(220_000))], "save")
        .await
        .assert_status(422);
    assert_eq!(app.count("select count(*) from revisions").await, 1);
}

#[actix_web::test]
async fn slugs_are_free_chosen_and_remembered() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut reader = app.anonymous();
    let first = ann.publish("Same title", "a").await;
    let second = ann.publish("Same title", "b").await;
    assert_eq!(
        (first.path.as_str(), second.path.as_str()),
        ("/@ann/same-title", "/@ann/same-title-2")
    );
    // A published post's settings are checked when they are published.
    ann.edit(&second.id, &[("slug", "same-title")], "save")
        .await
        .assert_status(303);
    ann.post(&format!("/p/{}/publish", second.id), &[])
        .await
        .assert_status(422);
    ann.edit(&second.id, &[("slug", "Another Way!")], "publish")
        .await;
    assert_eq!(
        reader.get("/@ann/same-title-2").await.location(),
        "/@ann/another-way"
    );
    ann.edit(&second.id, &[("slug", "third")], "publish").await;
    for old in ["/@ann/same-title-2", "/@ann/another-way"] {
        assert_eq!(reader.get(old).await.location(), "/@ann/third", "{old}");
    }
    ann.post(&format!("/p/{}/unpublish", second.id), &[]).await;
    reader.get("/@ann/another-way").await.assert_status(404);
    let third = ann.publish("Another way", "c").await;
    assert_eq!(
        third.path, "/@ann/another-way-2",
        "an address that redirects is not given away"
    );
}

/// The address of the first is not there yet when the second looks for a free one.
#[actix_web::test]
async fn two_new_texts_with_one_title_get_two_addresses() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut first = app.database.begin().await.unwrap();
    let insert = "insert into posts (public_id, kind, owner_id, slug, transaction_id)
                  select gen_random_uuid(), 'post', id, 'same-title', gen_random_uuid() from users where username = 'ann'";
    sqlx::query(insert).execute(&mut *first).await.unwrap();
    let second = ann.draft(&[("title", "Same title"), ("markdown", "b")]);
    let commit = async {
        let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
        until("the second waits", PATIENCE, async || {
            app.count(waits).await > 0
        })
        .await;
        first.commit().await.unwrap();
    };
    let (id, ()) = futures_util::join!(second, commit);
    let published = ann.post(&format!("/p/{id}/publish"), &[]).await;
    assert_eq!(published.location(), "/@ann/same-title-2#published");
}

#[actix_web::test]
async fn titles_without_letters_still_get_an_address() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for title in ["", "!!!", "🙂"] {
        let post = ann.publish(title, "text").await;
        app.anonymous().get(&post.path).await.assert_status(200);
    }
}

#[actix_web::test]
async fn unpublish_unlist_trash_and_restore() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut reader = app.anonymous();
    let post = ann
        .publish_with(&[
            ("title", "Here and gone"),
            ("markdown", "a"),
            ("tags", "one"),
        ])
        .await;
    let act = |verb: &str| format!("/p/{}/{verb}", post.id);

    ann.edit(&post.id, &[("unlisted", "on")], "publish").await;
    reader.get(&post.path).await.assert_status(200);
    assert!(reader.get(&post.path).await.text().contains("noindex"));
    assert!(!reader.get("/newest").await.text().contains("Here and gone"));
    reader.get("/t/one").await.assert_status(404);
    ann.edit(&post.id, &[], "publish").await;
    reader.get("/t/one").await.assert_status(200);

    ann.post(&act("unpublish"), &[]).await.assert_status(303);
    reader.get(&post.path).await.assert_status(404);
    assert!(!reader.get("/newest").await.text().contains("Here and gone"));
    ann.post(&act("publish"), &[]).await;

    ann.post(&act("trash"), &[]).await.assert_status(303);
    reader.get(&post.path).await.assert_status(404);
    assert!(
        ann.get("/dashboard?shelf=trash")
            .await
            .text()
            .contains("Here and gone")
    );
    ann.post(&act("restore"), &[]).await.assert_status(303);
    reader.get(&post.path).await.assert_status(200);
    assert!(reader.get("/newest").await.text().contains("Here and gone"));
    assert_eq!(
        app.count("select post_count::bigint from tags where slug = 'one'")
            .await,
        1
    );
}

/// Neither of a draft that was never public nor of a post that was taken down before.
#[actix_web::test]
async fn a_take_down_is_told_of_only_where_readers_could_see_the_post() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let purges = "select count(*) from cache_invalidations where gone";
    let draft = ann.draft(&[("title", "Never public")]).await;
    let done = ann.post(&format!("/p/{draft}/trash"), &[]).await;
    assert!(
        done.location()
            .starts_with("/dashboard?shelf=drafts&said=trashed&undo=")
    );
    let drafts = ann.get(done.location()).await.text();
    assert!(drafts.contains("Moved to the trash."));
    assert!(!drafts.contains("Readers can no longer see it"));
    let trash = ann.get("/dashboard?shelf=trash").await;
    assert!(trash.text().contains("Never public"));
    assert_eq!(app.count(purges).await, 0);

    // Out with changes that were saved under the same business action as what follows.
    let post = ann.publish("Here and gone", "a").await;
    ann.edit(&post.id, &[("markdown", "b")], "save").await;
    let act = |verb: &str| format!("/p/{}/{verb}", post.id);
    let done = ann.post(&act("unpublish"), &[]).await;
    assert!(
        ann.get(done.location())
            .await
            .text()
            .contains("Readers can no longer see it")
    );
    assert_eq!(app.count(purges).await, 1);
    let done = ann.post(&act("trash"), &[]).await;
    assert!(
        done.location()
            .starts_with("/dashboard?shelf=drafts&said=trashed&undo=")
    );

    ann.post(&act("restore"), &[]).await.assert_status(303);
    ann.post(&act("publish"), &[]).await.assert_status(303);
    app.anonymous().get(&post.path).await.assert_status(200);
    let done = ann.post(&act("trash"), &[]).await;
    assert!(
        ann.get(done.location())
            .await
            .text()
            .contains("Readers can no longer see it")
    );
    assert_eq!(app.count(purges).await, 2);
    app.anonymous().get(&post.path).await.assert_status(404);
    let done = ann.post(&act("unpublish"), &[]).await;
    let editor = format!("/p/{}/edit?said=unpublished&undo=", post.id);
    assert!(done.location().starts_with(&editor), "{}", done.location());
    assert_eq!(app.count(purges).await, 2);
}

#[actix_web::test]
async fn taking_back_and_bringing_back_stands_in_the_log() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Here and gone", "a").await;
    for verb in ["unpublish", "publish", "trash", "restore", "trash"] {
        ann.post(&format!("/p/{}/{verb}", post.id), &[])
            .await
            .assert_status(303);
    }
    // A second click is no second act.
    ann.post(&format!("/p/{}/trash", post.id), &[])
        .await
        .assert_status(303);
    let acts =
        "select string_agg(act || ' ' || object || ' ' || actor, ', ' order by id) from audit_log
                where object_kind = 'post' and act not in ('post.create', 'post.save')";
    let named = |act: &str| format!("post.{act} Here and gone ann");
    let all = [
        "publish",
        "unpublish",
        "publish",
        "trash",
        "restore",
        "trash",
    ]
    .map(named);
    assert_eq!(app.text(acts).await, all.join(", "));
    let ids = app.text("select string_agg(distinct object_id::text, ' ') from audit_log where object_kind = 'post'").await;
    assert_eq!(ids, post.id);
}

#[actix_web::test]
async fn publishing_twice_at_once_is_one_publication() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "Once"), ("markdown", "a")]).await;
    let path = format!("/p/{id}/publish");
    let clicks = (0..6).map(|_| {
        let (mut ann, path) = (ann.clone(), path.clone());
        async move { ann.post(&path, &[]).await.status.as_u16() }
    });
    let done = futures_util::future::join_all(clicks).await;
    assert!(done.iter().all(|s| *s == 303), "{done:?}");
    assert_eq!(
        app.count("select count(*) from audit_log where act = 'post.publish'")
            .await,
        1
    );
}

#[actix_web::test]
async fn one_business_action_over_several_requests() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.get("/new").await.field("id");
    let form = [
        ("id", id.as_str()),
        ("version", "0"),
        ("title", "Traced"),
        ("markdown", "a"),
        ("action", "save"),
    ];
    let saved = ann.post("/new", &form).await;
    let published = ann.post(&format!("/p/{id}/publish"), &[]).await;
    let transaction = saved.header("x-transaction-id").unwrap();
    assert_eq!(published.header("x-transaction-id").unwrap(), transaction);
    assert_ne!(
        saved.header("x-correlation-id"),
        published.header("x-correlation-id")
    );
    let acts = app
        .text("select string_agg(act, ' ' order by id) from audit_log where object_kind = 'post'")
        .await;
    assert_eq!(acts, "post.create post.save post.publish");
    let ids = app.text("select string_agg(distinct transaction_id::text, ' ') from audit_log where object_kind = 'post'").await;
    assert_eq!(ids, transaction);
    let correlation = app
        .text("select correlation_id::text from audit_log where act = 'post.publish'")
        .await;
    assert_eq!(published.header("x-correlation-id").unwrap(), correlation);
    let next = ann.edit(&id, &[("markdown", "b")], "save").await;
    assert_ne!(
        next.header("x-transaction-id").unwrap(),
        transaction,
        "the next change is another action"
    );
}

/// What was typed is saved by the request that trashes: one action of one person.
#[actix_web::test]
async fn what_another_button_saves_first_belongs_to_its_action() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for act in ["unpublish", "trash"] {
        let post = ann.publish("Kept", "old").await;
        let form = [
            ("id", post.id.as_str()),
            ("version", "1"),
            ("title", "Kept"),
            ("markdown", "typed before"),
            ("authors", "ann"),
        ];
        let done = ann.post(&format!("/p/{}/{act}", post.id), &form).await;
        done.assert_status(303);
        let acts = app
            .text(
                "select string_agg(act, ' ' order by id) from audit_log
                 where transaction_id = (select transaction_id from audit_log order by id desc limit 1)",
            )
            .await;
        assert_eq!(acts, format!("post.save post.{act}"));
        let id = app
            .text("select transaction_id::text from audit_log order by id desc limit 1")
            .await;
        assert_eq!(done.header("x-transaction-id").unwrap(), id);
    }
}

/// The form of a new text goes on being one after its first save: an answer may have got lost.
#[actix_web::test]
async fn a_form_for_a_new_text_that_was_saved_elsewhere_meanwhile_shows_both() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let id = owner.get("/new").await.field("id");
    let form = |kind, text| {
        [
            ("id", id.as_str()),
            ("kind", kind),
            ("version", "0"),
            ("title", "Two tabs"),
            ("markdown", text),
            ("action", "save"),
        ]
    };
    owner
        .post("/new", &form("post", "first"))
        .await
        .assert_status(303);
    let refused = owner.post("/new", &form("post", "second")).await;
    refused.assert_status(409);
    assert_eq!(refused.field("markdown"), "second");
    assert_eq!(refused.one(".conflict .saved-text"), "first");
    // The text is of the kind that it was made as, whatever a form says later.
    let refused = owner.post("/new", &form("page", "third")).await;
    refused.assert_status(409);
    assert_eq!(refused.field("markdown"), "third");
    assert_eq!(
        app.text("select string_agg(kind, ' ') from posts").await,
        "post"
    );
}

#[actix_web::test]
async fn several_authors_share_a_post() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let post = ann
        .publish_with(&[
            ("title", "Together"),
            ("markdown", "a"),
            ("authors", "ann, BEN"),
        ])
        .await;
    ben.accept(&post.id).await;
    for list in ["/@ann", "/@ben"] {
        assert!(
            app.anonymous().get(list).await.text().contains("Together"),
            "{list}"
        );
    }
    ben.edit(&post.id, &[("markdown", "Ben was here.")], "publish")
        .await
        .assert_status(303);
    assert!(
        app.anonymous()
            .get(&post.path)
            .await
            .text()
            .contains("Ben was here.")
    );
    // Taken off the list, the right ends with it.
    ann.edit(&post.id, &[("authors", "ann")], "publish")
        .await
        .assert_status(303);
    ben.get(&format!("/p/{}/edit", post.id))
        .await
        .assert_status(404);
}

#[actix_web::test]
async fn pages_stand_in_the_menu_nest_and_move() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let mut reader = app.anonymous();
    let mut page = async |fields: &[(&str, &str)]| {
        let id = owner.get("/new?kind=page").await.field("id");
        let mut form = vec![
            ("id", id.as_str()),
            ("kind", "page"),
            ("version", "0"),
            ("action", "save"),
        ];
        form.extend_from_slice(fields);
        let saved = owner.post("/new", &form).await;
        if saved.status.as_u16() != 303 {
            return Err(saved);
        }
        owner
            .post(&format!("/p/{id}/publish"), &[])
            .await
            .assert_status(303);
        Ok(id)
    };
    let about = page(&[
        ("title", "About us"),
        ("markdown", "We."),
        ("slug", "about"),
        ("menu_position", "1"),
    ])
    .await
    .ok()
    .unwrap();
    page(&[
        ("title", "Team"),
        ("markdown", "They."),
        ("slug", "team"),
        ("parent", "about"),
    ])
    .await
    .ok()
    .unwrap();
    let refused = page(&[("title", "Login"), ("markdown", "x"), ("slug", "login")])
        .await
        .err()
        .unwrap();
    refused.assert_status(422);
    let refused = page(&[("title", "Lost"), ("markdown", "x"), ("parent", "nowhere")])
        .await
        .err()
        .unwrap();
    refused.assert_status(422);
    let nested = reader.get("/about/team").await;
    nested.assert_status(200);
    assert!(nested.text().contains("About us"), "the way up is shown");
    assert!(
        reader.get("/").await.text().contains("href=\"/about\""),
        "it stands in the menu"
    );
    assert!(
        reader.get("/newest").await.all(".h-entry").is_empty(),
        "a page is no post"
    );
    let edit = owner.get(&format!("/p/{about}/edit")).await;
    let form = [
        ("id", about.as_str()),
        ("kind", "page"),
        ("version", &edit.field("version")),
        ("title", "About us"),
        ("markdown", "We."),
        ("slug", "company"),
        ("menu_position", "1"),
        ("action", "publish"),
    ];
    owner
        .post(&format!("/p/{about}/edit"), &form)
        .await
        .assert_status(303);
    assert_eq!(reader.get("/about").await.location(), "/company");
    assert_eq!(reader.get("/about/team").await.location(), "/company/team");
    reader.get("/company/team").await.assert_status(200);
}

#[actix_web::test]
async fn authors_make_no_pages_of_the_site() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.get("/new?kind=page").await.assert_status(403);
    let id = ann.get("/new").await.field("id");
    let form = [
        ("id", id.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("title", "About"),
        ("markdown", "x"),
        ("action", "save"),
    ];
    ann.post("/new", &form).await.assert_status(403);
    assert_eq!(app.count("select count(*) from posts").await, 0);
    // An id of one's own post does not turn into a page either.
    let post = ann.publish("Mine", "Text.").await;
    let again = [
        ("id", post.id.as_str()),
        ("kind", "page"),
        ("version", "1"),
        ("title", "About"),
        ("markdown", "x"),
        ("action", "save"),
    ];
    ann.post(&format!("/p/{}/edit", post.id), &again)
        .await
        .assert_status(303);
    assert_eq!(
        app.text("select string_agg(kind, ' ') from posts").await,
        "post"
    );
}

#[actix_web::test]
async fn the_preview_carries_unsaved_words_back_to_the_editor() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "Saved"), ("markdown", "old")]).await;
    let path = format!("/p/{id}/edit");
    let typed = [
        ("id", id.as_str()),
        ("version", "1"),
        ("title", "Saved"),
        ("markdown", "new & *unsaved*\nwords"),
        ("tags", "one"),
    ];
    let mut form = typed.to_vec();
    form.push(("action", "preview"));
    let preview = ann.post(&path, &form).await;
    preview.assert_status(200);
    assert!(preview.text().contains("<em>unsaved</em>"));
    let mut back = typed.map(|(name, _)| (name, preview.field(name))).to_vec();
    back.push(("action", "edit".to_owned()));
    let back: Vec<(&str, &str)> = back.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let editor = ann
        .post(
            preview.attribute(".note form", "action").unwrap().as_str(),
            &back,
        )
        .await;
    editor.assert_status(200);
    assert_eq!(editor.field("markdown"), "new & *unsaved*\nwords");
    assert_eq!(editor.field("tags"), "one");
    assert_eq!(
        app.count("select count(*) from revisions").await,
        1,
        "a preview saves nothing"
    );
}

#[actix_web::test]
async fn lines_of_the_source_stand_in_a_preview_beside_it_and_nowhere_else() {
    use actix_web::test::TestRequest;

    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let markdown = "One\n\ntwo";
    let id = ann
        .draft(&[("title", "Lines"), ("markdown", markdown)])
        .await;
    let fields = [("id", &*id), ("version", "1"), ("markdown", markdown)];
    let request = TestRequest::post()
        .uri("/preview")
        .set_form(fields)
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header(("masthead-lines", "1"));
    let beside = ann.send(request).await;
    beside.assert_status(200);
    assert!(beside.text().contains("<span data-line=\"3\"></span>"));
    let over = ann.post("/preview", &fields).await;
    over.assert_status(200);
    assert!(!over.text().contains("data-line"));
    let published = ann.publish("Lines", markdown).await;
    assert!(!ann.get(&published.path).await.text().contains("data-line"));
}

#[actix_web::test]
async fn the_other_buttons_of_the_editor_save_what_was_typed_first() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Kept", "old").await;
    let typed = |version, text| {
        [
            ("id", post.id.as_str()),
            ("version", version),
            ("title", "Kept"),
            ("markdown", text),
            ("authors", "ann"),
        ]
    };
    ann.post(
        &format!("/p/{}/unpublish", post.id),
        &typed("1", "typed before unpublishing"),
    )
    .await
    .assert_status(303);
    assert_eq!(
        ann.get(&format!("/p/{}/edit", post.id))
            .await
            .field("markdown"),
        "typed before unpublishing"
    );
    let refused = ann
        .post(
            &format!("/p/{}/trash", post.id),
            &typed("1", "from an old tab"),
        )
        .await;
    refused.assert_status(409);
    assert_eq!(refused.field("markdown"), "from an old tab");
    assert_eq!(
        app.count("select count(*) from posts where deleted_at is not null")
            .await,
        0
    );
    ann.post(
        &format!("/p/{}/trash", post.id),
        &typed("2", "typed before trashing"),
    )
    .await
    .assert_status(303);
    assert_eq!(
        app.text("select markdown from revisions order by number desc limit 1")
            .await,
        "typed before trashing"
    );
}

#[actix_web::test]
async fn drafts_survive_what_their_authors_do_to_their_accounts() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let id = ann
        .draft(&[
            ("title", "Old draft"),
            ("markdown", "a"),
            ("authors", "ann, ben, BEN, Ann"),
        ])
        .await;
    ben.accept(&id).await;
    ann.post(
        "/settings/account",
        &[
            ("username", "annabel"),
            ("email", "person1@example.org"),
            ("current_password", crate::support::PASSWORD),
        ],
    )
    .await
    .assert_status(303);
    sqlx::query("update users set role = 'reader' where username = 'ben'")
        .execute(&app.database)
        .await
        .unwrap();
    ann.edit(&id, &[("markdown", "b")], "save")
        .await
        .assert_status(303);
    let done = ann.post(&format!("/p/{id}/publish"), &[]).await;
    assert_eq!(done.location(), "/@annabel/old-draft#published");
    assert_eq!(
        app.text("select string_agg(u.username, ' ' order by a.position) from post_authors a join users u on u.id = a.user_id")
            .await,
        "annabel ben"
    );
}

#[actix_web::test]
async fn the_publish_step_publishes_what_it_showed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "Shown"), ("markdown", "a")]).await;
    let shown = ann.get(&format!("/p/{id}/publish")).await.field("version");
    ann.edit(&id, &[("markdown", "b")], "save").await;
    let refused = ann
        .post(&format!("/p/{id}/publish"), &[("version", &shown)])
        .await;
    refused.assert_status(409);
    assert!(refused.text().contains("A newer version was saved"));
    assert_eq!(refused.field("version"), "2");
    app.anonymous().get("/@ann/shown").await.assert_status(404);
    ann.post(&format!("/p/{id}/publish"), &[("version", "2")])
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn a_million_commas_are_refused_quickly_and_beside_their_field() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "Fine"), ("markdown", "a")]).await;
    let many: String = (0..200_000).map(|n| format!("t{n},")).collect();
    let refused = ann
        .edit(&id, &[("tags", &many), ("authors", &many)], "save")
        .await;
    refused.assert_status(422);
    for field in ["tags", "authors"] {
        assert_eq!(
            refused
                .attribute(&format!("[name={field}]"), "aria-invalid")
                .as_deref(),
            Some("true"),
            "{field}"
        );
    }
}

#[actix_web::test]
async fn posts_that_swap_their_tags_at_once_wait_for_each_other() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let one = ann
        .publish_with(&[("title", "One"), ("markdown", "a"), ("tags", "left")])
        .await;
    let two = ann
        .publish_with(&[("title", "Two"), ("markdown", "a"), ("tags", "right")])
        .await;
    for round in 0..6 {
        let (a, b) = if round % 2 == 0 {
            ("right, new", "new, left")
        } else {
            ("left", "right")
        };
        let swap = |id: String, tags: &'static str| {
            let mut ann = ann.clone();
            async move {
                ann.edit(&id, &[("tags", tags)], "publish")
                    .await
                    .status
                    .as_u16()
            }
        };
        let done =
            futures_util::future::join(swap(one.id.clone(), a), swap(two.id.clone(), b)).await;
        assert_eq!(done, (303, 303), "round {round}");
    }
    let wrong = "select count(*) from tags t where post_count <> (select count(*) from post_tags p where p.tag_id = t.id and p.listed_at is not null)";
    assert_eq!(app.count(wrong).await, 0);
}

/// Own posts and those of others come out of two lists, which meet on every page.
#[actix_web::test]
async fn the_dashboard_has_posts_of_others_among_own_ones() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    app.author("ben").await;
    // Ben owns every third, which Ann wrote with him; of every ten, one is a draft and one in the trash.
    sqlx::query(
        "insert into posts (public_id, kind, owner_id, title, slug, status, published_at, deleted_at, saved_at)
         select gen_random_uuid(), 'post', u.id, 'Post ' || n, 'post-' || n, case n % 10 when 1 then 'draft' else 'published' end,
                now(), case n % 10 when 2 then now() end, now() - n * interval '1 hour'
         from generate_series(1, 200) n join users u on u.username = case n % 3 when 0 then 'ben' else 'ann' end",
    )
    .execute(&app.database)
    .await
    .unwrap();
    sqlx::query(
        "insert into post_authors (post_id, user_id, position)
         select p.id, u.id, row_number() over (partition by p.id order by u.id desc) - 1
         from posts p join users u on u.username = 'ann' or u.id = p.owner_id where p.slug like 'post-%'",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let tabs = [
        ("posts", &[0, 3, 4, 5, 6, 7, 8, 9][..]),
        ("drafts", &[1]),
        ("trash", &[2]),
    ];
    for (tab, last_digits) in tabs {
        let mut next = Some(format!("/dashboard?shelf={tab}"));
        let mut seen = Vec::new();
        while let Some(path) = next {
            let page = ann.get(&path).await;
            page.assert_status(200);
            seen.extend(page.all("tbody th"));
            next = page.attribute("a[rel=next]", "href");
        }
        let expected: Vec<String> = (1..=200)
            .filter(|n| last_digits.contains(&(n % 10)))
            .map(|n| format!("Post {n}"))
            .collect();
        assert_eq!(seen, expected, "{tab}");
    }
}

#[actix_web::test]
async fn a_kind_of_text_that_there_is_not_is_refused_with_what_was_typed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.get("/new").await.field("id");
    let form = [
        ("id", id.as_str()),
        ("kind", "zzz"),
        ("version", "0"),
        ("title", "Of no kind"),
        ("markdown", "Typed with care."),
        ("action", "save"),
    ];
    for path in ["/new", "/preview"] {
        let refused = ann.post(path, &form).await;
        refused.assert_status(400);
        assert!(refused.text().contains("Typed with care."), "{path}");
    }
    ann.get("/new?kind=zzz").await.assert_status(404);
    assert_eq!(app.count("select count(*) from posts").await, 0);
    let id = ann.draft(&[("title", "A draft")]).await;
    ann.post(&format!("/p/{id}/edit"), &form)
        .await
        .assert_status(400);
}

#[actix_web::test]
async fn an_unknown_author_is_told_with_the_other_faults() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    app.author("ben").await;
    let id = ann.draft(&[("title", "A draft")]).await;
    let typed = [
        ("authors", "ann, ben, nemo"),
        ("slug", "!!"),
        ("cover_url", "nowhere"),
    ];
    let refused = ann.edit(&id, &typed, "save").await;
    refused.assert_status(422);
    let faults = refused.all(".errors li");
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("“nemo” is not an author here.")),
        "{faults:?}"
    );
    let new = ann.get("/new").await.field("id");
    let form = [
        ("id", new.as_str()),
        ("version", "0"),
        ("title", "A new one"),
        ("authors", "nemo"),
        ("slug", "!!"),
        ("action", "save"),
    ];
    let refused = ann.post("/new", &form).await;
    assert_eq!(refused.assert_status(422).all(".errors li").len(), 2);
}

/// The editor's fields of a post that gets this date.
async fn give_date(ann: &mut Actor, post: &Published, date: &str) -> Response {
    let fields = [("title", "Lamps"), ("markdown", "Words."), ("date", date)];
    ann.edit(&post.id, &fields, "publish").await
}

#[actix_web::test]
async fn a_post_gets_an_earlier_date() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish("Newer", "Words.").await;
    let fields = [
        ("title", "Lamps"),
        ("markdown", "Words."),
        ("date", "2019-03-01T00:30"),
        ("date_zone", "Europe/Berlin"),
    ];
    let post = ann.publish_with(&fields).await;
    let dates = async |path: &str| {
        let page = app.anonymous().get(path).await;
        page.attribute(".post-head .dt-published", "datetime")
            .unwrap()
    };
    assert_eq!(dates(&post.path).await, "2019-02-28T23:30:00Z");
    // As if it had been published then: it stands there in lists, and nobody has edited it since.
    let newest = app.anonymous().get("/newest").await;
    assert_eq!(newest.all(".entry .p-name"), ["Newer", "Lamps"]);
    let month = app.anonymous().get("/archive/2019/02").await;
    assert_eq!(month.all(".p-name"), ["Lamps"]);
    let page = app.anonymous().get(&post.path).await;
    assert!(page.all(".dt-updated").is_empty());
    let edit = ann.get(&format!("/p/{}/edit", post.id)).await;
    assert_eq!(edit.field("date"), "2019-03-01T00:30");
    assert_eq!(edit.field("date_zone"), "Europe/Berlin");
    // Another date for what is public already, and no date leaves it where it is.
    give_date(&mut ann, &post, "2018-01-01T10:00")
        .await
        .assert_status(303);
    assert_eq!(dates(&post.path).await, "2018-01-01T10:00:00Z");
    give_date(&mut ann, &post, "").await.assert_status(303);
    assert_eq!(dates(&post.path).await, "2018-01-01T10:00:00Z");
    let archive = app.anonymous().get("/archive/2019/02").await;
    archive.assert_status(404);
    for (date, fault) in [
        (
            "2999-01-01T10:00",
            "This is still to come: a post can only have an earlier date.",
        ),
        (
            "-0044-03-15T12:00",
            "Write a day and a time of that day, such as 1 March 2026, 12:00.",
        ),
        (
            "yesterday",
            "Write a day and a time of that day, such as 1 March 2026, 12:00.",
        ),
    ] {
        let refused = give_date(&mut ann, &post, date).await;
        refused.assert_status(422);
        assert_eq!(refused.all("#date-error"), [fault]);
        assert_eq!(refused.field("date"), date);
    }
    assert_eq!(dates(&post.path).await, "2018-01-01T10:00:00Z");
}
