drop trigger posts_typography on posts;
drop function drop_old_typography();
drop function typed_words(text);
alter table posts drop column set_excerpt, drop column set_title, drop column typography;
