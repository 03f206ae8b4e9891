-- Corrections that readers are told of: what a public post said wrongly, and which version put it right.
set lock_timeout = '2s';
create table corrections (
    post_id          bigint not null references posts on delete cascade,
    version          integer not null,
    corrects         integer not null check (corrects < version),
    remark           text not null check (char_length(remark) between 1 and 500),
    shows_difference boolean not null,
    made_at          timestamptz not null default now(),
    primary key (post_id, version)
);
comment on column corrections.corrects is 'The version that readers had until then.';
comment on column corrections.shows_difference is 'Whether readers can compare the two.';
