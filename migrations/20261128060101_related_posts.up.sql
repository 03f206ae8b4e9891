-- Which posts are about the same as another: lists that a job keeps and that pages show as they are stored.
set lock_timeout = '2s';
create table related_posts (
    post_id           bigint not null references posts on delete cascade,
    place             smallint not null check (place between 1 and 5),
    related_id        bigint not null references posts on delete cascade,
    related_public_id uuid not null,
    primary key (post_id, place)
);
create index related_posts_related on related_posts (related_id);
comment on table related_posts is 'Posts related to a listed post, the nearest first. Some may be out of readers'' sight since: pages show those that they may get.';

create table related_walk (
    is_one   boolean primary key default true check (is_one),
    after_id bigint not null default 0
);
insert into related_walk default values;
comment on table related_walk is 'One row: the post that the job which keeps related_posts has come to.';
