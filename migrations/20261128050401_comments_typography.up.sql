-- As of posts: a comment is set as the post is under which it stands.
set lock_timeout = '2s';
alter table comments add column typography text not null default '';
comment on column comments.typography is 'The language by whose custom its punctuation was set; empty: as typed.';

create function post_typography(post bigint) returns text
    language sql stable parallel safe
    return (select text_typography(p.typography, p.language, s.typography, s.language) from posts p cross join site s
            where p.id = post);
comment on function post_typography is 'The language by whose custom a post and its comments are to be set; empty: as typed.';
grant execute on function post_typography(bigint) to public;
