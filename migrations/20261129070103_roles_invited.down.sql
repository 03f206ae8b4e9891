set lock_timeout = '2s';
update invitations set role = case role when 'editor' then 'author' else 'reader' end where role in ('contributor', 'editor');
alter table invitations
    drop constraint invitations_role_check,
    add constraint invitations_role_check check (role in ('reader', 'author'));
