//! The editor: open, save, preview. It works as a plain form; the script adds comfort.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::publication;
use crate::app::AppState;
use crate::db::{ReadRequirement, Tx};
use crate::features::accounts::{Action, CurrentUser, Resource, key_of};
use crate::features::posts::address::AddressError;
use crate::features::posts::byline;
use crate::features::posts::conflict::Conflict;
use crate::features::posts::draft::{self, Draft, FORM_LIMIT, PostForm};
use crate::features::posts::model::{Details, Kind, Status};
use crate::features::posts::publish;
use crate::features::posts::queries::{self, PostRow};
use crate::features::posts::save::{self, SaveError};
use crate::features::posts::views::{EditorPage, PreviewPage};
use crate::features::site;
use crate::markdown::{self, Rendered};
use crate::web::{Error, Form, FormErrors, FormId, FormIds, Ids, Makes, OrNotFound, Result, page};

/// As they stand on the page.
const FIELDS: [&str; 14] = [
    "title",
    "markdown",
    "slug",
    "parent",
    "menu_position",
    "tags",
    "excerpt",
    "cover_url",
    "cover_alt",
    "authors",
    "unlisted",
    "comment_policy",
    "language",
    "canonical_url",
];

pub(super) type EditorForm = Form<PostForm, FORM_LIMIT>;

#[derive(Deserialize)]
pub struct NewQuery {
    #[serde(default)]
    kind: String,
}

/// `GET /new`: an empty editor under a fresh id. The row comes with the first save (the script saves with
/// the first key), so that opening the page, which is a GET, changes nothing.
pub async fn new(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    query: web::Query<NewQuery>,
) -> Result<HttpResponse> {
    let kind = Kind::from_column(&query.kind);
    user.require(write_act(kind), Resource::Nothing)?;
    let details = Details {
        authors: vec![user.username.clone()],
        ..Details::default()
    };
    let form = PostForm::of(form_ids(&app, &user).fresh(), kind, 0, "", "", &details);
    answer(
        &req,
        &app,
        &user,
        Shown {
            form,
            ..Shown::default()
        },
    )
    .await
}

/// `POST /new`: the first save.
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    ids: Ids,
    form: EditorForm,
) -> Result<HttpResponse> {
    let mut form = form.0;
    let kind = Kind::from_column(&form.kind);
    user.require(write_act(kind), Resource::Nothing)?;
    match form_ids(&app, &user).read(&req, &mut form.id) {
        Ok(id) => {
            Box::pin(store(
                &req,
                &app,
                &user,
                &ids,
                Target::New { id, kind },
                form,
            ))
            .await
        }
        Err(unsigned) => {
            let mut faults = FormErrors::default();
            faults.add(
                "",
                if wants_page(&req) {
                    unsigned.to_string()
                } else {
                    OLD_PAGE.to_owned()
                },
            );
            refuse(
                &req,
                &app,
                &user,
                Shown {
                    form,
                    faults,
                    ..Shown::default()
                },
            )
            .await
        }
    }
}

/// For scripts of pages that were opened before the site signed the ids of forms: later ones take the new id by
/// themselves and save again.
const OLD_PAGE: &str = "This page was opened before the site was updated. Your text is kept on this device: load the page \
    again and restore it there.";

fn form_ids(app: &AppState, user: &CurrentUser) -> FormIds {
    FormIds::new(&app.key, Makes::Post, Some(user.public_id))
}

#[derive(Deserialize)]
pub struct EditQuery {
    /// The business action that took this text back a moment ago.
    gone: Option<Uuid>,
}

/// `GET /p/{id}/edit`
pub async fn edit(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
    query: web::Query<EditQuery>,
) -> Result<HttpResponse> {
    let saved = saved(&app, &user, *id).await?;
    let receipt = site::take_down_notice(&app, query.gone).await?;
    answer(&req, &app, &user, Shown { receipt, ..saved }).await
}

/// The editor with the saved text, beside which stands why it cannot be published.
pub(super) async fn refuse_saved(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    id: Uuid,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let saved = saved(app, user, id).await?;
    answer(req, app, user, Shown { faults, ..saved }).await
}

async fn saved(app: &AppState, user: &CurrentUser, id: Uuid) -> Result<Shown> {
    let mut conn = app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, user)?;
    let mut draft = queries::newest_revision(&mut conn, post.id)
        .await?
        .or_not_found()?;
    if !post.declined_ids.is_empty() {
        let asked = queries::asked_names(&mut conn, post.id).await?;
        let declined = |handle: &String| {
            asked
                .iter()
                .any(|name| name.declined && key_of(&name.username) == key_of(handle))
        };
        draft.details.authors.retain(|handle| !declined(handle));
    }
    let form = PostForm::of(
        FormId::of(post.public_id),
        post.kind,
        post.version,
        &draft.title,
        &draft.markdown,
        &draft.details,
    );
    Ok(Shown {
        post: Some(post),
        form,
        ..Shown::default()
    })
}

/// `GET /@{author}/{slug}/edit`: the address people guess.
pub async fn edit_by_address(
    app: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (author, slug) = path.into_inner();
    let mut conn = app.db.fresh().await?;
    let post = editable(
        queries::post_at(&mut conn, &key_of(&author), &slug).await?,
        &user,
    )?;
    Ok(page::see_other(&format!("/p/{}/edit", post.public_id)))
}

/// `POST /p/{id}/edit`
pub async fn update(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    ids: Ids,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    Box::pin(store(
        &req,
        &app,
        &user,
        &ids,
        Target::Existing(*id),
        form.0,
    ))
    .await
}

/// `POST /preview`: what the text would look like, nothing is saved.
pub async fn preview(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    form: EditorForm,
) -> Result<HttpResponse> {
    let mut form = form.0;
    let mut faults = FormErrors::default();
    let kind = Kind::from_column(&form.kind);
    // Nothing is saved under it here; the editor that comes back has a good one.
    let _ = form_ids(&app, &user).read(&req, &mut form.id);
    let Some((draft, rendered)) = parse(&form, kind, &mut faults).await? else {
        return answer(
            &req,
            &app,
            &user,
            Shown {
                form,
                faults,
                ..Shown::default()
            },
        )
        .await;
    };
    show_preview(&req, &app, &user, &draft, &rendered, None, Some(&form)).await
}

/// `GET /p/{id}/preview`: the newest saved state.
pub async fn preview_saved(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, *id).await?, &user)?;
    let draft = queries::newest_revision(&mut conn, post.id)
        .await?
        .or_not_found()?;
    drop(conn);
    let rendered = draft::render(&draft.markdown)
        .await?
        .map_err(Error::BadRequest)?;
    show_preview(&req, &app, &user, &draft, &rendered, Some(post), None).await
}

/// An invisible object is the same 404 as a missing one.
pub(super) fn editable(post: Option<PostRow>, user: &CurrentUser) -> Result<PostRow> {
    let post = post.or_not_found()?;
    let object = Resource::Post {
        authors: &post.author_ids,
        page: post.kind == Kind::Page,
    };
    if crate::features::accounts::can(Some(user), Action::EditPost, object) {
        Ok(post)
    } else {
        Err(Error::NotFound)
    }
}

fn write_act(kind: Kind) -> Action {
    match kind {
        Kind::Post => Action::WritePost,
        Kind::Page => Action::WritePage,
    }
}

/// Saves what came along with a button of the editor that does something else (unpublish, trash), so that it
/// is not thrown away. The answer is the editor again when it could not be saved; nothing when the act may
/// go on. Buttons on other pages send no text.
pub(super) async fn save_first(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    ids: &Ids,
    id: Uuid,
    form: PostForm,
) -> Result<Option<HttpResponse>> {
    if form.id.is_empty() {
        return Ok(None);
    }
    let form = PostForm {
        action: "save".into(),
        ..form
    };
    let saved = Box::pin(store(req, app, user, ids, Target::Existing(id), form)).await?;
    Ok(
        if saved.status().is_redirection() || saved.status().is_success() {
            None
        } else {
            Some(saved)
        },
    )
}

enum Target {
    New { id: Uuid, kind: Kind },
    Existing(Uuid),
}

impl Target {
    /// The post that is there already, for pages that come back with a form.
    async fn known(&self, app: &AppState, user: &CurrentUser) -> Result<Option<PostRow>> {
        match self {
            Target::New { .. } => Ok(None),
            Target::Existing(id) => Ok(Some(editable(
                queries::post(&mut *app.db.fresh().await?, *id).await?,
                user,
            )?)),
        }
    }
}

async fn parse(
    form: &PostForm,
    kind: Kind,
    faults: &mut FormErrors,
) -> Result<Option<(Draft, Rendered)>> {
    let Some(draft) = form.parse(kind, faults) else {
        return Ok(None);
    };
    let rendered = draft::render(&draft.markdown).await?;
    Ok(faults
        .take("markdown", rendered)
        .map(|rendered| (draft, rendered)))
}

/// Whether the form brings a new cover that pages cannot load as it stands. One that was saved before stays.
async fn is_new_insecure_cover(app: &AppState, target: &Target, draft: &Draft) -> Result<bool> {
    if !markdown::is_insecure_address(&draft.details.cover_url) {
        return Ok(false);
    }
    let Target::Existing(id) = target else {
        return Ok(true);
    };
    let mut conn = app.db.fresh().await?;
    let Some(post) = queries::post(&mut conn, *id).await? else {
        return Ok(false);
    };
    let saved = queries::newest_revision(&mut conn, post.id).await?;
    Ok(saved.is_none_or(|saved| saved.details.cover_url != draft.details.cover_url))
}

/// Saves what was typed and goes on to what the pressed button says.
async fn store(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    ids: &Ids,
    target: Target,
    form: PostForm,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    if form.action == "edit" {
        return answer(
            req,
            app,
            user,
            Shown {
                post: target.known(app, user).await?,
                form,
                ..Shown::default()
            },
        )
        .await;
    }
    let kind = Kind::from_column(&form.kind);
    let Some((parsed, rendered)) = parse(&form, kind, &mut faults).await? else {
        let known = target.known(app, user).await?;
        return refuse(
            req,
            app,
            user,
            Shown {
                post: known,
                form,
                faults,
                ..Shown::default()
            },
        )
        .await;
    };
    if is_new_insecure_cover(app, &target, &parsed).await? {
        faults.add("cover_url", "Enter the picture's full address, starting with https://. Pages cannot load it with http://.");
        return refuse(
            req,
            app,
            user,
            Shown {
                post: target.known(app, user).await?,
                form,
                faults,
                ..Shown::default()
            },
        )
        .await;
    }
    if form.action == "preview" && wants_page(req) {
        return show_preview(
            req,
            app,
            user,
            &parsed,
            &rendered,
            target.known(app, user).await?,
            Some(&form),
        )
        .await;
    }
    if form.action == "publish" && wants_page(req) && !parsed.is_visible(&rendered) {
        faults.add("markdown", SaveError::Empty.to_string());
        return refuse(
            req,
            app,
            user,
            Shown {
                post: target.known(app, user).await?,
                form,
                faults,
                ..Shown::default()
            },
        )
        .await;
    }
    let based_on = form.version.trim().parse().unwrap_or(0);
    let mut attempt = 0;
    loop {
        attempt += 1;
        let mut tx = app.db.begin().await?;
        let post = match &target {
            Target::New { id, kind } => {
                let origin = user.origin(ids, None);
                tx.belongs_to(&origin);
                editable(
                    Some(save::create(&mut tx, *id, *kind, user.id, &origin).await?),
                    user,
                )?
            }
            // Under the lock, and the right with it.
            Target::Existing(id) => editable(queries::lock_post(&mut tx, *id).await?, user)?,
        };
        // What a post is decides which of its fields count, not what the form says of it.
        let other = if post.kind == kind {
            None
        } else {
            form.parse(post.kind, &mut faults)
        };
        let Some(draft) = (if post.kind == kind {
            Some(&parsed)
        } else {
            other.as_ref()
        }) else {
            drop(tx);
            return refuse(
                req,
                app,
                user,
                Shown {
                    post: Some(post),
                    form,
                    faults,
                    ..Shown::default()
                },
            )
            .await;
        };
        let origin = user.origin(ids, post.transaction_id);
        tx.belongs_to(&origin);
        let publishes =
            form.action == "publish" && wants_page(req) && post.status == Status::Published;
        if publishes && post.deleted_at.is_none() {
            match Box::pin(publish::save_and_publish(
                &mut tx, &post, based_on, draft, &rendered, &origin,
            ))
            .await
            {
                Ok(path) => {
                    tx.commit().await?;
                    return Ok(page::see_other(&path));
                }
                // It is saved as it is, and the step before publishing says why it is not public.
                Err(SaveError::Address(refused)) => {
                    drop(tx);
                    let saved = save_only(
                        req,
                        app,
                        user,
                        ids,
                        post.public_id,
                        (draft, &rendered),
                        form,
                        refused.to_string(),
                    );
                    return Box::pin(saved).await;
                }
                Err(error) => {
                    return Box::pin(refuse_save(req, app, user, tx, post, form, error)).await;
                }
            }
        }
        match Box::pin(save::save(
            &mut tx, &post, based_on, draft, &rendered, &origin,
        ))
        .await
        {
            Ok(saved) => {
                tx.commit().await?;
                return publication::after_save(req, &app.db, &post, &saved, draft, &form.action);
            }
            // Another new text with this title was saved in the same moment: the next address is as good.
            Err(SaveError::Address(AddressError::Taken(_)))
                if attempt < ATTEMPTS && is_address_ours(&post, draft) => {}
            Err(error) => {
                return Box::pin(refuse_save(req, app, user, tx, post, form, error)).await;
            }
        }
    }
}

/// How often an address of our choice is chosen again.
const ATTEMPTS: u32 = 5;

/// Whether the address was not typed, so that any that is free will do.
fn is_address_ours(post: &PostRow, draft: &Draft) -> bool {
    post.kind == Kind::Post && draft.details.slug.is_empty()
}

/// Saves a text that cannot be public as it is; the step before publishing says `why`.
async fn save_only(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    ids: &Ids,
    id: Uuid,
    (draft, rendered): (&Draft, &Rendered),
    form: PostForm,
    why: String,
) -> Result<HttpResponse> {
    let mut tx = app.db.begin().await?;
    let post = editable(queries::lock_post(&mut tx, id).await?, user)?;
    let origin = user.origin(ids, post.transaction_id);
    tx.belongs_to(&origin);
    let based_on = form.version.trim().parse().unwrap_or(0);
    // Another save may have come in between: then both texts are shown.
    if let Err(error) = save::save(&mut tx, &post, based_on, draft, rendered, &origin).await {
        return Box::pin(refuse_save(req, app, user, tx, post, form, error)).await;
    }
    tx.commit().await?;
    publication::answer(req, app, user, id, Some(why)).await
}

/// The editor again, with what was typed and why it was not saved.
async fn refuse_save(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    tx: Tx,
    post: PostRow,
    form: PostForm,
    error: SaveError,
) -> Result<HttpResponse> {
    drop(tx);
    let mut faults = FormErrors::default();
    match error {
        SaveError::Db(error) => Err(error.into()),
        SaveError::Changed { .. } => match form.parse(post.kind, &mut faults) {
            Some(draft) => Box::pin(show_both(req, app, user, post, draft, form)).await,
            None => {
                refuse(
                    req,
                    app,
                    user,
                    Shown {
                        post: Some(post),
                        form,
                        faults,
                        ..Shown::default()
                    },
                )
                .await
            }
        },
        error => {
            let field = match &error {
                SaveError::NoSuchAuthor(_) => "authors",
                SaveError::Empty => "markdown",
                SaveError::Address(
                    AddressError::NoSuchParent(_)
                    | AddressError::UnderItself
                    | AddressError::TooDeep,
                ) => "parent",
                _ => "slug",
            };
            faults.add(field, error.to_string());
            // A new post is not there any more.
            let known = (post.version > 0).then_some(post);
            refuse(
                req,
                app,
                user,
                Shown {
                    post: known,
                    form,
                    faults,
                    ..Shown::default()
                },
            )
            .await
        }
    }
}

/// The script asks for JSON; everybody else gets pages.
pub(super) fn wants_page(req: &HttpRequest) -> bool {
    !req.headers()
        .get("accept")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("application/json"))
}

/// The text that was typed and the one that was saved meanwhile. Saving again stands on the version shown.
async fn show_both(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    post: PostRow,
    draft: Draft,
    form: PostForm,
) -> Result<HttpResponse> {
    let standing = queries::standing_version(&mut *app.db.fresh().await?, post.id)
        .await?
        .or_not_found()?;
    let form = PostForm {
        version: standing.number.to_string(),
        ..form
    };
    let conflict = Conflict::of(standing, draft).await?;
    let mut faults = FormErrors::default();
    faults.add("", conflict.sentence());
    refuse(
        req,
        app,
        user,
        Shown {
            post: Some(post),
            form,
            faults,
            conflict: Some(conflict),
            receipt: None,
        },
    )
    .await
}

/// The editor as it comes back.
#[derive(Default)]
struct Shown {
    /// None until the first save.
    post: Option<PostRow>,
    form: PostForm,
    faults: FormErrors,
    receipt: Option<String>,
    conflict: Option<Conflict>,
}

impl Shown {
    fn status(&self) -> StatusCode {
        match &self.conflict {
            Some(_) => StatusCode::CONFLICT,
            None if self.faults.is_empty() => StatusCode::OK,
            None => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

async fn refuse(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    shown: Shown,
) -> Result<HttpResponse> {
    if wants_page(req) {
        return answer(req, app, user, shown).await;
    }
    let mut body = shown.faults.json();
    if let Some(conflict) = &shown.conflict {
        body["version"] = json!(shown.form.version.parse::<i32>().unwrap_or(0));
        body["saved"] = conflict.json()?;
    }
    if shown.post.is_none() {
        // What the page has to send the same text to.
        body["id"] = json!(shown.form.id.as_str());
        body["action"] = json!(shown.form.id.action("/new"));
    }
    Ok(page::json(shown.status(), &body))
}

async fn answer(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    shown: Shown,
) -> Result<HttpResponse> {
    let status = shown.status();
    let Shown {
        post,
        form,
        faults,
        receipt,
        conflict,
    } = shown;
    let mut conn = app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let revisions = match &post {
        Some(post) => queries::revisions(&mut conn, post.id, 12).await?,
        None => Vec::new(),
    };
    let asked = match &post {
        Some(post) if !(post.asked_ids.is_empty() && post.declined_ids.is_empty()) => {
            queries::asked_names(&mut conn, post.id).await?
        }
        _ => Vec::new(),
    };
    drop(conn);
    let title = if post.is_some() { "Edit" } else { "Write" };
    let frame = site::private_frame(&site, &app.origin, title, Some(user.viewer()));
    let page_kind = Kind::from_column(&form.kind) == Kind::Page;
    let faults = faults.in_order(&FIELDS);
    let view = EditorPage {
        frame,
        user,
        post,
        form,
        faults,
        revisions,
        asked,
        page_kind,
        receipt,
        conflict,
    };
    page::private_with(req, status, &view)
}

async fn show_preview(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    draft: &Draft,
    rendered: &Rendered,
    post: Option<PostRow>,
    typed: Option<&PostForm>,
) -> Result<HttpResponse> {
    let mut conn = app.db.read(&ReadRequirement::any()).await?;
    let site = site::load(&mut conn).await?;
    let names = byline::preview(&mut conn, post.as_ref(), draft, user).await?;
    drop(conn);
    let frame = site::private_frame(&site, &app.origin, "Preview", Some(user.viewer()));
    page::private(
        req,
        &PreviewPage {
            frame,
            draft,
            names,
            rendered,
            post,
            typed,
        },
    )
}
