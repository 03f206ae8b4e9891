set lock_timeout = '2s';
alter table post_bodies
    add column heading text not null default '',
    add constraint post_bodies_heading check (char_length(heading) <= 300) not valid;
comment on column post_bodies.heading is 'The heading that the text begins with, as plain text: it stands for a title that was not given. Empty: another thing comes first, or an older release wrote the text and it is yet to be rendered again.';
