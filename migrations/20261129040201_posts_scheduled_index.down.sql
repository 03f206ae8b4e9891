drop index posts_scheduled_for;
