-- What the HTML was made with, beside the version of the renderer.
set lock_timeout = '2s';
alter table post_bodies add column typography text not null default '';
comment on column post_bodies.typography is 'The language by whose custom its punctuation was set; empty: as typed. Another than text_typography says: renderer_version is 0, or will be.';
