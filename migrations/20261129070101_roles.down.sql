set lock_timeout = '2s';
-- With no right that they had not.
update users set role = case role when 'editor' then 'author' else 'reader' end where role in ('contributor', 'editor');
alter table users
    drop constraint users_role_check,
    add constraint users_role_check check (role in ('reader', 'author', 'moderator', 'admin', 'owner'));
