-- A tag is its name, not its address: C, C++ and C# are three tags, and so are 数据 and 书局. Addresses and the ids of feeds
-- are stored and stay as they are.
set lock_timeout = '2s';
alter table tags
    add column name_key text check (char_length(name_key) between 1 and 1200),
    add column leads_to bigint,
    add column feed_slug text check (char_length(feed_slug) between 1 and 80);
alter table tags add constraint tags_leads_to foreign key (leads_to) references tags not valid;
comment on column tags.name_key is
    'The name under NFKC and case folding. Null: not filled in yet, as in rows that a node of the release before makes; a job fills it in.';
comment on column tags.slug is 'Address, made when the tag was and never derived again. Also former addresses stay taken.';
comment on column tags.leads_to is 'The tag that this former name or address means now: it has no posts of its own.';
comment on column tags.feed_slug is 'Slug in the ids of its feeds, where it is another than the address. Null: the address.';
