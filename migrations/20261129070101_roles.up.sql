-- Two roles more: contributors write and submit, editors edit and publish the posts of all. A release that does not know them takes
-- them for readers.
set lock_timeout = '2s';
alter table users
    drop constraint users_role_check,
    add constraint users_role_check
        check (role in ('reader', 'contributor', 'author', 'editor', 'moderator', 'admin', 'owner')) not valid;
