-- What people write: posts and pages, every saved state of them, where they live and used to live.
create table posts (
    id              bigint generated always as identity primary key,
    public_id       uuid not null unique,
    kind            text not null check (kind in ('post', 'page')),
    owner_id        bigint not null references users,
    title           text not null default '' check (char_length(title) <= 300),
    slug            text not null check (char_length(slug) between 1 and 200),
    excerpt         text not null default '' check (char_length(excerpt) <= 1000),
    description     text not null default '' check (char_length(description) <= 400),
    language        text not null default '' check (char_length(language) <= 35),
    canonical_url   text not null default '' check (char_length(canonical_url) <= 1000),
    cover_url       text not null default '' check (char_length(cover_url) <= 1000),
    cover_alt       text not null default '' check (char_length(cover_alt) <= 500),
    comment_policy  text check (comment_policy in ('off', 'members', 'first_held', 'all_held')),
    unlisted        boolean not null default false,
    status          text not null default 'draft' check (status in ('draft', 'published')),
    minutes         integer not null default 0,
    words           integer not null default 0,
    comment_count   integer not null default 0 check (comment_count >= 0),
    version         integer not null default 0,
    transaction_id  uuid,
    parent_id       bigint references posts,
    page_path       text check (char_length(page_path) <= 500),
    menu_position   integer,
    created_at      timestamptz not null default now(),
    saved_at        timestamptz not null default now(),
    published_at    timestamptz,
    changed_at      timestamptz,
    listed_at       timestamptz,
    deleted_at      timestamptz,
    import_key      text unique check (char_length(import_key) <= 600),
    import_hash     bytea,
    check (status <> 'published' or published_at is not null),
    check ((kind = 'page') = (page_path is not null))
);
comment on table posts is 'What lists need of a post or page; text and rendering are in post_bodies.';
comment on column posts.owner_id is 'The author whose handle stands in the address. Others are in post_authors.';
comment on column posts.excerpt is 'The deck, as the author wrote it. Empty: none is shown.';
comment on column posts.description is 'Plain text for lists, feeds and cards: the excerpt, else the start of the text.';
comment on column posts.comment_policy is 'Null: as the site says.';
comment on column posts.version is 'Number of the newest revision; an edit names the version it began from.';
comment on column posts.transaction_id is 'Business action under way (write it until it is out); cleared when published, so that the next change is a new one.';
comment on column posts.page_path is 'Whole path of a page without the leading slash, parents included. Null for posts.';
comment on column posts.menu_position is 'Place in the site menu; null: not in the menu.';
comment on column posts.changed_at is 'Last change that readers can see: feeds say updated by it.';
comment on column posts.listed_at is 'published_at while the post belongs in lists and feeds, else null: one partial index serves every list.';
comment on column posts.deleted_at is 'In the trash since. Purged by a job after 30 days.';
comment on column posts.import_key is 'Source and path of an imported document, so that a second import updates it.';
comment on column posts.import_hash is 'SHA-256 of the imported document: unchanged ones are skipped.';
create unique index posts_address on posts (owner_id, slug) where kind = 'post';
create unique index posts_page_path on posts (page_path) where kind = 'page';
create index posts_listed on posts (listed_at desc, id desc) where listed_at is not null;
create index posts_desk on posts (owner_id, saved_at desc, id desc);
create index posts_parent on posts (parent_id) where parent_id is not null;
create index posts_menu on posts (menu_position) where menu_position is not null;

create table post_bodies (
    post_id          bigint primary key references posts on delete cascade,
    markdown         text not null default '' check (octet_length(markdown) <= 1048576),
    html             text not null default '',
    text             text not null default '',
    renderer_version integer not null,
    revision_number  integer not null
);
comment on table post_bodies is 'The text that readers get, rendered when it was saved. Of a draft: the newest text.';
comment on column post_bodies.revision_number is 'The revision this is. Lower than posts.version: there are changes that were saved and not yet published.';

create table post_authors (
    post_id   bigint not null references posts on delete cascade,
    user_id   bigint not null references users,
    position  smallint not null,
    listed_at timestamptz,
    primary key (post_id, user_id)
);
comment on table post_authors is 'Everybody who wrote it, in the order shown; the owner is one of them.';
create index post_authors_listed on post_authors (user_id, listed_at desc, post_id desc) where listed_at is not null;

create table revisions (
    id             bigint generated always as identity primary key,
    public_id      uuid not null unique,
    post_id        bigint not null references posts on delete cascade,
    number         integer not null,
    title          text not null,
    markdown       text not null,
    details        jsonb not null,
    saved_by       bigint not null references users,
    saved_at       timestamptz not null default now(),
    published      boolean not null default false,
    transaction_id uuid not null,
    correlation_id uuid not null,
    unique (post_id, number)
);
comment on table revisions is 'Every saved state of a post, from the first save. Never changed afterwards except to mark it published.';
comment on column revisions.details is 'The rest of the editor form at that save: slug, excerpt, tags, cover, language, policy.';

create table slug_history (
    owner_id bigint not null references users on delete cascade,
    slug     text not null,
    post_id  bigint not null references posts on delete cascade,
    moved_at timestamptz not null default now(),
    primary key (owner_id, slug)
);
comment on table slug_history is 'Addresses that published posts had before: they answer 301 while the post is visible.';
create index slug_history_post on slug_history (post_id);

create table redirects (
    path       text primary key check (path like '/%' and char_length(path) <= 500),
    post_id    bigint not null references posts on delete cascade,
    created_at timestamptz not null default now()
);
comment on table redirects is 'Paths of another site that an import brought along, and former paths of pages.';
create index redirects_post on redirects (post_id);

create table tags (
    id         bigint generated always as identity primary key,
    slug       text not null unique check (char_length(slug) between 1 and 80),
    name       text not null check (char_length(name) between 1 and 60),
    post_count integer not null default 0 check (post_count >= 0)
);
comment on column tags.post_count is 'Listed posts with this tag, kept by the listing verb: no page counts rows.';
create index tags_used on tags (post_count desc, slug) where post_count > 0;

create table post_tags (
    post_id   bigint not null references posts on delete cascade,
    tag_id    bigint not null references tags,
    position  smallint not null,
    listed_at timestamptz,
    primary key (post_id, tag_id)
);
create index post_tags_listed on post_tags (tag_id, listed_at desc, post_id desc) where listed_at is not null;
create index post_tags_tag on post_tags (tag_id);
