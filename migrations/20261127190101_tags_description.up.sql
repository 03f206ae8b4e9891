-- What a tag is about, shown on its page and in its feeds.
set lock_timeout = '2s';
alter table tags
    add column description text check (char_length(description) between 1 and 1000),
    add column description_typed boolean not null default false;
comment on column tags.description is 'Plain text. Null: nothing is said of it.';
comment on column tags.description_typed is 'An admin wrote the description or took it away: imports leave it as it is.';
