set lock_timeout = '2s';
update site set sign_up_role = 'reader' where sign_up_role = 'contributor';
alter table site
    drop constraint site_sign_up_role_check,
    add constraint site_sign_up_role_check check (sign_up_role in ('reader', 'author'));
