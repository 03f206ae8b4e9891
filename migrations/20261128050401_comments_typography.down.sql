drop function post_typography(bigint);
alter table comments drop column typography;
