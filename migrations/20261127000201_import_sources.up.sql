-- Where imported documents came from, and what the last import made of each: so that two folders of one name are two
-- sources, and what was changed here since is not overwritten. Documents imported before have no row until the next import
-- has looked at them.
create table import_sources (
    id          bigint generated always as identity primary key,
    name        text not null unique check (char_length(name) between 1 and 80),
    named       boolean not null default false,
    key_prefix  text not null unique check (char_length(key_prefix) between 1 and 300),
    root        text not null check (char_length(root) <= 4096),
    imported_at timestamptz not null default now()
);
comment on column import_sources.named is 'Given by --source; else made from the path.';
comment on column import_sources.key_prefix is 'What the import keys of its documents and people begin with; never changes.';
comment on column import_sources.root is 'Real path of the folder at the last import.';
create unique index import_sources_root on import_sources (md5(root));

create table import_documents (
    import_key  text primary key check (char_length(import_key) <= 600),
    source_id   bigint not null references import_sources on delete cascade,
    post_id     bigint references posts on delete set null,
    fingerprint bytea not null,
    version     integer not null,
    visibility  text not null check (visibility in ('public', 'unlisted', 'draft'))
);
comment on table import_documents is 'Outlives the post: what was deleted here is not imported again.';
comment on column import_documents.fingerprint is 'SHA-256 of what the last import wanted to write. While posts.import_hash differs, an older version has imported since.';
comment on column import_documents.version is 'Newest revision of the post when that import was done: a higher one was made here.';
comment on column import_documents.visibility is 'What the import asked for or found, whichever is more visible.';
create index import_documents_source on import_documents (source_id);
create index import_documents_post on import_documents (post_id);
create index import_documents_fingerprint on import_documents (fingerprint);
