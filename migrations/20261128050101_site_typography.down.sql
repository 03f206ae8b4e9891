drop function text_typography(boolean, text, boolean, text);
alter table site drop column typography;
