-- How nodes tell each other which cached pages a commit has changed.
create table cache_invalidations (
    id             bigint generated always as identity primary key,
    tags           text[] not null,
    gone           boolean not null,
    xid            xid8 not null default pg_current_xact_id(),
    transaction_id uuid,
    at             timestamptz not null default now()
);
comment on table cache_invalidations is 'One row a change of public pages, written in the transaction that changes them. Kept for a day.';
comment on column cache_invalidations.gone is 'Taken down rather than edited: no copy may be shown again, not even while the database is away.';
comment on column cache_invalidations.xid is 'The transaction itself. Readers go by it, since ids become visible in the order of commits, not of numbers.';
comment on column cache_invalidations.transaction_id is 'The business action, so that its receipt can be shown.';
create index cache_invalidations_xid on cache_invalidations (xid);
create index cache_invalidations_at on cache_invalidations (at);
create index cache_invalidations_transaction on cache_invalidations (transaction_id) where gone;

create table cache_nodes (
    node    uuid primary key,
    name    text not null check (char_length(name) <= 100),
    seen_at timestamptz not null default now()
);
comment on table cache_nodes is 'Processes that serve pages from memory, each by its own id; a row that is not renewed is of one that ended or is cut off.';

create table cache_acknowledgements (
    invalidation_id bigint not null references cache_invalidations on delete cascade,
    node            uuid not null references cache_nodes on delete cascade,
    at              timestamptz not null default now(),
    primary key (invalidation_id, node)
);
comment on table cache_acknowledgements is 'Which node has given up its copies of what was taken down.';
create index cache_acknowledgements_node on cache_acknowledgements (node);

create table assets (
    name         text primary key check (char_length(name) <= 200),
    content_type text not null,
    bytes        bytea not null check (octet_length(bytes) <= 4194304),
    brotli       bytea,
    last_used_at timestamptz not null default now()
);
comment on table assets is 'Embedded files of every version that runs or ran lately, so that a page of one version finds its files at a node of another.';
