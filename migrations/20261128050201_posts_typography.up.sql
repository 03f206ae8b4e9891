-- The choice of a post, and what readers see of its title and excerpt where that is another than was typed.
set lock_timeout = '2s';
alter table posts add column typography boolean, add column typeset_title text, add column typeset_excerpt text;
comment on column posts.typography is 'Whether its quotes and dashes are set. Null: as on the whole site.';
comment on column posts.typeset_title is 'The title as readers see it. Null: as it was typed.';
comment on column posts.typeset_excerpt is 'The excerpt as readers see it. Null: as it was typed.';

-- The release before changes a title and knows nothing of these: what has other words than the source is shown no more. Its
-- quotes come with the next rendering.
create function typed_words(line text) returns text
    language sql immutable parallel safe
    return translate(line, E'"''-.“”„‘’‚«»‹›–—… \u00a0\u202f', '');
create function drop_old_typography() returns trigger language plpgsql as $$
begin
    if typed_words(new.typeset_title) <> typed_words(new.title) then
        new.typeset_title := null;
    end if;
    if typed_words(new.typeset_excerpt) <> typed_words(new.excerpt) then
        new.typeset_excerpt := null;
    end if;
    return new;
end $$;
create trigger posts_typography before update of title, excerpt on posts for each row
    when (new.typeset_title is not null or new.typeset_excerpt is not null)
    execute function drop_old_typography();
grant execute on function typed_words(text), drop_old_typography() to public;
