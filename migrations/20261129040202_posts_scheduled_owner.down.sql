drop index posts_scheduled_owner;
