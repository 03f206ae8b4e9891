set lock_timeout = '2s';
alter table tags validate constraint tags_leads_to;
