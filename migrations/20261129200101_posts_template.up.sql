-- A draft from which its author begins others. To a node of the release before it is a draft as every other. What such a node publishes
-- is a post as every other: only drafts are templates.
set lock_timeout = '2s';
alter table posts add column is_template boolean not null default false;
comment on column posts.is_template is 'Of a draft: others are begun from it, and it is not published.';
