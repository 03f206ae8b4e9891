-- What an invitation gives. Few rows: they are looked at here.
set lock_timeout = '2s';
alter table invitations
    drop constraint invitations_role_check,
    add constraint invitations_role_check check (role in ('reader', 'contributor', 'author', 'editor'));
