-- Who is here, how they sign in, who may join.
create table users (
    id           bigint generated always as identity primary key,
    public_id    uuid not null unique,
    username     text not null check (char_length(username) between 1 and 40),
    username_key text not null,
    name         text not null default '' check (char_length(name) <= 80),
    avatar_id    uuid,
    role         text not null check (role in ('reader', 'author', 'moderator', 'admin', 'owner')),
    created_at   timestamptz not null default now(),
    disabled_at  timestamptz,
    constraint users_username_key_key unique (username_key)
);
comment on table users is 'What lists need to know of a person; the rest is in user_profiles.';
comment on column users.public_id is 'UUIDv7, the only id of a person that leaves the database.';
comment on column users.username_key is 'Case-folded confusable skeleton of the username: two names that look alike have the same key.';
comment on column users.avatar_id is 'Key into avatars; a new picture gets a new id, so its address can be cached for ever.';
comment on column users.disabled_at is 'Cannot sign in since then: closed by staff.';

create table user_profiles (
    user_id       bigint primary key references users on delete cascade,
    email         text check (char_length(email) <= 254),
    email_key     text,
    password_hash text,
    bio           text not null default '' check (char_length(bio) <= 1000),
    website       text not null default '' check (char_length(website) <= 500),
    import_key    text unique check (char_length(import_key) <= 300),
    updated_at    timestamptz not null default now(),
    constraint user_profiles_email_key_key unique (email_key)
);
comment on table user_profiles is 'The wide, private half of a person.';
comment on column user_profiles.email is 'As typed. Null for imported authors, who have no address.';
comment on column user_profiles.email_key is 'Lower-cased address: one account an address.';
comment on column user_profiles.import_key is 'Source and key of an imported author, so that a second import finds the same person.';
comment on column user_profiles.password_hash is 'PHC string (argon2id). Null: nobody can sign in with a password.';

create table username_history (
    username_key text primary key,
    username     text not null,
    user_id      bigint not null references users on delete cascade,
    changed_at   timestamptz not null default now()
);
comment on table username_history is 'Handles somebody gave up: they redirect for ever and nobody else can take them.';
create index username_history_user on username_history (user_id);

create table avatars (
    id           uuid primary key,
    user_id      bigint not null references users on delete cascade,
    content_type text not null,
    bytes        bytea not null check (octet_length(bytes) <= 262144),
    created_at   timestamptz not null default now()
);
comment on table avatars is 'Re-encoded square pictures, small enough that every node can serve them from the database.';
create index avatars_user on avatars (user_id);

create table sessions (
    id           bigint generated always as identity primary key,
    public_id    uuid not null unique,
    token_hash   bytea not null unique check (octet_length(token_hash) = 32),
    user_id      bigint not null references users on delete cascade,
    user_agent   text not null default '' check (char_length(user_agent) <= 256),
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null
);
comment on table sessions is 'One row a signed-in browser. Deleting the row signs it out.';
comment on column sessions.token_hash is 'SHA-256 of the 256-bit token in the cookie: a copy of this table signs nobody in.';
create index sessions_user on sessions (user_id, last_seen_at desc);
create index sessions_expiry on sessions (expires_at);

create table invitations (
    id         bigint generated always as identity primary key,
    public_id  uuid not null unique,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    role       text not null check (role in ('reader', 'author')),
    note       text not null default '' check (char_length(note) <= 200),
    created_by bigint not null references users,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    max_uses   integer not null check (max_uses between 1 and 1000),
    uses       integer not null default 0 check (uses <= max_uses),
    revoked_at timestamptz
);
comment on table invitations is 'Links that let people join while sign-up is by invitation. Used up by a conditional update, never by check-then-insert.';

create table site (
    only_row       boolean primary key default true check (only_row),
    name           text not null default 'Masthead' check (char_length(name) between 1 and 80),
    tagline        text not null default '' check (char_length(tagline) <= 200),
    language       text not null default 'en' check (char_length(language) between 2 and 35),
    sign_up        text not null default 'open' check (sign_up in ('open', 'invite', 'closed')),
    sign_up_role   text not null default 'author' check (sign_up_role in ('reader', 'author')),
    comment_policy text not null default 'members' check (comment_policy in ('off', 'members', 'first_held', 'all_held')),
    set_up_at      timestamptz,
    updated_at     timestamptz not null default now()
);
comment on table site is 'The settings of the whole site: exactly one row.';
comment on column site.set_up_at is 'When the owner was made. Null: every page leads to the set-up page.';
insert into site default values;
