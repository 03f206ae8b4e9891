set lock_timeout = '2s';
comment on column comments.renderer_version is null;
comment on column post_bodies.renderer_version is null;
drop table render_refusals;
