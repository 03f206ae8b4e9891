drop table site, invitations, sessions, avatars, username_history, user_profiles, users;
