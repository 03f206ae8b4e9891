-- Smart punctuation: what readers get has the quotes and dashes of its language where the site wants it, or the post.
set lock_timeout = '2s';
alter table site add column typography boolean not null default false;
comment on column site.typography is 'Quotes and dashes that were typed on a typewriter become those of the language. Posts can say otherwise.';

create function text_typography(own boolean, language text, site_typography boolean, site_language text) returns text
    language sql immutable parallel safe
    return case when coalesce(own, site_typography) then coalesce(nullif(language, ''), site_language) else '' end;
comment on function text_typography is 'The language by whose custom the punctuation of a text is set; empty: as it was typed. Site::typography_of is the same in the program.';
grant execute on function text_typography(boolean, text, boolean, text) to public;
