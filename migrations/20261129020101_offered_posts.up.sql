-- Posts that pages lead to which list none of their own: lists that a job keeps.
set lock_timeout = '2s';
create table offered_posts (
    list           text not null check (list in ('discussed', 'newest')),
    place          smallint not null check (place between 1 and 5),
    post_id        bigint not null references posts on delete cascade,
    post_public_id uuid not null,
    primary key (list, place)
);
create index offered_posts_post on offered_posts (post_id);
comment on table offered_posts is 'The most discussed posts, and the newest for pages about what is missing. Some may be out of readers'' sight since: pages show those that they may get.';

-- Those of them that readers may get. As with the tables, the rights are those of the role that asks.
create view public_offers with (security_invoker = true) as
select o.list, o.place, p.public_id, p.owner, p.path,
       case when p.title = '' then coalesce((select heading from post_bodies where post_id = p.id), '') else p.title end as title,
       p.description, p.language, p.published_at, coalesce(nullif(w.name, ''), w.username) as by_name
from offered_posts o join listed_posts l on l.id = o.post_id join public_posts p on p.id = l.id join users w on w.id = p.owner_id;
