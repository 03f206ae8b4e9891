alter table post_bodies drop column typography;
