drop trigger posts_typography on posts;
drop function drop_old_typography();
drop function typed_words(text);
alter table posts drop column typeset_excerpt, drop column typeset_title, drop column typography;
