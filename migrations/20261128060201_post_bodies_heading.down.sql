set lock_timeout = '2s';
alter table post_bodies drop column heading;
