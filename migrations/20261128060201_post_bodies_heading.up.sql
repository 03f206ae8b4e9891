set lock_timeout = '2s';
alter table post_bodies add column heading text not null default '' check (char_length(heading) <= 300);
comment on column post_bodies.heading is 'The heading that the text begins with, as plain text: it stands for a title that was not given. Empty: another thing comes first, or an older release wrote the text and it is yet to be rendered again.';
