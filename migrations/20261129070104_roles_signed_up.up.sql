-- What an account is that signs up. A release that does not know the word takes it for reader.
set lock_timeout = '2s';
alter table site
    drop constraint site_sign_up_role_check,
    add constraint site_sign_up_role_check check (sign_up_role in ('reader', 'contributor', 'author'));
